from __future__ import annotations

import time
from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from siting.config import load_config
from siting.errors import ConfigError, DataError, FileError
from siting.prepare.groups import near_groups
from siting.solve.solve import solve
from siting.verify import verify
from tests.prepare.test_existing import with_existing
from tests.prepare.test_prepare import changed, instance_of, options_at, prepared
from tests.small_city import CRS_METRIC, SOUTH_M, STEP_M, WEST_M, small_config, small_tables, write_small_city


def with_layout(**layout):
    return small_config() | {"targets": [], "layout": layout}


def box(west_m, south_m, east_m, north_m):
    return shapely.box(WEST_M + west_m, SOUTH_M + south_m, WEST_M + east_m, SOUTH_M + north_m)


def write_zone(folder, *shapes, name="zone.geojson", **columns):
    folder.mkdir(exist_ok=True)
    frame = gpd.GeoDataFrame(columns or {"kind": ["zone"] * len(shapes)}, geometry=list(shapes), crs=CRS_METRIC)
    frame.to_crs("EPSG:4326").to_file(folder / name)


def kept(instance):
    return set(instance.sites.id)


POINTS_WEST = {"P0", "P1"}
"""At 300 m east; the next column of points is 500 m further."""


def test_nothing_is_built_in_a_zone_and_it_is_told(tmp_path):
    write_zone(tmp_path, box(200, 0, 400, 2500))
    both = prepared(tmp_path, config=with_layout(exclusion=[{"file": "zone.geojson", "echelons": ["point"]}]))
    assert {f"P{n}" for n in range(10)} - kept(both.instance) == POINTS_WEST
    assert both.notes == ("layout.exclusion.0: 2 of 10 options at 2 candidates fall away, inside zone.geojson",)


def test_a_zone_may_be_for_one_type_only(tmp_path):
    write_zone(tmp_path, box(200, 0, 400, 2500))
    config = with_layout(exclusion=[{"file": "zone.geojson", "types": ["box"]}])
    config["facilities"]["point"]["box"] = config["facilities"]["point"]["kiosk"]
    instance = instance_of(tmp_path, config=config)
    assert options_at(instance, "P0") == [("kiosk", "only")]
    assert options_at(instance, "P2") == [("kiosk", "only"), ("box", "only")]


def test_the_city_folder_may_have_the_zones_by_kind(tmp_path):
    write_zone(
        tmp_path / "city", box(200, 0, 400, 2500), box(600, 0, 1000, 2500), name="exclusion.gpkg", kind=["park", "wood"]
    )
    path = write_small_city_at(tmp_path, with_layout(exclusion=[{"kinds": ["park"]}]))
    from siting.inputs.city import read_city
    from siting.prepare import prepare

    config = load_config(path).config
    assert kept(prepare(config, read_city(config.city), None).instance) & {"P0", "P1", "P2", "P3"} == {"P2", "P3"}


def write_small_city_at(folder, config):
    """The small city in a folder that has a city folder already."""
    import shutil

    path = write_small_city(folder / "fresh", config=config)
    for file in (folder / "city").iterdir():
        shutil.copy(file, folder / "fresh" / "city")
    return path


def test_a_buffer_keeps_exactly_the_distance(tmp_path):
    tables = small_tables()
    pond = gpd.GeoDataFrame({"kind": ["pond"], "name": ["x"]}, geometry=[box(0, 0, 100, 2500)], crs=CRS_METRIC)
    tables["water"] = pond.to_crs("EPSG:4326")
    for least_m, lost in ((199, set()), (201, POINTS_WEST)):
        config = with_layout(buffers=[{"around": "water", "echelons": ["point"], "least_m": least_m}])
        instance = instance_of(tmp_path / str(least_m), config=config, tables=tables)
        assert {f"P{n}" for n in range(10)} - kept(instance) == lost


def test_dense_housing_is_by_residents_a_km2(tmp_path):
    tables = small_tables()
    tables["demand"].loc[0, "residents"], tables["demand"].loc[1, "residents"] = 1500, 500
    # cell-0 is the box of 500 m at the south-west corner: 6,000 a km2; all others have no more than 4,000
    rule = {"around": "dense_housing", "residents_per_km2_above": 5000, "echelons": ["point"], "least_m": 10}
    instance = instance_of(tmp_path, config=with_layout(buffers=[rule]), tables=tables)
    assert {f"P{n}" for n in range(10)} - kept(instance) == {"P0"}


def test_places_of_a_kind_are_kept_away_from(tmp_path):
    rule = {"around": "candidates", "kinds": ["school"], "echelons": ["transfer"], "least_m": 800}
    tables = changed("candidates", ["P1"], kind="school")
    instance = instance_of(tmp_path, config=with_layout(buffers=[rule]), tables=tables)
    assert kept(instance) & {"T0", "T1", "T2"} == {"T1", "T2"}


