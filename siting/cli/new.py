"""`siting new`: asks what was not given, writes the folder, and says what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from siting.errors import ConfigError
from siting.starter import Started, Wishes, start_folder


@dataclass(frozen=True)
class Given:
    """What stands on the command line."""

    name_en: str | None
    name_zh: str | None
    lang: str | None
    osm: Path | None
    place: str | None


def asked_wishes(given: Given, *, ask: bool) -> Wishes:
    """What was given, and the rest asked for on the terminal, or as usual where nothing may be asked.

    Raises
    ------
    ConfigError
        If both a file and a place are given, or no name is given and none may be asked for.
    """
    if given.osm is not None and given.place is not None:
        raise ConfigError("--osm and --place: give one of them, the extract or the place to ask the servers for")
    if given.name_en is None and not ask:
        raise ConfigError("--city-name: missing; give the name of the city, or leave --yes out to be asked")
    name_en = given.name_en or typer.prompt("Name of the city, English 城市英文名称")
    name_zh, lang, osm = given.name_zh, given.lang, given.osm
    if ask:
        name_zh = name_zh or typer.prompt("Name of the city, Chinese 城市中文名称", default=name_en)
        lang = lang or typer.prompt("Language of comments 注释语言 (zh/en)", default="zh")
        if osm is None and given.place is None:
            told = typer.prompt("OpenStreetMap extract, empty: none 数据文件（可留空）", default="", show_default=False)
            osm = Path(told) if told.strip() else None
    return Wishes(name_en, name_zh or name_en, "en" if lang == "en" else "zh", osm, given.place)


def start_and_report(folder: Path, wishes: Wishes, console: Console) -> Started:
    """Write the folder, then print what is in it and the commands that follow."""
    started = start_folder(folder, wishes)
    for name in started.files:
        console.print(f"  {folder / name}", soft_wrap=True)
    for note in started.notes:
        console.print(Text(f"- {note}", style="yellow"), soft_wrap=True)
    console.print("Next 下一步:" if started.is_complete else "Next, once the sources are there 补齐数据后:")
    console.print(f"  siting data build {folder / 'city-source.yaml'} --out {folder / 'city'}", soft_wrap=True)
    console.print(f"  siting data check {folder / 'city'}", soft_wrap=True)
    console.print(f"  siting run {folder / 'config.yaml'}", soft_wrap=True)
    return started
