"""Commands that read run folders: `siting verify`, `map`, `report`, `compare`, `evaluate` and `export`."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siting.cli.terminal import err, followed, out, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.problem import Problem
    from siting.result import Result

MODELS = (".lp", ".mps")

Public = Annotated[
    bool, typer.Option("--publication", help="For the public (公开版): coarse places, no cells, room for the 审图号.")
]
ApprovalNumber = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Map approval number (审图号) that --publication shows.")
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
    """Recompute a run's cost, targets and bound from its folder; differences are errors."""
    from rich.text import Text

    from siting.errors import VerificationError, raise_faults
    from siting.problem import read_run
    from siting.render.terminal.audit import print_audit

    audit = read_run(run).verify(check=False)
    print_audit(out(), audit)
    raise_faults(audit.faults, VerificationError)
    out().print(Text(str(audit), style="green"))


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
    from siting.errors import ConfigError
    from siting.runs.manifest import note_file

    if key and basemap is None:
        raise ConfigError("--key: there is no basemap that needs it; add --basemap tianditu or leave --key out")
    kind = f"-{basemap.value}" if basemap else "-publication" if publication else ""
    page = _shown(run, publication, approval_number).map(basemap=basemap and basemap.value, key=key)
    target = page.save(out_file or run / f"map{kind}.html", cure="choose another file with --out")
    note_file(target)
    say(f"Map: {target}")


def report(
    run: RunFolder,
    out_file: Annotated[
        Path | None, typer.Option("--output", "--out", metavar="FILE", help="Instead of RUN/report.html.")
    ] = None,
    publication: Public = False,
    approval_number: ApprovalNumber = None,
) -> None:
    """Write the report of a run again, from its folder alone: one page to decide by, then all figures."""
    from siting.runs.manifest import note_file

    page = _shown(run, publication, approval_number).report()
    file = out_file or run / ("report-publication.html" if publication else "report.html")
    say(f"Report: {page.save(file, cure='choose another file with --output')}")
    note_file(file)


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
    from siting.comparison import compare as compare_results
    from siting.problem import read_run
    from siting.render.terminal.comparison import print_comparison

    with err().status("reading the runs"):
        compared = compare_results(*(read_run(folder) for folder in runs), moved_within_m=moved_within)
    print_comparison(out(), compared.comparison)
    files = {"Page": html_file or page_beside(runs), "For programs": json_file, "Workbook": xlsx_file}
    for name, file in files.items():
        if file is not None:
            compared.write(file, suffix={"Page": ".html", "For programs": ".json", "Workbook": ".xlsx"}[name])
            say(f"{name}: {file}")


def page_beside(folders: Sequence[Path]) -> Path:
    """Return where the page of a comparison goes by default: beside the folder of the first run, named by the runs.

    >>> page_beside([Path("/runs/a"), Path("/runs/b")]).as_posix()
    '/runs/compare-a-b.html'
    >>> page_beside([Path("/runs/a"), Path("/runs/b"), Path("/runs/c")]).name
    'compare-a-and-2-more.html'
    """
    first, *others = (folder.resolve() for folder in folders)
    rest = others[0].name if len(others) == 1 else f"and-{len(others)}-more"
    return first.parent / f"compare-{first.name}-{rest}.html"


def evaluate(
    run: RunFolder,
    samples: Annotated[int, typer.Option(min=0, help="Years of demand to draw.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same years.")] = 1,
    cv: Annotated[
        float, typer.Option(min=0, max=2, help="Standard deviation over mean of each district's tonnes.")
    ] = 0.15,
    law: Annotated[SpreadLaw, typer.Option(help="How the factors on demand are spread.")] = SpreadLaw.lognormal,
    stage: Annotated[
        str | None, typer.Option(metavar="NAME", help="Year or case to try; else the last year, the likeliest case.")
    ] = None,
    behaviour: Annotated[
        Residents, typer.Option(help="Point that residents walk to; with `--samples 0` in the planned year alone.")
    ] = Residents.assigned,
) -> None:
    """Try a run's plan in years of demand drawn at random, and if residents walk to the nearest point."""
    from rich.progress import Progress

    from siting.problem import read_run
    from siting.render.terminal.evaluation import print_trial

    result = read_run(run)
    with Progress(console=err(), transient=True) as bar:
        task = bar.add_task("drawn years", total=samples)
        trial = result.evaluate(
            samples, seed=seed, cv=cv, law=law.value, behaviour=behaviour.value, stage=stage,
            progress=lambda done: bar.update(task, completed=done),
        )  # fmt: skip
    print_trial(out(), trial.tried, results=trial.results, title=trial.title)
    for file in trial.write(run):
        say(f"Written: {file}")


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
    lang: Annotated[Language | None, typer.Option(help="Language of the workbook's cells.")] = None,
    datum: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of .kml and .zip: wgs84, cgcs2000, gcj02, bd09, EPSG:n.")
    ] = None,
    publication: Public = False,
    approval_number: ApprovalNumber = None,
) -> None:
    """Write a run as a workbook, GeoPackage, KML or zipped Shapefiles, or the model that is solved (.lp, .mps)."""
    from siting.errors import ConfigError, FileError
    from siting.inputs.datums import parse_datum
    from siting.render.exports import ENDINGS, WGS84, export_run

    ending = out_file.suffix.lower()
    if ending not in (*ENDINGS, *MODELS):
        known = ", ".join((*ENDINGS, *MODELS))
        raise FileError(f"{out_file}: unknown format {out_file.suffix!r}; end the name in {known}")
    if ending in MODELS:
        if lang or datum or publication or approval_number:
            raise ConfigError(f"{out_file}: a model takes no options; leave them out")
        _export_model(source, out_file)
        return
    given = WGS84 if datum is None else parse_datum(datum)
    run = _shown(source, publication, approval_number).record
    written = export_run(run, out_file, language=None if lang is None else lang.value, datum=given)
    say(f"Written: {written}{f' ({given.name})' if datum else ''}")


def _export_model(source: Path, out_file: Path) -> None:
    from siting.model import build_whole
    from siting.model.pulp_model import export_model
    from siting.problem import read_run

    instance = read_run(source).record.whole_instance if source.is_dir() else _problem(source).instance
    model = build_whole(instance).model
    export_model(model, out_file)
    say(f"Model of {model.n_columns:,} columns and {model.n_rows:,} rows: {out_file}")


def _problem(config: Path) -> Problem:
    from siting.config import load_config
    from siting.problem import Problem

    with followed() as work:
        problem = Problem(load_config(config), journal=work.journal)
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
