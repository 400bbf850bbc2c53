"""Read GeoPackage, GeoJSON, Shapefile (also zipped; UTF-8 or GBK) and GeoParquet: fields as cells, shapes beside."""

from __future__ import annotations

import codecs
import glob
import json
import re
import shutil
import tempfile
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from siting.encoding import guessed
from siting.errors import DataError, FileError
from siting.inputs.tables.grid import Grid
from siting.inputs.tables.wording import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

CODE_PAGES = {"65001": "utf-8", "utf8": "utf-8", "936": "gbk", "ansi 936": "gbk", "54936": "gb18030"}
CODE_PAGES |= {"1252": "cp1252", "ansi 1252": "cp1252", "88591": "latin-1"}
WESTERN = ("ISO", "8859", "CP1252", "1252", "ANSI 1252", "LATIN", "WINDOWS-1252")
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
TABLE_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".csv", ".tsv", ".txt", ".gpkg", ".geojson", ".parquet")
NAMED_CRS = re.compile(rb'"crs"\s*:\s*\{')
LOOKED_AT_BYTES = 65_536
MOST_BYTES = 4 * 1024**3


def read_layer(path: Path, layer: str | None) -> Grid:
    """Return the features of a layer.

    Raises
    ------
    FileError
        If the file is damaged, cut off, or lacks a part.
    DataError
        If the layer is not there, or none is named and there are several.
    """
    if path.suffix.lower() == ".zip":
        with tempfile.TemporaryDirectory(prefix="siting-") as folder:
            return read_layer(_unpacked(path, Path(folder), layer), layer)
    if path.suffix.lower() in (".parquet", ".geoparquet"):
        return replace(_grid(path.name, _parquet(path), None, ()), has_default_crs=_has_default_crs(path))
    if path.suffix.lower() == ".shp":
        _refuse_parts(path)
        frame, notes = _recoded(path, _read(path, None, encoding="ISO-8859-1"))
        return _grid(path.name, frame, None, notes)
    name = _layer_name(path, layer)
    is_json = path.suffix.lower() in (".geojson", ".json")
    grid = _grid(path.name, _read(path, name), None if is_json else name, ())
    return replace(grid, has_default_crs=is_json and _has_default_crs(path))


def _has_default_crs(path: Path) -> bool:
    """Return whether a GeoJSON or GeoParquet file names no CRS, so that readers take WGS-84."""
    if path.suffix.lower() in (".geojson", ".json"):
        with path.open("rb") as file:
            start = file.read(LOOKED_AT_BYTES)
            file.seek(max(0, path.stat().st_size - LOOKED_AT_BYTES))
            return NAMED_CRS.search(start) is None and NAMED_CRS.search(file.read()) is None
    import pyarrow.parquet

    facts = json.loads((pyarrow.parquet.read_schema(path).metadata or {}).get(b"geo", b"{}"))
    return any("crs" not in column for column in facts.get("columns", {}).values())


def _read(path: Path, layer: str | None, *, encoding: str | None = None) -> pd.DataFrame:
    import pyogrio

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings that matter (no CRS, a lost field) are checked later
            frame: pd.DataFrame = pyogrio.read_dataframe(path, layer=layer, encoding=encoding, use_arrow=False)
    except Exception as error:  # GDAL, through pyogrio, raises many kinds for a damaged file
        raise _damaged(path, error) from error
    return frame


