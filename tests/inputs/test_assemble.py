"""A city folder from a list of sources: what is filled in, left out, marked and told, and that it can be planned."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import yaml

from siting.errors import ConfigError, DataError
from siting.inputs.assemble import assemble_city
from siting.inputs.assemble.spec import read_assembly
from siting.inputs.city import read_city
from tests.assembly_sources import small_sources, small_spec, write_sources
from tests.commands import failing, siting
from tests.small_city import small_config


def assembled(folder, *, change_sources=None, change_spec=None, accept=False):
    """(the city, what was told) of the small sources, changed."""
    sources, spec = small_sources(), small_spec()
    if change_sources:
        change_sources(sources)
    if change_spec:
        change_spec(spec)
    path = write_sources(folder / "sources", sources=sources, spec=spec)
    built = assemble_city(path, folder / "city", accept_suspicions=accept)
    return read_city(folder / "city"), built


def notes_of(built):
    return "\n".join(built.notes)


def zone(kind="water"):
    """An exclusion zone around the candidate P0, as a layer."""
    at = small_sources()["candidates.csv"].iloc[0]
    return gpd.GeoDataFrame({"kind": [kind]}, geometry=[shapely.Point(at.lon, at.lat).buffer(0.0005)], crs=4326)


def with_zone(sources):
    sources["zones.geojson"] = zone()


def test_files_of_a_bureau_become_a_city_that_can_be_planned(tmp_path):
    city, built = assembled(tmp_path)
    assert (len(city.demand), built.residents, len(city.candidates)) == (12, 12_000, 15)
    assert city.districts["residents"].tolist() == [6000, 6000]
    assert built.crs_metric == "EPSG:4548"  # the 3° zone of CGCS2000 around 117° E
    config = small_config()
    config["materials"].pop("metal")
    config["targets"] = config["targets"][:2]
    config["parameters"] = str(tmp_path / "parameters.csv")
    config["money"]["discount_rate"] = 0.08
    del config["parameters"]
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    result = siting("run", tmp_path / "plan.yaml", "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "run/map.html").exists()


def test_roads_that_share_vertices_are_joined_there(tmp_path):
    city, _ = assembled(tmp_path)
    assert (len(city.road_nodes), len(city.road_edges)) == (35, 58)
    assert city.road_edges["length_m"].to_numpy() == pytest.approx(np.full(58, 500), rel=0.002)


def test_what_a_source_leaves_out_is_filled_by_the_rules_and_told_as_an_assumption(tmp_path):
    def bare(sources):
        sources["candidates.csv"] = sources["candidates.csv"].drop(columns=["area_m2", "role"])

    def prices(spec):
        spec["rules"] |= {"land_price_cny_per_m2": 1234.0, "area_m2": {"point": 17}, "household_size": 2.0}

    city, _ = assembled(tmp_path, change_sources=bare, change_spec=prices)
    points = city.candidates[city.candidates["echelon"] == "point"]
    assert set(points["area_m2"]) == {17.0} and set(points["land_price_cny_per_m2"]) == {1234.0}
    assert set(city.demand["households"]) == {500.0}
    flaws = " ".join(city.meta["tables"]["candidates"]["flaws"])
    assert "Assumption: land where none is known: point 17 m²" in flaws and "1,234 CNY/m²" in flaws
    assert city.meta["tables"]["candidates"]["licence"] == "own"
    assert city.meta["tables"]["candidates"]["date"] == "2026-05-01"
    assert "the bureau" in (tmp_path / "city/README.md").read_text(encoding="utf-8")


def test_zones_price_the_land_that_no_source_prices(tmp_path):
    def zoned(raw):
        price = {"price_cny_per_m2": 900, "price_low_cny_per_m2": 500, "price_high_cny_per_m2": 2000}
        raw["zones"] = {"inner": {"districts": ["d1"], "centre": [117.2, 39.1], **price}}
        raw["rules"]["land_price_cny_per_m2"] = 77.0

    def one_priced(sources):
        sources["candidates.csv"].loc[0, "land_price_cny_per_m2"] = 1234.0

    city, _ = assembled(tmp_path, change_sources=one_priced, change_spec=zoned)
    assert city.districts.set_index("code")["ring"].to_dict() == {"d1": "inner", "d2": "outer"}
    rows = city.candidates.set_index("id")
    assert rows.loc["P0", "land_price_cny_per_m2"] == 1234.0
    others = rows.drop(index="P0").groupby("district")["land_price_cny_per_m2"]
    assert others.min()["d1"] >= 500 and others.max()["d1"] <= 2000 and others.nunique()["d1"] > 1
    assert others.unique()["d2"].tolist() == [77.0]


@pytest.mark.parametrize(("rule", "left", "role"), [("remove", 14, None), ("mark", 15, "forbidden")])
def test_a_candidate_in_an_exclusion_zone_is_left_out_or_marked(tmp_path, rule, left, role):
    def spec(raw):
        raw["sources"]["exclusion"] = {"file": "zones.geojson"}
        raw["rules"]["exclusion"] = rule

    city, built = assembled(tmp_path, change_sources=with_zone, change_spec=spec)
    assert len(city.candidates) == left
    assert "1 in an exclusion zone" in notes_of(built) and "P0" in notes_of(built)
    if role:
        assert city.candidates.set_index("id").loc["P0", "role"] == role


def test_an_existing_facility_in_an_exclusion_zone_stays_and_is_told(tmp_path):
    def sources(all_of):
        with_zone(all_of)
        all_of["candidates.csv"].loc[0, "role"] = "required"

    def spec(raw):
        raw["sources"]["exclusion"] = {"file": "zones.geojson"}

    city, built = assembled(tmp_path, change_sources=sources, change_spec=spec)
    assert city.candidates.set_index("id").loc["P0", "role"] == "required"
    assert "1 existing or required places lie in an exclusion zone and were kept: P0" in notes_of(built)


def test_candidates_too_near_to_each_other_are_thinned_and_required_ones_stay(tmp_path):
    def crowd(sources):
        table = sources["candidates.csv"]
        near = table.iloc[[0, 0, 0]].assign(id=["N1", "N2", "N3"], role=["candidate", "required", "candidate"])
        sources["candidates.csv"] = pd.concat([table, near], ignore_index=True)

    def spacing(raw):
        raw["rules"]["least_spacing_m"] = {"point": 100}

    city, built = assembled(tmp_path, change_sources=crowd, change_spec=spacing)
    points = set(city.candidates.loc[city.candidates["echelon"] == "point", "id"])
    assert points == {"N2", *(f"P{n}" for n in range(1, 10))}
    assert "of 13 for point, 10 stay at least 100 m apart" in notes_of(built)


def test_no_more_candidates_are_kept_than_asked_and_required_ones_are_among_them(tmp_path):
    def sources(all_of):
        all_of["candidates.csv"].loc[9, "role"] = "required"

    def most(raw):
        raw["rules"]["most"] = {"point": 4}

    city, built = assembled(tmp_path, change_sources=sources, change_spec=most)
    points = city.candidates.loc[city.candidates["echelon"] == "point", "id"]
    assert len(points) in (4, 5) and "P9" in set(points)
    assert "of 10 for point, the 4 nearest to residents are kept" in notes_of(built)


def test_an_id_that_two_sources_use_is_made_unique(tmp_path):
    def twice(raw):
        raw["sources"]["candidates"] = [raw["sources"]["candidates"], raw["sources"]["candidates"]]

    city, built = assembled(tmp_path, change_spec=twice)
    assert {"P0", "P0-2"} <= set(city.candidates["id"]) and city.candidates["id"].is_unique
    assert "candidates: 15 ids were given twice" in notes_of(built)


def test_what_lies_outside_every_district_or_far_from_every_road_is_left_out_by_name(tmp_path):
    def move(sources):
        sources["candidates.csv"].loc[0, ["lon", "lat"]] = [117.9, 39.9]
        sources["demand.csv"].loc[0, ["lon", "lat"]] = [117.9, 39.9]
        edges = sources["roads.gpkg"]
        sources["roads.gpkg"] = edges[~edges.intersects(shapely.box(117.19, 39, 117.21, 40))]

    def near(raw):
        raw["rules"]["from_road_m"] = 220

    city, built = assembled(tmp_path, change_sources=move, change_spec=near, accept=True)
    told = notes_of(built)
    assert "candidates.csv: 1 rows outside of every district left out: P0" in told
    assert "demand.csv: 1 rows outside of every district left out: cell-0" in told
    assert "left out, more than 220 m from every road" in told
    assert built.residents == 11_000 == city.districts["residents"].sum()


def with_island(length_degrees):
    """A change of the sources: a street that leads to no other."""

    def island(sources):
        line = shapely.LineString([(117.2, 39.2), (117.2 + length_degrees, 39.2)])
        apart = gpd.GeoDataFrame({"road_class": ["primary"]}, geometry=[line], crs=4326)
        sources["roads.gpkg"] = pd.concat([sources["roads.gpkg"], apart], ignore_index=True)

    return island


def test_a_scrap_of_road_that_stands_apart_is_left_out_with_its_length(tmp_path):
    city, built = assembled(tmp_path, change_sources=with_island(0.002))
    assert len(city.road_edges) == 58
    assert "1 road edges (0.2 km, 0.6 %) do not lead both in and out by car" in notes_of(built)


def test_streets_of_an_island_stay_for_walking(tmp_path):
    city, built = assembled(tmp_path, change_sources=with_island(0.01))
    apart = city.road_edges[city.road_edges["length_m"].between(850, 870)]
    assert (len(city.road_edges), len(apart)) == (59, 1)
    assert apart["walkable"].all() and not apart["drivable"].any()
    assert "1 road edges (0.9 km, 2.9 %) do not lead both in and out by car" in notes_of(built)


def facilities(sources):
    table = sources["candidates.csv"].iloc[[0, 1]].drop(columns=["role", "kind"])
    sources["facilities.csv"] = table.assign(
        id=["F1", "F2"], existing_type=["kiosk", None], existing_size=["only", None]
    )


def test_existing_facilities_of_a_known_type_exist_and_others_stand_as_candidates(tmp_path):
    def spec(raw):
        raw["sources"]["facilities"] = {"file": "facilities.csv", "datum": "wgs84"}

    city, built = assembled(tmp_path, change_sources=facilities, change_spec=spec)
    rows = city.candidates.set_index("id")
    assert rows.loc["F1", ["role", "existing_type", "existing_size"]].tolist() == ["existing", "kiosk", "only"]
    assert rows.loc["F2", "role"] == "candidate"
    assert "1 existing facilities stand as candidates, for nobody tells their type and size: F2" in notes_of(built)


def test_the_rules_can_tell_what_existing_facilities_are(tmp_path):
    def spec(raw):
        raw["sources"]["facilities"] = {"file": "facilities.csv", "datum": "wgs84"}
        raw["rules"]["existing"] = {"point": {"type": "smart_box", "size": "single"}}

    city, _ = assembled(tmp_path, change_sources=facilities, change_spec=spec)
    rows = city.candidates.set_index("id")
    assert rows.loc["F2", ["role", "existing_type"]].tolist() == ["existing", "smart_box"]
    assert rows.loc["F1", "existing_type"] == "kiosk"


def census(sources, names=("西区", "东区")):
    sources["census.csv"] = pd.DataFrame({"行政区": names, "常住人口": [7000, 5000]})
    del sources["demand.csv"]


def with_census(raw):
    raw["sources"]["census"] = {"file": "census.csv"}
    raw["sources"]["population"] = {"size_m": 500, "weights": {"roads": {"primary": 1.0}}}
    del raw["sources"]["demand"]


def test_a_census_is_spread_over_cells_and_sums_exactly(tmp_path):
    city, built = assembled(tmp_path, change_sources=census, change_spec=with_census)
    assert city.demand.groupby("district")["residents"].sum().to_dict() == {"d1": 7000, "d2": 5000}
    assert built.residents == 12_000 and len(city.demand) > 12
    assert city.meta["tables"]["demand"]["nature"] == "derived"


def test_names_of_the_census_that_fit_no_district_are_listed_with_the_nearest(tmp_path):
    with pytest.raises(
        DataError, match=r"2 faults:\n.*census.csv: 北区: no such district; .*\n.*西西: no such district"
    ):
        assembled(tmp_path, change_sources=lambda s: census(s, ("北区", "西西")), change_spec=with_census)


@pytest.mark.parametrize(("cells", "side_m"), [({"cells": "h3", "resolution": 9}, None), ({"size_m": 300}, 300.0)])
def test_cells_are_of_the_kind_and_size_asked_for(tmp_path, cells, side_m):
    def spec(raw):
        with_census(raw)
        raw["sources"]["population"] |= cells

    city, _ = assembled(tmp_path, change_sources=census, change_spec=spec)
    assert city.demand["residents"].sum() == 12_000
    assert city.demand["id"].str.startswith("H" if side_m is None else "D").all()
    if side_m:
        assert set(city.demand["cell_size_m"]) == {side_m}
    else:
        assert city.demand["cell"].notna().all()


def test_a_population_raster_is_rescaled_to_the_census(tmp_path):
    import rasterio
    from rasterio.transform import Affine

    def sources(all_of):
        census(all_of)
        west, south, east, north = all_of["districts.geojson"].total_bounds
        folder = tmp_path / "sources"
        folder.mkdir()
        profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": "EPSG:4326", "nodata": -1.0}
        shape = {
            "width": 40,
            "height": 30,
            "transform": Affine((east - west) / 40, 0, west, 0, (south - north) / 30, north),
        }
        with rasterio.open(folder / "people.tif", "w", **profile, **shape) as raster:
            raster.write(np.full((1, 30, 40), 3.0, dtype="float32"))

    def spec(raw):
        with_census(raw)
        raw["sources"]["population"] = {"size_m": 500, "raster": {"file": "people.tif", "origin": "made up"}}

    city, _ = assembled(tmp_path, change_sources=sources, change_spec=spec)
    assert city.demand.groupby("district")["residents"].sum().to_dict() == {"d1": 7000, "d2": 5000}
    assert "made up" in city.meta["tables"]["demand"]["origin"]


def test_a_filled_in_template_is_a_source(tmp_path):
    import openpyxl

    from siting.inputs.tables import write_template

    def sources(all_of):
        folder = tmp_path / "sources"
        folder.mkdir()
        write_template(folder / "workbook.xlsx", "en")
        book = openpyxl.load_workbook(folder / "workbook.xlsx")
        _fill(book["Demand"], all_of.pop("demand.csv")[["id", "residents", "lon", "lat"]])
        table = all_of.pop("candidates.csv")[["id", "name", "echelon", "kind", "area_m2", "lon", "lat"]]
        _fill(book["Candidates"], table)
        book.save(folder / "workbook.xlsx")

    def spec(raw):
        del raw["sources"]["demand"], raw["sources"]["candidates"]
        raw["sources"]["workbook"] = {"file": "workbook.xlsx", "datum": "wgs84", "origin": "the bureau's workbook"}

    city, _ = assembled(tmp_path, change_sources=sources, change_spec=spec)
    assert (len(city.demand), city.demand["residents"].sum(), len(city.candidates)) == (12, 12_000, 15)
    assert city.meta["tables"]["candidates"]["origin"] == "the bureau's workbook"


HEADERS = {
    **{"id": "ID", "name": "Name", "residents": "Residents", "lon": "Longitude", "lat": "Latitude"},
    **{"echelon": "Echelon", "kind": "Kind of place", "area_m2": "Land area"},
}


def _fill(sheet, table):
    """Write the columns of a table under the headers of a sheet of the template, below its examples."""
    at = {str(cell.value).split(" (")[0].rstrip("*"): cell.column for cell in sheet[1]}
    for row, values in enumerate(table.itertuples(index=False), start=4):
        for name, value in zip(table.columns, values, strict=True):
            sheet.cell(row=row, column=at[HEADERS[name]], value=value)


def test_a_census_beside_a_table_of_demand_is_compared_with_it(tmp_path):
    def sources(all_of):
        all_of["census.csv"] = pd.DataFrame({"行政区": ["西区", "东区"], "常住人口": [7000, 6000]})

    _, built = assembled(
        tmp_path, change_sources=sources, change_spec=lambda raw: raw["sources"].update(census={"file": "census.csv"})
    )
    assert "demand sums to 12,000 residents, the census to 13,000 (-7.7 %)" in notes_of(built)


def test_a_failed_build_leaves_what_was_there(tmp_path):
    assembled(tmp_path)
    before = (tmp_path / "city/candidates.parquet").read_bytes()
    with pytest.raises(DataError):
        assembled(tmp_path, change_sources=lambda s: s["candidates.csv"].update({"lon": [0.0] * 15}))
    assert (tmp_path / "city/candidates.parquet").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_preview_in_the_folder_does_not_bar_the_next_build(tmp_path):
    assembled(tmp_path)
    (tmp_path / "city/preview.html").write_text("a map", encoding="utf-8")
    assembled(tmp_path)
    assert not (tmp_path / "city/preview.html").exists()


def test_the_same_sources_give_the_same_tables(tmp_path):
    first, _ = assembled(tmp_path / "a")
    second, _ = assembled(tmp_path / "b")
    for stem in ("districts", "demand", "candidates", "road_edges", "road_nodes"):
        pd.testing.assert_frame_equal(getattr(first, stem), getattr(second, stem))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda raw: raw["sources"].update(raods={}),
            r"spec.yaml:\d+: sources.raods: unknown key; did you mean 'roads'",
        ),
        (lambda raw: raw["rules"].update(land_price=1), r"rules.land_price: unknown key; did you mean 'land_price_cny"),
        (lambda raw: raw["sources"]["demand"].update(datums="x"), r":\d+: sources.demand.datums: unknown key; did you"),
        (lambda raw: raw.pop("name_zh"), "name_zh: missing; add it"),
        (lambda raw: raw["sources"].pop("roads"), "no roads; give `osm:` or `roads:`"),
        (lambda raw: raw["sources"].pop("districts"), "no districts; give `districts:`"),
        (lambda raw: raw["sources"].update(osm={"file": "a", "place": "b"}), "exactly one of file, place and folder"),
        (lambda raw: raw.update(crs_metric="EPSG:4326"), "not in metres; give a projected CRS, or auto"),
    ],
)
def test_a_spec_that_cannot_be_used_is_told_with_its_line_and_the_cure(tmp_path, change, told):
    with pytest.raises(ConfigError, match=told):
        assembled(tmp_path, change_spec=change)
    assert not (tmp_path / "city").exists()


def test_sources_may_lie_elsewhere_than_the_spec(tmp_path):
    path = write_sources(tmp_path / "sources")
    spec = path.rename(tmp_path / "spec.yaml")
    assert "demand.csv: no such file" in failing(2, "data", "build", spec, "--out", tmp_path / "c")
    built = siting("data", "build", spec, "--out", tmp_path / "c", "--source", tmp_path / "sources")
    assert built.exit_code == 0, built.output


def test_a_file_that_is_no_source_list_is_told_what_it_needs(tmp_path):
    other = tmp_path / "rules.yaml"
    other.write_text("id: x\n", encoding="utf-8")
    assert "rules.yaml:1: sources: missing; add it" in failing(2, "data", "build", other, "--out", tmp_path / "c")
    assert "cannot be read" in failing(2, "data", "build", tmp_path / "none.yaml", "--out", tmp_path / "c")
    other.write_text("id: [x\n", encoding="utf-8")
    assert "rules.yaml:2: not valid YAML" in failing(2, "data", "build", other, "--out", tmp_path / "c")


def test_the_command_prints_what_it_left_out(tmp_path):
    path = write_sources(tmp_path)
    result = siting("data", "build", path, "--out", tmp_path / "city")
    assert result.exit_code == 0, result.output
    assert "12,000 residents, EPSG:4548" in " ".join(result.output.split())
    assert (tmp_path / "city/city-source.yaml").read_text(encoding="utf-8") == path.read_text(encoding="utf-8")


def test_a_source_list_extends_another_and_the_city_keeps_it_whole(tmp_path):
    path = write_sources(tmp_path / "sources")
    (tmp_path / "rules.yaml").write_text("rules: {household_size: 4, land_price_cny_per_m2: 7}\nseed: 3\n")
    extended = "extends: ../rules.yaml\n" + path.read_text(encoding="utf-8").replace(
        "rules:\n", "rules:\n  land_price_cny_per_m2: 9\n"
    )
    path.write_text(extended, encoding="utf-8")
    assemble_city(path, tmp_path / "city")
    assert (read_city(tmp_path / "city").demand["households"] * 4).sum() == 12_000
    again = read_assembly(tmp_path / "city" / "city-source.yaml")
    assert (again.rules.household_size, again.rules.land_price_cny_per_m2, again.seed) == (4, 9, 3)
    assert "extends" not in yaml.safe_load((tmp_path / "city" / "city-source.yaml").read_text(encoding="utf-8"))


def test_a_source_list_that_extends_itself_is_refused(tmp_path):
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\n")
    with pytest.raises(ConfigError, match="extends itself"):
        read_assembly(tmp_path / "a.yaml")
    (tmp_path / "a.yaml").write_text("extends: [b.yaml]\n")
    with pytest.raises(ConfigError, match=r"a\.yaml:1: extends: must name a source list"):
        read_assembly(tmp_path / "a.yaml")
