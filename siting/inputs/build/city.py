"""From a build spec and raw sources to a city folder."""

from __future__ import annotations

from pathlib import Path

from siting.errors import DataError, raise_faults
from siting.inputs.build.readme import readme_text
from siting.inputs.build.sources import read_sources
from siting.inputs.build.spec import read_spec
from siting.inputs.build.tables import make_tables
from siting.inputs.build.write import SPEC_NAME, write_city_yaml, write_folder, write_tables


def build_city(spec: Path, source: Path, out: Path) -> None:
    """Build the city folder `out` from the raw sources in the folder `source` by the build spec `spec`.

    The folder is written whole or not at all; the spec is copied into it as `city-source.yaml`. The same input gives
    the same tables.

    Raises
    ------
    FileError
        If a source is missing, or `out` cannot be written or holds files that a build does not write.
    DataError
        If the spec or a source holds something that cannot be used.
    """
    rules = read_spec(spec)
    spec_text = spec.read_text(encoding="utf-8")
    sources = read_sources(source, rules)
    tables = make_tables(sources, rules)
    raise_faults(
        [f"{spec}: tables.{stem}: missing; say where it comes from" for stem in tables if stem not in rules.tables],
        DataError,
    )

    def fill(folder: Path) -> None:
        write_tables(folder, tables)
        write_city_yaml(folder, rules, int(tables["districts"]["residents"].sum()))
        (folder / SPEC_NAME).write_text(spec_text, encoding="utf-8")
        (folder / "README.md").write_text(readme_text(tables, rules, sources.dropped), encoding="utf-8")

    write_folder(out, fill)