def _recoded(path: Path, frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Decode a shapefile whose bytes were read as Latin-1, and note where its .cpg says otherwise.

    The encoding is that of the .cpg if it holds, else UTF-8 if possible, else what the bytes look like. A letter cut
    off at the end of a field is dropped.
    """
    fields = [str(name) for name in frame.columns if name != "geometry"]
    if not fields and any(path.with_suffix(suffix).exists() for suffix in (".dbf", ".DBF")):
        raise FileError(f"{path.with_suffix('.dbf')}: cut off; copy all files of the shapefile again")
    cells = (cell for name in fields for cell in frame[name] if isinstance(cell, str))
    texts = {text for text in (*fields, *cells) if not text.isascii()}
    if not texts:
        return frame, ()
    page = path.with_suffix(".cpg")
    said = page.read_text(encoding="ascii", errors="replace").strip() if page.exists() else ""
    encoding = _encoding_of([text.encode("latin-1") for text in texts], CODE_PAGES.get(said.lower(), said))
    if encoding is None:
        raise DataError(f"{path.name}: its texts are neither UTF-8 nor GBK; export the layer again with UTF-8")
    decoder = codecs.getincrementaldecoder(encoding)
    read = {text: decoder("replace").decode(text.encode("latin-1")) for text in texts}
    for name in fields:
        frame[name] = frame[name].map(lambda cell: read.get(cell, cell))
    declared = f"its .cpg says {said}" if said else "it has no .cpg"
    is_said = said != "" and encoding == CODE_PAGES.get(said.lower(), said)
    notes = () if is_said else (f"{path.name}: texts read as {encoding.upper()}; {declared}",)
    return frame.rename(columns=read), notes


def _encoding_of(pieces: list[bytes], said: str) -> str | None:
    """Return the encoding of the texts of a shapefile: that of the .cpg unless the bytes are clearly another one."""
    is_western = said.upper().startswith(WESTERN)  # decodes any bytes, and GDAL writes it by default
    for encoding in (None if is_western else said, "utf-8"):
        if encoding and _reads(encoding, pieces):
            return encoding
    found = guessed(pieces)
    return said if is_western and found != "gb18030" and _reads(said, pieces) else found


def _reads(encoding: str, pieces: list[bytes]) -> bool:
    """Return whether the pieces are texts in the encoding, each perhaps without the end of its last letter."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)
        for piece in pieces:
            decoder().decode(piece)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _parquet(path: Path) -> pd.DataFrame:
    import geopandas as gpd
    import pandas as pd

    try:
        try:
            frame: pd.DataFrame = gpd.read_parquet(path)
        except ValueError:  # no geometry in it: a table
            frame = pd.read_parquet(path)
    except Exception as error:  # pyarrow raises its own kinds
        raise _damaged(path, error) from error
    return frame


def _refuse_parts(path: Path) -> None:
    """Refuse a shapefile without its index or its columns; without these GDAL would read bare shapes.

    Raises
    ------
    FileError
        If one of them is missing.
    """
    there = {one.suffix.lower() for one in path.parent.glob(f"{glob.escape(path.stem)}.*")}
    missing = [part for part in (".shx", ".dbf") if part not in there]
    if missing and path.is_file():
        raise FileError(
            f"{path}: {path.stem}{missing[0]} is not beside it; a shapefile is several files, copy them all"
        )


def _damaged(path: Path, error: Exception) -> FileError:
    reason = str(error).splitlines()[0].partition(";")[0] if str(error) else type(error).__name__
    return FileError(f"{path}: cannot be read, it may be cut off ({reason}); copy or export it again")


def _layer_name(path: Path, layer: str | None) -> str:
    """Return the layer to read: the named one, or the only one."""
    import pyogrio

    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
    except Exception as error:  # as above
        raise _damaged(path, error) from error
    if layer in names:
        return str(layer)
    if layer is None and len(names) == 1:
        return names[0]
    systems = ", ".join(f"{name} ({pyogrio.read_info(path, layer=name)['crs'] or 'no CRS'})" for name in names)
    if layer is None:
        raise DataError(f"{path.name}: several layers; name one with `layer:`, of {systems}")
    raise DataError(f"{path.name}: no layer {layer!r}; {did_you_mean(layer, names)}its layers are {systems}")


def _unpacked(path: Path, folder: Path, layer: str | None) -> Path:
    """Return the shapefile of a zip archive, unpacked into `folder`."""
    try:
        with zipfile.ZipFile(path, metadata_encoding="gb18030") as archive:
            members = [info for info in archive.infolist() if not info.is_dir() and "__MACOSX" not in info.filename]
            shapes = {Path(info.filename).stem for info in members if info.filename.lower().endswith(".shp")}
            stem = _shape_name(path, shapes, layer, [Path(info.filename).name for info in members])
            parts = [info for info in members if Path(info.filename).stem == stem]
            if sum(info.file_size for info in parts) > MOST_BYTES:
                raise FileError(f"{path}: more than {MOST_BYTES // 1024**3} GB when unpacked; unpack and simplify it")
            for info in parts:
                suffix = Path(info.filename).suffix.lower()
                if suffix in SHAPEFILE_PARTS:
                    with archive.open(info) as source, (folder / f"{stem}{suffix}").open("wb") as target:
                        shutil.copyfileobj(source, target)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise FileError(f"{path}: the archive is damaged or cut off ({error}); copy it again") from error
    return folder / f"{stem}.shp"


def _shape_name(path: Path, shapes: set[str], layer: str | None, inside: list[str]) -> str:
    if not shapes:
        tables = [name for name in inside if name.lower().endswith(TABLE_SUFFIXES)]
        holds = f"it holds {tables[:5]}; unpack it and give that file" if tables else "give the table or layer itself"
        raise DataError(f"{path.name}: a zip archive without a shapefile; {holds}")
    if layer is None and len(shapes) == 1:
        return next(iter(shapes))
    if layer not in shapes:
        word = "several shapefiles" if layer is None else f"no shapefile {layer!r}"
        raise DataError(f"{path.name}: {word}; name one with `layer:`, of {sorted(shapes)}")
    return str(layer)


def _grid(file: str, frame: pd.DataFrame, layer: str | None, notes: tuple[str, ...]) -> Grid:
    """Return the frame as cells; missing values become None."""
    import geopandas as gpd

    is_geographic = isinstance(frame, gpd.GeoDataFrame)
    geometry = frame.geometry.reset_index(drop=True) if is_geographic else None
    fields = frame.drop(columns=[frame.geometry.name]) if is_geographic else frame
    cells = fields.astype(object).where(fields.notna(), None)
    rows = cells.itertuples(index=False, name=None) if len(fields.columns) else ((),) * len(frame)
    header = tuple(str(name) for name in fields)
    return Grid(file, (header, *rows), layer, geometry=geometry, is_layer=True, notes=notes)
