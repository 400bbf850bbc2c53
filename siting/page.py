"""A page made from results: saved, opened in a browser, or shown in a notebook."""

from __future__ import annotations

import html
import tempfile
import webbrowser
from dataclasses import dataclass
from pathlib import Path

from siting.files import write_file


@dataclass(frozen=True)
class Page:
    """An HTML page that needs no network. In a notebook it shows itself in a frame of `height_px` pixels."""

    text: str
    name: str
    height_px: int = 640

    def save(self, path: str | Path, *, cure: str = "choose another file") -> Path:
        """Write the page and return its path.

        Raises
        ------
        FileError
            If it cannot be written; the message ends with `cure`.
        """
        write_file(path, self.text, cure=cure)
        return Path(path)

    def open(self) -> Path:
        """Save the page in a temporary folder, open it in the browser, and return its path."""
        path = self.save(Path(tempfile.mkdtemp(prefix="siting-")) / f"{self.name}.html")
        webbrowser.open(path.as_uri())
        return path

    def __repr__(self) -> str:
        """Return the name and size."""
        return f"<Page {self.name}, {len(self.text.encode()) / 1000:,.0f} kB>"

    def _repr_html_(self) -> str:
        content = html.escape(self.text, quote=True)
        return (
            f'<iframe title="{html.escape(self.name)}" srcdoc="{content}" loading="lazy"'
            f' style="width:100%;height:{self.height_px}px;border:0"></iframe>'
        )
