"""Commands that read run folders: `siting verify`, `map`, `report`, `compare`, `evaluate` and `export`."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siting.cli.ask import Source, planned, tell
from siting.cli.terminal import err, followed, out, say
from siting.language import spoken
from siting.language.messages import reader_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.problem import Problem
    from siting.result import Result

MODELS = (".lp", ".mps")
CUTS_S = 300.0
"""Time to find the rows of `siting export --cuts`."""

Public = Annotated[
    bool,
    typer.Option(
        "--publication", help="Edition for the public (公开版): coarse coordinates, no cells, space for the 审图号."
    ),
]
ApprovalNumber = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Map approval number (审图号) shown with --publication.")
]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="The folder that a run left.", show_default=False)]


class SpreadLaw(enum.StrEnum):
    """Laws that `siting evaluate --law` knows."""

    lognormal = "lognormal"
    normal = "normal"


class Residents(enum.StrEnum):
    """Points that `siting evaluate --behaviour` lets residents walk to."""

    assigned = "assigned"
    nearest = "nearest"


class Basemap(enum.StrEnum):
    """Basemaps that `siting map --basemap` knows."""

    osm = "osm"
    tianditu = "tianditu"
    amap = "amap"


class Language(enum.StrEnum):
    """Languages of workbooks."""

    en = "en"
    zh = "zh"


def verify(run: RunFolder) -> None:
    """Recompute cost, targets and bound of a run, or of a planned region, from its folder; a difference is an error."""
    from rich.text import Text

    from siting.errors import VerificationError, raise_faults
    from siting.problem import read_run
    from siting.region import MARKER, audit_region
    from siting.render.terminal.audit import print_audit

    if (run / MARKER).is_file():
        whole = audit_region(run)
        raise_faults(whole.faults, VerificationError)
        out().print(Text(reader_message(str(whole)), style="green"))
        return
    audit = read_run(run).verify(check=False)
    print_audit(out(), audit)
    raise_faults(audit.faults, VerificationError)
    out().print(Text(reader_message(str(audit)), style="green"))


def draw(
    run: RunFolder,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write. Default: RUN/map.html, or map-BASEMAP.html."),
    ] = None,
    basemap: Annotated[
        Basemap | None, typer.Option(help="Online tiles as background; the plan is drawn in their datum.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Your Tianditu key; it is visible in the source of the page.")] = None,
    publication: Public = False,
    approval_number: ApprovalNumber = None,
) -> None:
    """Redraw the map of a run from its folder."""
    from siting.errors import ConfigError
    from siting.runs.manifest import note_file

    if key and basemap is None:
        raise ConfigError("--key: there is no basemap that needs it; add --basemap tianditu or leave --key out")
    kind = f"-{basemap.value}" if basemap else "-publication" if publication else ""
    page = _shown(run, publication, approval_number).map(basemap=basemap and basemap.value, key=key)
    target = page.save(out_file or run / f"map{kind}.html", cure="choose another file with --out")
    note_file(target)
    say("terminal.files.map", file=target)


def report(
    run: RunFolder,
    out_file: Annotated[
        Path | None, typer.Option("--output", "--out", metavar="FILE", help="File to write. Default: RUN/report.html.")
    ] = None,
    publication: Public = False,
    approval_number: ApprovalNumber = None,
) -> None:
    """Rewrite the report of a run from its folder: a decision page, then all figures."""
    from siting.runs.manifest import note_file

    page = _shown(run, publication, approval_number).report()
    file = out_file or run / ("report-publication.html" if publication else "report.html")
    say("terminal.files.report", file=page.save(file, cure="choose another file with --output"))
    note_file(file)


def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN …", help="Run folders.", show_default=False)],
    html_file: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Page to write. Default: compare-A-B.html beside run A."),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="JSON to write.")] = None,
    xlsx_file: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="Workbook to write.")] = None,
    moved_within: Annotated[
        float | None,
        typer.Option(
            metavar="M",
            min=0,
            help="Distance within which a site counts as moved, m. Default: 500 to 5,000 by echelon.",
        ),
    ] = None,
    details: Annotated[bool, typer.Option("--details", help="Print every table: all figures, targets, sites.")] = False,
) -> None:
    """Compare runs: cost and whether the difference is proven, targets, tonnes, emissions, common sites."""
    from siting.comparison import compare as compare_results
    from siting.problem import read_run
    from siting.render.terminal.comparison import print_comparison

    with err().status(spoken("terminal.reading")):
        compared = compare_results(*(read_run(folder) for folder in runs), moved_within_m=moved_within)
    print_comparison(out(), compared.comparison, has_details=details)
    files = {"Page": html_file or page_beside(runs), "For programs": json_file, "Workbook": xlsx_file}
    for name, file in files.items():
        if file is not None:
            compared.write(file, suffix={"Page": ".html", "For programs": ".json", "Workbook": ".xlsx"}[name])
            say(f"{name}: {file}")


def page_beside(folders: Sequence[Path]) -> Path:
    """Return the default path of the page of a comparison: beside the first run, named after the runs.

    >>> page_beside([Path("/runs/a"), Path("/runs/b")]).as_posix()
    '/runs/compare-a-b.html'
    >>> page_beside([Path("/runs/a"), Path("/runs/b"), Path("/runs/c")]).name
    'compare-a-and-2-more.html'
    """
    first, *others = (folder.resolve() for folder in folders)
    rest = others[0].name if len(others) == 1 else f"and-{len(others)}-more"
    return first.parent / f"compare-{first.name}-{rest}.html"


def evaluate(  # noqa: PLR0913, PLR0917 — a command line has as many options as it has
    source: Source,
    facilities: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Score the facilities of a table, GeoPackage, workbook or run instead."),
    ] = None,
    samples: Annotated[int, typer.Option(min=0, help="Number of demand years to draw.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same years.")] = 1,
    cv: Annotated[
        float, typer.Option(min=0, max=2, help="Standard deviation over mean of each district's tonnes.")
    ] = 0.15,
    law: Annotated[SpreadLaw, typer.Option(help="Distribution of the demand factors.")] = SpreadLaw.lognormal,
    stage: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Year or case to test. Default: the last year, the most likely case."),
    ] = None,
    demand: Annotated[float, typer.Option(min=0, max=10, help="Mean demand divided by planned demand.")] = 1.0,
    behaviour: Annotated[
        Residents, typer.Option(help="Point that residents walk to; `--samples 0` tests the planned year only.")
    ] = Residents.assigned,
) -> None:
    """Test a plan in random demand years, or with residents who walk to their nearest point.

    With --facilities: score any set of facilities by the targets and prices of a config.
    """
    if facilities is not None:
        _score(source, facilities)
        return
    from rich.progress import Progress

    from siting.render.terminal.evaluation import print_trial

    result, folder = planned(source)
    with Progress(console=err(), transient=True) as bar:
        task = bar.add_task("drawn years", total=samples)
        trial = result.evaluate(
            samples, seed=seed, cv=cv, law=law.value, behaviour=behaviour.value, stage=stage,
            demand=demand, progress=lambda done: bar.update(task, completed=done),
        )  # fmt: skip
    print_trial(out(), trial.tried, results=trial.results, title=trial.title)
    for file in trial.write(folder):
        say("terminal.files.written", file=file)


def _score(source: Path, facilities: Path) -> None:
    """Score the facilities of a file by a config, or by that of a run; the files go to the run or to the runs."""
    from siting.problem import Problem, read_config, read_run

    loaded = (read_run(source).problem if source.is_dir() else read_config(source)).loaded
    with followed() as work:
        answer = Problem(loaded, journal=work.journal).score(facilities)
    tell(answer, source if source.is_dir() else loaded.config.runs)


def export(
    source: Annotated[
        Path, typer.Argument(metavar="CONFIG|RUN", help="The folder of a run; for a model also a config.")
    ],
    out_file: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", help="File to write: .xlsx, .gpkg, .kml, .zip, .lp or .mps.", show_default=False
        ),
    ],
    lang: Annotated[Language | None, typer.Option(help="Language of the workbook's cells.")] = None,
    datum: Annotated[
        str | None, typer.Option(metavar="NAME", help="Datum of .kml and .zip: wgs84, cgcs2000, gcj02, bd09, EPSG:n.")
    ] = None,
    publication: Public = False,
    approval_number: ApprovalNumber = None,
    cuts: Annotated[
        bool, typer.Option("--cuts", help="Add valid inequalities to the model: minimum numbers of facilities.")
    ] = False,
) -> None:
    """Export a run as workbook, GeoPackage, KML or zipped Shapefiles, or the model as .lp or .mps."""
    from siting.errors import ConfigError, FileError
    from siting.inputs.datums import parse_datum
    from siting.render.exports import ENDINGS, WGS84, export_run

    ending = out_file.suffix.lower()
    if ending not in (*ENDINGS, *MODELS):
        known = ", ".join((*ENDINGS, *MODELS))
        raise FileError(f"{out_file}: unknown format {out_file.suffix!r}; end the name in {known}")
    if ending in MODELS:
        if lang or datum or publication or approval_number:
            raise ConfigError(f"{out_file}: a model takes no option but --cuts; leave the others out")
        _export_model(source, out_file, with_cuts=cuts)
        return
    if cuts:
        raise ConfigError(f"{out_file}: --cuts are rows of a model (.lp, .mps); leave it out")
    given = WGS84 if datum is None else parse_datum(datum)
    run = _shown(source, publication, approval_number).record
    written = export_run(run, out_file, language=None if lang is None else lang.value, datum=given)
    if datum:
        say("terminal.files.written_datum", file=written, datum=given.name)
    else:
        say("terminal.files.written", file=written)


def _export_model(source: Path, out_file: Path, *, with_cuts: bool) -> None:
    from siting.certificate import with_proven
    from siting.model import build_whole
    from siting.model.pulp_model import export_model
    from siting.problem import read_run
    from siting.solve.clock import Record
    from siting.solve.covers import find_covers

    instance = read_run(source).record.whole_instance if source.is_dir() else _problem(source).instance
    whole = build_whole(instance)
    covers = find_covers(whole, Record(CUTS_S), most=CUTS_S) if with_cuts else ()
    model = with_proven(whole, covers).model
    export_model(model, out_file)
    say("terminal.files.model", columns=model.n_columns, rows=model.n_rows, file=out_file)


def _problem(config: Path) -> Problem:
    from siting.problem import Problem, read_config

    with followed() as work:
        problem = Problem(read_config(config).loaded, journal=work.journal)
        problem.prepared  # noqa: B018 — made here, where its progress is shown
    return problem


def _shown(folder: Path, is_public: bool, approval_number: str | None) -> Result:
    """Read a run, as it is or for the public.

    Raises
    ------
    ConfigError
        If an approval number is given and the run is not for the public.
    """
    from siting.errors import ConfigError
    from siting.problem import read_run

    if approval_number is not None and not is_public:
        raise ConfigError("--approval-number: stands on what is for the public; add --publication, or leave it out")
    result = read_run(folder)
    return result.public(approval_number) if is_public else result
