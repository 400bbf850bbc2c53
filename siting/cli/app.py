"""The commands. Each is thin: it reads its options and calls the stage that does the work."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siting import __version__
from siting.cli.consoles import err, out
from siting.cli.group import SafeGroup

if TYPE_CHECKING:
    from siting.config import Loaded

app = typer.Typer(
    cls=SafeGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Chooses where a city's recycling network goes, at least cost and with a proven bound, and shows it on a map.",
    epilog="Exit codes: 0 done, 2 bad input, 3 no plan can meet the targets, 4 out of time with no plan.",
)
data = typer.Typer(no_args_is_help=True, help="Make the city folder that plans are made from.")
app.add_typer(data, name="data")
imports = typer.Typer(no_args_is_help=True, help="Take what other tools plan.")
app.add_typer(imports, name="import")


class Engine(enum.StrEnum):
    """Engines that `--engine` knows."""

    auto = "auto"
    exact = "exact"
    city = "city"


class SpreadLaw(enum.StrEnum):
    """Laws that `siting evaluate --law` knows."""

    lognormal = "lognormal"
    normal = "normal"


class Basemap(enum.StrEnum):
    """Basemaps that `siting map --basemap` knows."""

    osm = "osm"
    tianditu = "tianditu"
    amap = "amap"


class TemplateLanguage(enum.StrEnum):
    """Languages that `siting template` writes."""

    en = "en"
    zh = "zh"


ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="The config, a YAML file.", show_default=False)]
Public = Annotated[
    bool, typer.Option("--publication", help="For the public (公开版): coarse places, no cells, room for the 审图号.")
]
ApprovalNumber = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Map approval number (审图号) that --publication shows.")
]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="The folder that a run left.", show_default=False)]


def _print_version(is_asked: bool) -> None:
    if is_asked:
        out().print(f"siting {__version__}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Options of every command."""


@app.command()
def run(  # noqa: PLR0913, PLR0917 — a command line has as many options as it has
    config: ConfigFile,
    engine: Annotated[Engine | None, typer.Option(help="exact: any size of model that the solver can take.")] = None,
    solver: Annotated[str | None, typer.Option(help="Solver of the exact engine; see `siting doctor`.")] = None,
    time_limit: Annotated[float | None, typer.Option(min=0.001, help="Seconds that the solve may take.")] = None,
    gap: Annotated[float | None, typer.Option(min=0, max=1, help="Stop at this proven gap; 0.01 is 1 %.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Processor threads.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Same seed and threads, same plan, where no time limit cuts a search.")
    ] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Run folder to write, instead of runs/NAME.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the run, instead of the config's.")] = None,
    open_map: Annotated[bool, typer.Option("--open", help="Open the map in the browser.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Plan: solve a config, verify the plan, write the run folder with its map, print the scorecard."""
    from siting.cli.planning import plan_and_report

    solve: dict[str, Any] = {
        "engine": None if engine is None else engine.value, "solver": solver, "time_limit_s": time_limit,
        "gap": gap, "threads": threads, "seed": seed,
    }  # fmt: skip
    loaded = _load(config, {key: value for key, value in solve.items() if value is not None}, name)
    folder = out_folder or loaded.config.runs / loaded.config.name
    plan_and_report(loaded, folder, is_quiet=quiet)
    if open_map:
        import webbrowser

        webbrowser.open((folder / "map.html").absolute().as_uri())


@app.command()
def pareto(
    config: ConfigFile,
    points: Annotated[int | None, typer.Option(min=2, max=50, help="Plans to find, instead of the config's.")] = None,
    time_limit: Annotated[float | None, typer.Option(min=0.001, help="Seconds that each solve may take.")] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="CSV to write, instead of runs/NAME-front.csv.")
    ] = None,
) -> None:
    """Find plans between two goals of a config (section pareto), none of them better than another in both."""
    from siting.cli.fronts import find_and_print_front

    loaded = _load(config, {} if time_limit is None else {"time_limit_s": time_limit})
    file = out_file or loaded.config.runs / f"{loaded.config.name}-front.csv"
    find_and_print_front(loaded, file, points=points)


@app.command()
def check(config: ConfigFile) -> None:
    """Check a config and its city without solving: schema, tables, geometry, travel, and what arithmetic rules out."""
    from siting.cli.planning import check_and_report

    check_and_report(_load(config))


@app.command(name="map")
def draw(
    run: RunFolder,
    out_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Instead of RUN/map.html, map-BASEMAP.html …")
    ] = None,
    basemap: Annotated[
        Basemap | None, typer.Option(help="Online tiles under the plan, which is drawn in their datum.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Your key to Tianditu; it can be read in the page.")] = None,
    publication: Public = False,
    approval_number: ApprovalNumber = None,
) -> None:
    """Draw the map of a run again, from its folder alone."""
    from siting.cli.publishing import shown_run
    from siting.errors import ConfigError, FileError
    from siting.render.html.map.page import draw_map
    from siting.results.results import Results

    if key and basemap is None:
        raise ConfigError("--key: there is no basemap that needs it; add --basemap tianditu or leave --key out")
    kind = f"-{basemap.value}" if basemap else "-publication" if publication else ""
    target = out_file or run / f"map{kind}.html"
    record = shown_run(run, is_public=publication, approval_number=approval_number)
    page = draw_map(Results(record), basemap=basemap and basemap.value, key=key)
    try:
        target.write_text(page, encoding="utf-8")
    except OSError as error:
        raise FileError(f"{target}: cannot be written ({error.strerror}); choose another file with --out") from error
    out().print(f"Map: {target}", soft_wrap=True)