def test_what_stands_in_a_zone_stays_and_may_not_be_upgraded(tmp_path):
    write_zone(tmp_path, box(200, 0, 400, 2500))
    config = with_existing("P0", default="may_upgrade")
    config["layout"] = {"exclusion": [{"file": "zone.geojson", "echelons": ["point"]}]}
    both = prepared(tmp_path, config=config)
    assert options_at(both.instance, "P0") == [("kiosk", "only")]
    assert "P1" not in both.instance.sites.id
    assert "1 facilities that stand there stay as they are" in both.notes[0]


def test_a_rule_that_takes_all_away_says_so_with_the_cure(tmp_path):
    write_zone(tmp_path, box(-500, -500, 5000, 5000))
    config = with_layout(exclusion=[{"file": "zone.geojson", "echelons": ["sorting"]}])
    with pytest.raises(ConfigError, match=r"exclusion\.0: takes away all 2 options that it covers .*; narrow the zone"):
        instance_of(tmp_path, config=config)


def test_a_site_that_must_open_is_not_taken_away_in_silence(tmp_path):
    write_zone(tmp_path, box(200, 0, 400, 2500))
    config = with_layout(exclusion=[{"file": "zone.geojson", "echelons": ["point"]}])
    config["sites"] = {"must_open": ["P0"]}
    with pytest.raises(ConfigError, match=r"candidate P0: must be open, but rules of layout leave nothing"):
        instance_of(tmp_path, config=config)


@pytest.mark.parametrize(
    ("rule", "cure"),
    [
        ({"around": "layer", "least_m": 10}, "needs `file`"),
        ({"around": "water", "file": "zone.geojson", "least_m": 10}, "nothing else takes one"),
        ({"around": "dense_housing", "least_m": 10}, "needs residents_per_km2_above"),
        ({"around": "candidates", "least_m": 10}, "needs kinds"),
        ({"around": "water", "least_m": 10, "types": ["kioskk"]}, "no facility type 'kioskk'"),
        ({"around": "water", "least_m": 10, "types": ["kiosk"], "echelons": ["sorting"]}, "drop one of both"),
    ],
)
def test_a_rule_that_says_too_little_or_too_much_is_refused(tmp_path, rule, cure):
    with pytest.raises(ConfigError, match=cure):
        load_config(write_small_city(tmp_path, config=with_layout(buffers=[rule])))


def test_layers_that_cannot_be_used_are_refused(tmp_path):
    for name, content, cure in (
        ("none.gpkg", None, "no such file"),
        ("plain.csv", "a,b\n1,2\n", "no header"),
    ):
        if content is not None:
            (tmp_path / name).write_text(content)
        layer = with_layout(exclusion=[{"file": str(tmp_path / name)}])
        with pytest.raises((DataError, FileError), match=cure):
            instance_of(tmp_path / name.partition(".")[0], config=layer)
    with pytest.raises(ConfigError, match="no table `exclusion`; add one, or give `file`"):
        instance_of(tmp_path / "a", config=with_layout(exclusion=[{}]))
    rule = {"around": "candidates", "kinds": ["scool"], "least_m": 9}
    with pytest.raises(ConfigError, match=r"nothing of kind 'scool'; there are \['community'"):
        instance_of(tmp_path / "b", config=with_layout(buffers=[rule]))


@pytest.mark.parametrize("seed", range(6))
def test_groups_hold_every_pair_that_is_too_near_and_no_other(seed):
    rng = np.random.default_rng(seed)
    xy_m = np.vstack([rng.uniform(0, 1000, (60, 2)), [[500.0, 500.0], [500.0, 500.0], [500.0, 600.0]]])
    groups = near_groups(xy_m, 100.0)
    held = {pair for group in groups for pair in combinations(group.tolist(), 2)}
    distance_m = np.hypot(*(xy_m[:, None] - xy_m[None]).transpose(2, 0, 1))
    near = {(a, b) for a, b in combinations(range(len(xy_m)), 2) if distance_m[a, b] < 100 * (1 - 1e-9)}
    assert held == near
    assert len(groups) <= len(near)


def test_no_places_or_one_have_no_groups():
    assert near_groups(np.empty((0, 2)), 100.0) == []
    assert near_groups(np.zeros((1, 2)), 100.0) == []
    assert [group.tolist() for group in near_groups(np.zeros((5, 2)), 100.0)] == [[0, 1, 2, 3, 4]]


