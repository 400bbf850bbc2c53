"""Build step beside pyproject.toml: the wheel takes the examples with it, from their one place in the repository."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
EXAMPLE_FILES = (
    "configs/heping.yaml",
    "configs/helsinki.yaml",
    "configs/tianjin-2027.yaml",
    "configs/tianjin-rollout.yaml",
    "configs/examples/agricultural-film.yaml",
    "configs/examples/appliances-and-batteries.yaml",
    "configs/examples/construction-waste.yaml",
    "configs/examples/kitchen-waste.yaml",
    "configs/examples/textiles.yaml",
    "data/named-features.yaml",
    "data/parameters.csv",
    "data/county/city/*",
    "data/helsinki/city/*",
    "data/tianjin/*",
)
"""What `siting.examples` lists and loads, in the same folders: the configs name files relative to their own."""


class BuildWithExamples(build_py):
    """Copies the examples into the package; an editable install reads them where they are."""

    def run(self) -> None:
        """Build the modules, then copy the examples."""
        super().run()
        if self.editable_mode:
            return
        for pattern in EXAMPLE_FILES:
            paths = [path for path in sorted(ROOT.glob(pattern)) if path.is_file() and path.name != "preview.html"]
            if not paths:
                raise FileNotFoundError(f"{ROOT / pattern}: missing; build from the repository or the source archive")
            for path in paths:
                target = Path(self.build_lib) / "siting" / "examples" / "files" / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)


setup(cmdclass={"build_py": BuildWithExamples})