@app.command()
def report(
    run: RunFolder,
    out_file: Annotated[
        Path | None, typer.Option("--output", "--out", metavar="FILE", help="Instead of RUN/report.html.")
    ] = None,
    publication: Public = False,
    approval_number: ApprovalNumber = None,
) -> None:
    """Write the report of a run again, from its folder alone: one page to decide by, then all figures."""
    from siting.cli.publishing import shown_run
    from siting.errors import FileError
    from siting.render.html.report.page import draw_report
    from siting.results.results import Results

    target = out_file or run / ("report-publication.html" if publication else "report.html")
    record = shown_run(run, is_public=publication, approval_number=approval_number)
    page = draw_report(Results(record))
    try:
        target.write_text(page, encoding="utf-8")
    except OSError as error:
        raise FileError(f"{target}: cannot be written ({error.strerror}); choose another file with --output") from error
    out().print(f"Report: {target}", soft_wrap=True)


@app.command()
def verify(run: RunFolder) -> None:
    """Recompute a run's cost, targets and bound from its folder; differences are errors."""
    from siting.cli.recheck import recheck_run

    recheck_run(out(), run)


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN …", help="Run folders.", show_default=False)],
    html_file: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Page to write, instead of compare-A-B.html beside run A."),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="JSON to write.")] = None,
    xlsx_file: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="Workbook to write.")] = None,
    moved_within: Annotated[
        float | None,
        typer.Option(metavar="M", min=0, help="How far a site may have moved, m, instead of 500 to 5,000 by echelon."),
    ] = None,
) -> None:
    """Compare runs: cost and what its bounds prove, targets, tonnes, emissions, and which sites they share."""
    from siting.cli.comparing import Files, compare_and_report

    compare_and_report(out(), runs, Files(html_file, json_file, xlsx_file), moved_within)


@app.command(name="evaluate")
def evaluate_run(
    run: RunFolder,
    samples: Annotated[int, typer.Option(min=1, help="Years of demand to draw.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same years.")] = 1,
    cv: Annotated[
        float, typer.Option(min=0, max=2, help="Standard deviation over mean of each district's tonnes.")
    ] = 0.15,
    law: Annotated[SpreadLaw, typer.Option(help="How the factors on demand are spread.")] = SpreadLaw.lognormal,
    stage: Annotated[
        str | None, typer.Option(metavar="NAME", help="Year or case to try; else the last year, the likeliest case.")
    ] = None,
) -> None:
    """Try a run's plan in years of demand drawn at random: flows decided anew, facilities as they are."""
    from siting.cli.evaluating import try_and_report
    from siting.evaluate import Law

    try_and_report(out(), run, samples=samples, seed=seed, cv=cv, law=Law(law.value), stage=stage)