def test_many_places_are_grouped_in_seconds():
    xy_m = np.random.default_rng(1).uniform(0, 20_000, (20_000, 2))
    started = time.process_time()
    groups = near_groups(xy_m, 200.0)
    assert time.process_time() - started < 15
    pairs = sum(len(group) * (len(group) - 1) // 2 for group in groups)
    assert len(groups) < pairs, "groups are larger than pairs"


def test_open_facilities_keep_their_distance(tmp_path):
    config = with_layout(spacing=[{"echelons": ["point"], "least_m": 950}])
    config["targets"] = [{"unit": "city", "measure": "count", "echelon": "point", "at_least": 3}]
    both = prepared(tmp_path, config=config)
    solution = solve(both.instance, engine="exact", time_limit_s=60, gap=0.0)
    assert verify(both.instance, solution.plan).faults == ()
    option = np.flatnonzero(solution.plan.is_open & (both.instance.option_echelon() == 0))
    xy_m = shapely.get_coordinates(both.geography.sites.geometry.to_crs(CRS_METRIC))[both.instance.options.site[option]]
    apart = np.hypot(*(xy_m[:, None] - xy_m[None]).transpose(2, 0, 1))[np.triu_indices(len(option), 1)]
    assert len(option) >= 3
    assert apart.min() >= 949.9
    assert "pairs of sites are nearer than 950 m" in both.notes[0]


def test_what_stands_near_each_other_may_stay_but_nothing_new_comes_near(tmp_path):
    config = with_existing("P0", "P2", sizes=False)  # STEP_M apart
    config["layout"] = {"spacing": [{"types": ["kiosk"], "least_m": STEP_M + 10}]}
    config["targets"] = [{"unit": "city", "measure": "count", "echelon": "point", "at_least": 3}]
    instance = instance_of(tmp_path, config=config)
    solution = solve(instance, engine="exact", time_limit_s=60, gap=0.0)
    opened = {str(instance.sites.id[instance.options.site[o]]) for o in np.flatnonzero(solution.plan.is_open)}
    assert opened >= {"P0", "P2"}
    assert "P4" not in opened


def test_sites_that_must_open_too_near_are_named(tmp_path):
    config = with_layout(spacing=[{"echelons": ["point"], "least_m": 600}])
    config["sites"] = {"must_open": ["P0", "P2"]}
    with pytest.raises(ConfigError, match=r"spacing\.0: P0, P2 must all be open, and stand nearer than 600 m"):
        instance_of(tmp_path, config=config)


def test_at_most_so_many_of_a_list_and_one_of_a_group_of_the_table(tmp_path):
    config = with_layout(at_most=[{"sites": ["P0", "P1", "P2"], "most": 2}])
    config["targets"] = [{"unit": "city", "measure": "count", "echelon": "point", "at_least": 8}]
    tables = changed("candidates", ["P3", "P4"], at_most_group="yard")
    both = prepared(tmp_path, config=config, tables=tables)
    assert both.notes == ("layout.at_most.0: at most 2 of 3 sites", "at_most_group 'yard': at most 1 of 2 sites")
    assert both.instance.groups.most.tolist() == [2.0, 1.0]
    solution = solve(both.instance, engine="exact", time_limit_s=60, gap=0.0)
    opened = {str(both.instance.sites.id[both.instance.options.site[o]]) for o in np.flatnonzero(solution.plan.is_open)}
    assert len(opened & {"P0", "P1", "P2"}) == 2
    assert len(opened & {"P3", "P4"}) == 1


def test_groups_that_cannot_be_are_named_together(tmp_path):
    config = with_layout(at_most=[{"sites": ["P0", "P00"]}, {"sites": ["P3", "P4"]}, {"group": "yard"}])
    config["sites"] = {"must_open": ["P3", "P4"]}
    with pytest.raises(ConfigError) as caught:
        instance_of(tmp_path, config=config)
    for text in ("no candidate 'P00'", "P3, P4 must all be open, and at most 1 may", "no candidate is of group 'yard'"):
        assert text in str(caught.value)


def test_the_price_of_land_can_be_scaled(tmp_path):
    plain = instance_of(tmp_path / "a")
    dear = instance_of(tmp_path / "b", config=small_config() | {"layout": {"land_price_factor": 2}})
    assert dear.options.land_cny == pytest.approx(2 * plain.options.land_cny)


def test_a_layer_lies_beside_the_config_and_is_part_of_what_a_run_was_made_from(tmp_path):
    from siting.runs.provenance import input_digests

    write_zone(tmp_path, box(200, 0, 400, 2500))
    loaded = load_config(
        write_small_city(tmp_path, config=with_layout(exclusion=[{"file": "zone.geojson", "echelons": ["point"]}]))
    )
    assert loaded.config.layout.exclusion[0].file == tmp_path / "zone.geojson"
    assert "zone.geojson" in input_digests(loaded)
