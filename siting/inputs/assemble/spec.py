"""The closed schema of a source list: the sources that a city is made of, and the rules that fill their gaps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from siting.config.closed import Closed, NotNegative, Places, Positive, parse_yaml, read_text, validated
from siting.config.load import merged
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import GeneratorKind
from siting.inputs.features.schema import Area, Density, FeatureCandidates, FromFeatures, Zone
from siting.vocabulary import EchelonName

Nature = Literal["real", "derived", "synthetic"]
TableName = Literal["districts", "demand", "generators", "candidates", "road_nodes", "road_edges", "places", "water"]
OsmPart = Literal["roads", "candidates", "facilities", "districts", "exclusion", "water"]
OSM_PARTS: tuple[OsmPart, ...] = ("roads", "candidates", "facilities", "districts", "exclusion", "water")


AS_IS = "As in the source"
Text = Annotated[str, BeforeValidator(str)]
"""Also what YAML takes for a date or a number."""


class Provenance(Closed):
    """Provenance of rows, as in `city.yaml`; `nature` is real, derived or synthetic."""

    origin: str
    licence: str
    date: Text
    method: str
    nature: Nature
    flaws: tuple[str, ...] = ()


class SourceFile(Closed):
    """A file, who published it, and under which licence."""

    file: str = Field(description="path, relative to the spec")
    origin: str | None = Field(None, description="who published it, when; the name of the file when left out")
    licence: str | None = None
    date: Text = "not stated"


class TableSource(SourceFile):
    """One table or layer with its provenance."""

    sheet: str | None = None
    layer: str | None = None
    datum: str | None = Field(None, description="what the coordinates are in; needed for tables of places in China")
    columns: dict[str, str] = Field(default_factory=dict, description="canonical column → header in the file")
    nature: Nature = "real"
    method: str = Field(AS_IS, description="how the figures came about; shown on the map")
    flaws: tuple[str, ...] = ()


class RoadSource(TableSource):
    """A layer of centre lines, a folder with `road_nodes` and `road_edges`, or a table of edges with one of nodes."""

    values: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="by column (road_class, oneway, drivable, walkable) what values of the layer mean",
    )
    nodes: str | None = Field(None, description="table of `node`, lon, lat; `file` then holds `u`, `v`, `length_m`")


class OsmSource(Closed):
    """OpenStreetMap: an extract, a place to ask the servers for, or a folder that `siting data osm` wrote."""

    file: str | None = None
    place: str | None = None
    folder: str | None = None
    admin_level: int | None = None
    use: tuple[OsmPart, ...] = Field(OSM_PARTS, description="what is taken from it; buildings always serve as weights")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if sum(way is not None for way in (self.file, self.place, self.folder)) != 1:
            raise ValueError("give exactly one of file, place and folder")
        return self


class Workbook(SourceFile):
    """A workbook made by `siting template` and filled in: every sheet of it that has rows."""

    datum: str | None = Field(None, description="instead of what the sheet of the city says")
    nature: Nature = "real"


class Raster(SourceFile):
    """A population raster (GeoTIFF), rescaled to the residents of each district."""

    band: Annotated[int, Field(ge=1)] = 1
    crs: str | None = Field(None, description="EPSG:n, where the file does not say")


class Population(Closed):
    """Spread of residents of districts over cells, where no table of demand is given."""

    cells: Literal["square", "h3"] = "square"
    size_m: Positive = Field(250.0, description="side of square cells")
    resolution: Annotated[int, Field(ge=0, le=15)] = Field(9, description="of H3 cells; 9 is about 350 m across")
    weights: dict[str, dict[str, NotNegative]] = Field(
        default_factory=dict,
        description="layer (roads, stops, buildings, landuse) → class → residents a km, stop, m² of floor, km²",
    )
    raster: Raster | None = Field(None, description="instead of weights")
    density: Density | None = Field(None, description="instead of weights: by the density of `features`, square cells")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.raster is not None and self.density is not None:
            raise ValueError("raster and density are two ways to spread residents; keep one")
        if self.density is not None and self.cells != "square":
            raise ValueError("density needs square cells; leave `cells` out")
        return self


class SpreadGenerators(Closed):
    """Tonnes a year of one material in the whole city, declared, and the mapped places that they are spread over."""

    material: str
    kind: GeneratorKind
    tonnes: Positive
    at: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        description="kinds of places in OpenStreetMap (shop, office, industrial_land, …) or values of its tags"
    )
    largest_t: Positive | None = Field(None, description="no place gets more")
    origin: str | None = Field(None, description="who declares the tonnes")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


Several = Annotated[tuple[TableSource, ...], BeforeValidator(_as_list)]


class Sources(Closed):
    """Everything a city can be made of. Own tables of one kind may be several; they stand beside OpenStreetMap's."""

    osm: OsmSource | None = None
    workbook: Workbook | None = None
    districts: TableSource | None = None
    census: TableSource | None = None
    demand: TableSource | None = None
    population: Population = Population()
    candidates: Several = ()
    facilities: Several = ()
    generators: Several = ()
    spread_generators: tuple[SpreadGenerators, ...] = Field((), description="beside generators; made up, and told so")
    exclusion: Several = ()
    features: Several = Field((), description="named features of a map with `layer` and class: see `from_features`")
    towns: TableSource | None = Field(None, description="names of towns without coordinates, found by `features`")
    roads: RoadSource | None = None
    barriers: TableSource | None = Field(None, description="rivers, lakes, railways: what nobody walks across")


