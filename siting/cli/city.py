"""Commands that make a city folder: `siting new`, `siting template` and `siting data`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siting.cli.runs import Language
from siting.cli.terminal import out, say, working
from siting.language import reader_language, spoken

if TYPE_CHECKING:
    from rich.table import Table

    from siting.inputs.osm import OsmTables
    from siting.review import Finding
    from siting.starter import Wishes

CURE = 'give one of --place "Town, Country", --pbf FILE, --xml FILE'


@dataclass(frozen=True)
class Given:
    """Options of `siting new`."""

    name_en: str | None
    name_zh: str | None
    lang: str | None
    osm: Path | None
    place: str | None


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.", show_default=False)],
    city_name: Annotated[str | None, typer.Option(help="Name of the city, English.")] = None,
    city_name_zh: Annotated[str | None, typer.Option(help="Name of the city, Chinese.")] = None,
    osm: Annotated[Path | None, typer.Option(metavar="FILE", help="An OpenStreetMap extract of the city.")] = None,
    place: Annotated[str | None, typer.Option(metavar="NAME", help="Place to download instead of a file.")] = None,
    lang: Annotated[Language | None, typer.Option(help="Language of the comments; English if left out.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
) -> None:
    """Start a city of your own: a folder with a commented list of sources and a commented config that runs."""
    wishes = _wishes(Given(city_name, city_name_zh, lang and lang.value, osm, place), ask=not yes)
    _start(folder, wishes)


def template(
    out_file: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Workbook to write, .xlsx.", show_default=False)
    ],
    lang: Annotated[Language, typer.Option(help="Language of headers, lists and guide.")] = Language.zh,
) -> None:
    """Write a workbook to fill in with your own data; `siting data build` reads it unchanged."""
    from siting.starter.template import write_book

    write_book(out_file, lang.value)
    say(f"Workbook to fill in: {out_file}")


def check_data(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The city folder.", show_default=False)],
    reach: Annotated[float, typer.Option(metavar="M", min=1, help="Maximum walk to a point, m.")] = 1000.0,
    preview: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Map to write. Default: DIR/preview.html.")
    ] = None,
) -> None:
    """Check a city folder: counts, extent, datum, duplicates, places outside or out of reach; with a map."""
    from siting.errors import EXIT_BAD_INPUT
    from siting.files import write_file
    from siting.journal import Journal, quiet_libraries
    from siting.review import Verdict, draw_preview, look_over

    with quiet_libraries(Journal()):
        city, findings = look_over(folder, reach_m=reach)
        out().print(_finding_table(f"{city.meta['name_en']} {city.meta['name_zh']}", findings))
        odd_ids = frozenset(one for finding in findings for one in finding.ids)
        page, file = draw_preview(city, findings, odd_ids), preview or folder / "preview.html"
    write_file(file, page, cure="choose another file with --preview")
    say(f"Preview: {file}")
    if any(one.verdict is Verdict.FAULT for one in findings):
        raise typer.Exit(EXIT_BAD_INPUT)


def build(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The spec, a YAML file.", show_default=False)],
    out_folder: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="City folder to write.", show_default=False)
    ],
    source: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder of the sources. Default: that of the spec.")
    ] = None,
    accept_suspicions: Annotated[
        bool, typer.Option("--accept-suspicions", help="Build although coordinates look wrong.")
    ] = False,
) -> None:
    """Build a city folder from the sources that a spec lists."""
    from siting.inputs.assemble import assemble_city
    from siting.render.terminal.city import print_assembled

    with working("building"):
        built = assemble_city(spec, out_folder, source=source, accept_suspicions=accept_suspicions)
    print_assembled(out(), built)
    say(f"City folder: {out_folder}")


def osm(
    out_folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write.", show_default=False)],
    place: Annotated[str | None, typer.Option(metavar="NAME", help='Place to download: "Helsinki, Finland".')] = None,
    pbf: Annotated[Path | None, typer.Option(metavar="FILE", help="Extract, .osm.pbf; needs no network.")] = None,
    xml: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Extract, .osm, .osm.gz or .osm.bz2; needs no network.")
    ] = None,
    overpass: Annotated[str | None, typer.Option(metavar="URL", help="Overpass server, ends in /api.")] = None,
    nominatim: Annotated[str | None, typer.Option(metavar="URL", help="Nominatim server.")] = None,
    cache: Annotated[Path | None, typer.Option(metavar="DIR", help="Cache of the servers' answers.")] = None,
    admin_level: Annotated[
        int | None, typer.Option(min=1, max=12, help="Level of the boundaries that become districts.")
    ] = None,
) -> None:
    """Convert OpenStreetMap to tables: roads, candidates, existing facilities, districts, exclusions, buildings."""
    from siting.inputs.osm import write_osm
    from siting.render.terminal.city import print_osm_tables

    sources: dict[str, str | Path | None] = {"--place": place, "--pbf": pbf, "--xml": xml}
    servers = {"overpass": overpass, "nominatim": nominatim, "cache": cache}
    with working("reading OpenStreetMap"):
        tables = _read_osm(sources, servers, admin_level)
    write_osm(tables, out_folder)
    print_osm_tables(out(), tables)
    say(f"Tables: {out_folder}")


def _wishes(given: Given, *, ask: bool) -> Wishes:
    """Return the wishes given on the command line, with the rest asked for on the terminal or set to defaults.

    Raises
    ------
    ConfigError
        If both a file and a place are given, or no name is given and none may be asked for.
    """
    from siting.errors import ConfigError
    from siting.starter import Wishes

    if given.osm is not None and given.place is not None:
        raise ConfigError("--osm and --place: give one of them, the extract or the place to ask the servers for")
    if given.name_en is None and not ask:
        raise ConfigError(
            "--city-name: missing; give the name of the city (on a terminal and without --yes it is asked)"
        )
    lang = given.lang or reader_language()
    name_en = given.name_en or _asked("terminal.new.name_en", "--city-name")
    name_zh, osm = given.name_zh, given.osm
    if ask:
        name_zh = name_zh or _asked("terminal.new.name_zh", "--city-name-zh", default=name_en)
        if osm is None and given.place is None:
            told = _asked("terminal.new.osm", "--osm", default="", show_default=False)
            osm = Path(told) if told.strip() else None
    return Wishes(name_en, name_zh or name_en, "zh" if lang == "zh" else "en", osm, given.place)


def _asked(key: str, option: str, **more: Any) -> str:
    """Return the answer to a question on the terminal.

    Raises
    ------
    ConfigError
        If nobody answers; the message names the option.
    """
    from siting.errors import ConfigError

    try:
        return str(typer.prompt(spoken(key), **more))
    except typer.Abort:
        raise ConfigError(f"{option}: missing, and nobody answers; give it on the command line") from None


def _start(folder: Path, wishes: Wishes) -> None:
    """Write the starting folder, then print what is in it and the commands that follow."""
    from rich.text import Text

    from siting.journal import Journal, quiet_libraries
    from siting.starter import start_folder

    with quiet_libraries(Journal()):
        started = start_folder(folder, wishes)
    for name in started.files:
        say(f"  {folder / name}")
    for note in started.notes:
        out().print(Text(f"- {note}", style="yellow"), soft_wrap=True)
    say(spoken("terminal.new.next" if started.is_complete else "terminal.new.next_with_sources"))
    say(f"  siting data build {folder / 'city-source.yaml'} --out {folder / 'city'}")
    say(f"  siting data check {folder / 'city'}")
    say(f"  siting run {folder / 'config.yaml'}")


def _read_osm(sources: dict[str, str | Path | None], servers: dict[str, Any], level: int | None) -> OsmTables:
    """Read the one source that is given; `sources` by option, `servers` as `read_osm_place` takes them.

    Raises
    ------
    ConfigError
        If none or several are given, or servers with a file.
    """
    from siting.errors import ConfigError
    from siting.inputs.osm import read_osm_file, read_osm_place

    given = {option: source for option, source in sources.items() if source is not None}
    if len(given) != 1:
        raise ConfigError(f"{' and '.join(given) or 'no source'}: {CURE}, and only one")
    option, source = next(iter(given.items()))
    if option == "--place":
        return read_osm_place(str(source), admin_level=level, **servers)
    asked = [f"--{name}" for name, value in servers.items() if value is not None]
    if asked:
        raise ConfigError(f"{', '.join(asked)}: a file is read without a network; leave it out, or give --place")
    return read_osm_file(Path(str(source)), admin_level=level)


def _finding_table(title: str, findings: list[Finding]) -> Table:
    """Return one row for each thing looked at: how it was found, how many, which, and the cure."""
    from rich.table import Table
    from rich.text import Text

    from siting.review import Verdict

    styles = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAULT: "bold red"}
    table = Table("what", "", "found", "how many", "which", "cure", title=title, title_justify="left")
    for one in findings:
        number = f"{one.count:,}" if one.count else ""
        verdict = Text(one.verdict.value, style=styles[one.verdict])
        table.add_row(Text(one.what), verdict, Text(one.found), number, Text(one.which), Text(one.cure))
    return table