@app.command()
def export(
    source: Annotated[
        Path, typer.Argument(metavar="CONFIG|RUN", help="The folder of a run; for a model also a config.")
    ],
    out_file: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", help="Ends in .xlsx, .gpkg, .kml, .zip, .lp or .mps.", show_default=False
        ),
    ],
    lang: Annotated[TemplateLanguage | None, typer.Option(help="Language of the workbook's cells.")] = None,
    datum: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of .kml and .zip: wgs84, cgcs2000, gcj02, bd09, EPSG:n.")
    ] = None,
    publication: Public = False,
    approval_number: ApprovalNumber = None,
) -> None:
    """Write a run as a workbook, GeoPackage, KML or zipped Shapefiles, or the model that is solved (.lp, .mps)."""
    from siting.cli.exporting import Wishes, export_and_report

    wishes = Wishes(None if lang is None else lang.value, datum, publication, approval_number)
    export_and_report(out(), source, out_file, wishes)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.", show_default=False)],
    city_name: Annotated[str | None, typer.Option(help="Name of the city, English.")] = None,
    city_name_zh: Annotated[str | None, typer.Option(help="Name of the city, Chinese.")] = None,
    osm: Annotated[Path | None, typer.Option(metavar="FILE", help="An OpenStreetMap extract of the city.")] = None,
    place: Annotated[str | None, typer.Option(metavar="NAME", help="Instead: a place to ask the servers for.")] = None,
    lang: Annotated[TemplateLanguage | None, typer.Option(help="Language of the comments.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
) -> None:
    """Start a city of your own: a folder with a commented list of sources and a commented config that runs."""
    from siting.cli.new import Given, asked_wishes, start_and_report
    from siting.journal import Journal, quiet_libraries

    told = None if lang is None else lang.value
    wishes = asked_wishes(Given(city_name, city_name_zh, told, osm, place), ask=not yes)
    with quiet_libraries(Journal()):
        start_and_report(folder, wishes, out())


@app.command()
def locate(  # noqa: PLR0913, PLR0917 — a command line has as many options as it has
    problem: Annotated[
        str, typer.Argument(metavar="PROBLEM", help="lscp, mclp, p-median, p-center, uflp, cflp, tscflp.")
    ],
    demand: Annotated[
        Path, typer.Option(metavar="FILE", help="Demand nodes: CSV (lon, lat), GeoPackage, GeoJSON, Parquet.")
    ],
    sites: Annotated[Path, typer.Option(metavar="FILE", help="Candidate sites, likewise.")],
    plants: Annotated[Path | None, typer.Option(metavar="FILE", help="Plants of the upper stage (tscflp).")] = None,
    p: Annotated[int | None, typer.Option("--p", min=1, help="Sites to choose.")] = None,
    within_m: Annotated[float | None, typer.Option(min=0, help="Service distance, m (lscp, mclp).")] = None,
    weight: Annotated[str | None, typer.Option(metavar="COLUMN", help="Weight, or demand, of a node; 1 else.")] = None,
    capacity: Annotated[str | None, typer.Option(metavar="COLUMN", help="Capacity of a site, or plant.")] = None,
    opening: Annotated[str | None, typer.Option(metavar="COLUMN", help="Cost of opening a site, or plant.")] = None,
    fixed: Annotated[str | None, typer.Option(metavar="COLUMN", help="Marks sites that must be chosen.")] = None,
    forbidden: Annotated[str | None, typer.Option(metavar="COLUMN", help="Marks sites that must not be.")] = None,
    cost_per_km: Annotated[float, typer.Option(min=0, help="Of a unit of weight (uflp, cflp, tscflp).")] = 1.0,
    single_source: Annotated[bool, typer.Option("--single-source", help="One site a node (cflp).")] = False,
    network: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="City folder whose streets are walked.")
    ] = None,
    straight: Annotated[bool, typer.Option("--straight", help="Straight lines, as without --network.")] = False,
    time_limit: Annotated[float, typer.Option(min=0.001, help="Seconds that the solve may take.")] = 60.0,
    gap: Annotated[float, typer.Option(min=0, max=1, help="Stop at this proven gap.")] = 1e-6,
    map_file: Annotated[Path | None, typer.Option("--map", metavar="FILE", help="Map to write, .html.")] = None,
    out_path: Annotated[Path | None, typer.Option("--out", metavar="FOLDER|FILE.csv", help="Tables to write.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer for programs.")] = False,
) -> None:
    """Solve a classic location problem by name: covering, median, center, facility location; with a proven bound."""
    from siting.cli.locate import locate_and_report, problem_named
    from siting.errors import ConfigError
    from siting.locate.io.request import Asked

    if straight and network is not None:
        raise ConfigError("--straight and --network: give one of them")
    asked = Asked(
        problem_named(problem), demand, sites, plants=plants, p=p, within_m=within_m, weight=weight, capacity=capacity,
        opening=opening, fixed=fixed, forbidden=forbidden, cost_per_km=cost_per_km, single_source=single_source,
        network=network, time_limit_s=time_limit, gap=gap,
    )  # fmt: skip
    locate_and_report(out(), asked, out=out_path, page=map_file, as_json=as_json)


@app.command()
def doctor(
    runs: Annotated[Path, typer.Option(help="Folder that run folders go to.")] = Path("runs"),
) -> None:
    """Look whether everything that a run needs works here: solvers, folders, memory, packages."""
    from siting.cli.symptoms import symptom_table
    from siting.doctor import Verdict, examine

    with err().status("trying the solvers"):
        symptoms = examine(runs)
    out().print(symptom_table(symptoms))
    if any(symptom.verdict is Verdict.FAULT for symptom in symptoms):
        raise typer.Exit(1)