DEFAULT_AREA_M2: dict[EchelonName, float] = {"point": 30.0, "transfer": 1000.0, "sorting": 30_000.0, "base": 50_000.0}


class Existing(Closed):
    """Type and size (of the config) of an existing facility of an echelon, where its table does not say."""

    type: str
    size: str


class Rules(Closed):
    """Rules that fill gaps; each is listed as an assumption in the city folder."""

    exclusion: Literal["remove", "mark"] = Field("remove", description="mark: candidates stay, as forbidden")
    least_spacing_m: dict[EchelonName, NotNegative] = Field(
        default={"point": 50.0}, description="of candidates of one echelon; 0: none is thinned out"
    )
    most: dict[EchelonName, Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict, description="candidates kept at most, those nearest to residents first"
    )
    area_m2: dict[EchelonName, Positive] = Field(
        default_factory=dict, description="land of a candidate where none is known (all points of OpenStreetMap)"
    )
    land_price_cny_per_m2: NotNegative = 500.0
    household_size: Positive = Field(2.6, description="residents, where households are not given")
    settlement: Literal["urban", "rural"] | None = Field(
        None, description="of every cell; left out: as given or by density, and urban where neither is known"
    )
    existing: dict[EchelonName, Existing] = Field(
        default_factory=dict, description="without it, existing places of unknown type stand as candidates"
    )
    from_road_m: Positive | None = Field(
        500.0, description="candidates farther than this from every road are left out; null: none is"
    )
    not_walkable_classes: tuple[str, ...] = Field(
        ("motorway", "motorway_link"),
        description="roads of own tables that nobody walks on, unless `walkable` is given",
    )
    walking: Literal["pieces", "largest", "all"] = Field(
        "pieces",
        description="pieces: streets of every piece on foot of 300 m or more; largest: of that one; all: of all",
    )

    def area_of(self, echelon: EchelonName) -> float:
        """Return the land of a candidate where none is known, m²."""
        return self.area_m2.get(echelon, DEFAULT_AREA_M2[echelon])


class Assembly(Closed):
    """A whole source list."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    name_en: str
    name_zh: str
    crs_metric: str = Field("auto", description="auto: the CGCS2000 zone in China, elsewhere the UTM zone")
    attribution: str | None = None
    sources: Sources
    rules: Rules = Rules()
    seed: int = Field(0, description="of every random draw")
    zones: dict[str, Zone] = Field(
        default_factory=dict, description="land-price zones: `ring` of their districts, price where a source has none"
    )
    areas: dict[str, Area] = Field(default_factory=dict, description="functional areas, found by `sources.features`")
    from_features: FromFeatures = FromFeatures()
    tables: dict[TableName, Provenance] = Field(default_factory=dict, description="instead of what sources say")


def read_assembly(path: Path) -> Assembly:
    """Read and validate the source list at `path`, on top of those that it extends.

    Raises
    ------
    FileError
        If a file cannot be read.
    ConfigError
        If a key is unknown, missing or out of range, or a source that a city cannot do without is left out.
    """
    raw, places = assembly_keys(path)
    spec = validated(Assembly, raw, f"{path}:1", places)
    raise_faults([f"{path}: {fault}" for fault in _faults(spec)], ConfigError)
    return spec


def assembly_keys(path: Path, above: tuple[Path, ...] = ()) -> tuple[dict[str, Any], Places]:
    """Return the keys of a source list, merged into those of the one that it extends, and the place of each key.

    Files of `sources` are relative to the list that is built, wherever the list that names them lies.

    Raises
    ------
    FileError
        If a file cannot be read.
    ConfigError
        If one is not YAML, gives a key twice, or extends itself.
    """
    if path.resolve() in above:
        raise ConfigError(f"{path}: extends itself by way of {above[-1]}; remove one `extends`")
    raw, places = parse_yaml(read_text(path, "source list"), path)
    base = raw.pop("extends", None)
    if base is None:
        return raw, places
    if not isinstance(base, str):
        raise ConfigError(f"{places[('extends',)]}: extends: must name a source list (is {base!r})")
    below, below_places = assembly_keys(path.parent / base, (*above, path.resolve()))
    return merged(below, raw), below_places | places


def _faults(spec: Assembly) -> Iterator[str]:
    """Yield the contradictions between keys of a spec."""
    sources, made = spec.sources, spec.from_features
    if sources.osm is None and sources.roads is None:
        yield "sources: no roads; give `osm:` or `roads:`"
    if sources.districts is None and (sources.osm is None or "districts" not in sources.osm.use):
        yield "sources: no districts; give `districts:`, a layer of outlines, or use those of `osm:`"
    if sources.spread_generators and sources.osm is None:
        yield "sources.spread_generators: no places to spread tonnes over; give `osm:`"
    needs = {
        "sources.population.density": sources.population.density is not None,
        "sources.towns": sources.towns is not None,
        "areas": bool(spec.areas),
        "from_features.candidates": made.candidates != FeatureCandidates(),
        "from_features.generators": bool(made.generators),
    }
    yield from (
        f"{key}: needs named features; give `sources.features:`"
        for key, is_used in needs.items()
        if is_used and not sources.features
    )
    zoned = [code for zone in spec.zones.values() for code in zone.districts]
    twice = sorted({code for code in zoned if zoned.count(code) > 1})
    yield from (f"zones: district {code} stands twice; keep one" for code in twice)
