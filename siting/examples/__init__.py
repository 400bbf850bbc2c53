"""Examples that come with the package: configs with the city tables and parameters that they need.

>>> import siting
>>> siting.examples.load("heping")
<Problem heping: Heping district, operator's view, 2027, 6 lines of targets>
"""

from __future__ import annotations

import builtins
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from siting.errors import ConfigError, FileError
from siting.files import new_folder

if TYPE_CHECKING:
    from siting.problem import Problem

STREAMS = ("agricultural-film", "appliances-and-batteries", "construction-waste", "kitchen-waste", "textiles")
"""Examples of other streams than household recyclables; they lie in `configs/examples`."""
NAMES = ("heping", "helsinki", *STREAMS, "tianjin-2027", "tianjin-rollout")
"""In the order of their size."""


@dataclass(frozen=True)
class Example:
    """An example: the name to load it by, and its title."""

    name: str
    title_en: str
    title_zh: str


def list() -> builtins.list[Example]:
    """Return the examples, the smallest first."""
    found = []
    for name in NAMES:
        title = yaml.safe_load(_config_path(name).read_text(encoding="utf-8"))["title"]
        found.append(Example(name, title["en"], title["zh"]))
    return found


def load(name: str) -> Problem:
    """Return the problem of an example; run folders go to `runs` in the working directory.

    Raises
    ------
    ConfigError
        If there is no such example.
    """
    from siting.problem import read_config

    return read_config(_config_path(name)).with_config({"runs": Path("runs").absolute()})


def copy(name: str, folder: str | Path) -> Path:
    """Copy the config of an example and all files that it needs; return the path of the copied config.

    Raises
    ------
    ConfigError
        If there is no such example.
    FileError
        If the folder cannot be written, or holds anything.
    """
    root, config = _root(), _config_path(name)
    if Path(folder).is_dir() and any(Path(folder).iterdir()):
        raise FileError(f"{folder}: holds files, perhaps changed since they were copied; choose another folder")
    with new_folder(folder) as partial:
        for path in _files_of(config):
            target = partial / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    return Path(folder) / config.relative_to(root)


def _config_path(name: str) -> Path:
    if name not in NAMES:
        raise ConfigError(f"example {name!r}: unknown; there are {', '.join(NAMES)}")
    return _root() / "configs" / ("examples" if name in STREAMS else "") / f"{name}.yaml"


def _root() -> Path:
    """Return the folder of `configs` and `data`: of the package where it is installed, else of the repository."""
    here = Path(__file__).parent
    roots = (here / "files", here.parents[1])
    for root in roots:
        if (root / "configs" / f"{NAMES[0]}.yaml").is_file():
            return root
    raise FileError(f"{roots[0]}: the examples are missing; install siting again")


def _files_of(config: Path) -> Iterator[Path]:
    """Yield every file that a config needs, itself first."""
    from siting.config import load_config

    loaded = load_config(config)
    yield from loaded.files
    yield from (path for path in sorted(loaded.config.city.iterdir()) if path.is_file())
    yield from loaded.config.layout.files()