@app.command()
def template(
    out_file: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Workbook to write, .xlsx.", show_default=False)
    ],
    lang: Annotated[TemplateLanguage, typer.Option(help="Language of headers, lists and guide.")] = TemplateLanguage.zh,
) -> None:
    """Write the workbook to fill in with your own tables; it is read as it is."""
    from siting.inputs.tables.template import write_template

    write_template(out_file, lang.value)
    out().print(f"Workbook to fill in: {out_file}", soft_wrap=True)


@data.command(name="check")
def check_data(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The city folder.", show_default=False)],
    reach: Annotated[float, typer.Option(metavar="M", min=1, help="How far residents walk to a point, m.")] = 1000.0,
    preview: Annotated[Path | None, typer.Option(metavar="FILE", help="Instead of DIR/preview.html.")] = None,
) -> None:
    """Look a city folder over: counts, extent, datum, duplicates, places outside or out of reach; with a map."""
    from siting.cli.review import review_folder
    from siting.errors import EXIT_BAD_INPUT
    from siting.journal import Journal, quiet_libraries

    with quiet_libraries(Journal()):
        is_fine = review_folder(out(), folder, reach_m=reach, preview=preview or folder / "preview.html")
    if not is_fine:
        raise typer.Exit(EXIT_BAD_INPUT)


@data.command()
def build(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The spec, a YAML file.", show_default=False)],
    out_folder: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="City folder to write.", show_default=False)
    ],
    source: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the sources lie, instead of beside the spec.")
    ] = None,
    accept_suspicions: Annotated[
        bool, typer.Option("--accept-suspicions", help="Build although coordinates look wrong.")
    ] = False,
) -> None:
    """Build a city folder from the sources that a spec lists."""
    from siting.cli.assembled import print_assembled
    from siting.inputs.assemble import assemble_city
    from siting.journal import Journal, quiet_libraries

    with err().status("building"), quiet_libraries(Journal()):
        built = assemble_city(spec, out_folder, source=source, accept_suspicions=accept_suspicions)
    print_assembled(out(), built)
    out().print(f"City folder: {out_folder}", soft_wrap=True)


@data.command()
def osm(
    out_folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write.", show_default=False)],
    place: Annotated[
        str | None, typer.Option(metavar="NAME", help='A place to ask the servers for: "Helsinki, Finland".')
    ] = None,
    pbf: Annotated[Path | None, typer.Option(metavar="FILE", help="An extract, .osm.pbf; no network.")] = None,
    xml: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An extract, .osm, .osm.gz or .osm.bz2; no network.")
    ] = None,
    overpass: Annotated[str | None, typer.Option(metavar="URL", help="Overpass server, ends in /api.")] = None,
    nominatim: Annotated[str | None, typer.Option(metavar="URL", help="Nominatim server.")] = None,
    cache: Annotated[Path | None, typer.Option(metavar="DIR", help="Keeps the servers' answers.")] = None,
    admin_level: Annotated[
        int | None, typer.Option(min=1, max=12, help="Level of the boundaries that become districts.")
    ] = None,
) -> None:
    """Bring OpenStreetMap to tables: roads, candidates, existing facilities, districts, exclusion, buildings."""
    from siting.cli.osm import import_osm, write_and_report
    from siting.journal import Journal, quiet_libraries

    sources: dict[str, str | Path | None] = {"--place": place, "--pbf": pbf, "--xml": xml}
    servers = {"overpass": overpass, "nominatim": nominatim, "cache": cache}
    with err().status("reading OpenStreetMap"), quiet_libraries(Journal()):
        tables = import_osm(sources, servers, admin_level)
    write_and_report(tables, out_folder, out())


@imports.command()
def relog(
    case: Annotated[Path, typer.Argument(metavar="FILE", help="A RELOG case, .json.", show_default=False)],
    out_folder: Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="Tables to write.")] = None,
    places: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of location, lat, lon for places that are only named.")
    ] = None,
    detour: Annotated[float | None, typer.Option(min=1, help="Driving over straight distance.")] = None,
    solver: Annotated[str, typer.Option(help="Solver; see `siting doctor`.")] = "highs",
    time_limit: Annotated[float, typer.Option(min=0.001, help="Seconds that the solve may take.")] = 600.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer for programs.")] = False,
) -> None:
    """Solve a case of RELOG: recycling plants in chains of any shape, over its years, with a proven bound."""
    from siting.cli.relog import solve_and_report

    solve_and_report(
        out(), case, folder=out_folder, places=places, detour=detour, solver=solver, time_limit_s=time_limit,
        as_json=as_json,
    )  # fmt: skip


def _load(config: Path, solve: dict[str, Any] | None = None, name: str | None = None) -> Loaded:
    """The config with what the command line changes in it."""
    from siting.cli.planning import changed
    from siting.config import load_config

    return changed(load_config(config), solve or {}, name)
