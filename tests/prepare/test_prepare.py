from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from siting.config import load_config
from siting.errors import ConfigError, DataError
from siting.inputs.city import read_city
from siting.prepare import prepare
from siting.vocabulary import LINK_CLASSES, DemandKind, Echelon, Measure
from tests.small_city import small_config, small_tables, write_small_city


def prepared(folder, *, config=None, tables=None):
    loaded = load_config(write_small_city(folder, config=config, tables=tables))
    return prepare(loaded.config, read_city(loaded.config.city), None)


def instance_of(folder, **what):
    return prepared(folder, **what).instance


def changed(stem, ids, **columns):
    """The tables of the small city with some columns of some rows of one table replaced."""
    tables = small_tables()
    table = tables[stem]
    for column, value in columns.items():
        if column not in table:
            table[column] = None
        table.loc[table["id"].isin(ids), column] = value
    return tables


def options_at(instance, site):
    number = list(instance.sites.id).index(site)
    return [
        (str(instance.facility_types[instance.options.type[o]]), str(instance.options.size[o]))
        for o in np.flatnonzero(instance.options.site == number)
    ]


def with_second_size(config, **size):
    config["facilities"]["point"]["kiosk"]["sizes"]["other"] = {"capacity_t": 90, "capex_cny": 1} | size
    return config


def test_a_small_city_becomes_an_instance_with_all_its_places(tmp_path):
    instance = instance_of(tmp_path)
    assert list(instance.districts) == ["d1", "d2"]
    assert instance.n_demand == 14
    assert np.bincount(instance.sites.echelon).tolist() == [10, 3, 2]
    assert instance.residents == 12_000
    # 1,000 residents × 0.2 kg × 365 days = 73 t of paper; the generators offer metal
    assert instance.demand.tonnes[:12].tolist() == [[73.0, 0.0]] * 12
    assert instance.demand.tonnes[12:].tolist() == [[0.0, 800.0], [0.0, 1500.0]]
    assert instance.demand.is_household.tolist() == [True] * 12 + [False] * 2


def test_money_is_a_yearly_payment(tmp_path):
    instance = instance_of(tmp_path)
    # 50,000 CNY over 10 years at 8 %: × 0.08 / (1 − 1.08 ** −10) = 7,451; land 12 m2 × 500 CNY over 40 years: 503
    options = instance.options
    assert options.investment_cny[0] == pytest.approx(7451.47, abs=0.01)
    assert options.land_cny[0] == pytest.approx(503.16, abs=0.01)
    assert options.fixed_operation_cny[0] == 5000


def test_without_interest_an_investment_is_spread_evenly(tmp_path):
    config = small_config()
    config["money"]["discount_rate"] = 0
    assert instance_of(tmp_path, config=config).options.investment_cny[0] == 5000


def test_participation_falls_with_distance_as_the_config_says(tmp_path):
    walks = instance_of(tmp_path).walks
    assert walks.participation == pytest.approx(0.6 * np.exp(-walks.distance_m / 900))
    assert walks.distance_m.max() <= 1200


def test_links_join_the_echelons_of_their_class(tmp_path):
    instance = instance_of(tmp_path)
    names, echelon = np.array(LINK_CLASSES), instance.sites.echelon
    tails, heads = echelon[instance.haul.tail], echelon[instance.haul.head]
    first = names[instance.haul.link_class] == "point_to_transfer"
    assert (tails[first] == Echelon.POINT).all()
    assert (heads[first] == Echelon.TRANSFER).all()
    assert (tails[~first] == Echelon.TRANSFER).all()
    assert (heads[~first] == Echelon.SORTING).all()
    assert (instance.demand.kind[instance.direct.tail] == DemandKind.GENERATOR).all()
    assert (echelon[instance.direct.head] == Echelon.SORTING).all()


def test_a_size_stands_only_where_the_land_suffices(tmp_path):
    config = with_second_size(small_config(), area_m2=25)
    instance = instance_of(tmp_path, config=config, tables=changed("candidates", ["P3"], area_m2=20.0))
    assert options_at(instance, "P3") == [("kiosk", "only")]
    assert options_at(instance, "P4") == [("kiosk", "only"), ("kiosk", "other")]


def test_a_candidate_that_nothing_fits_is_left_out(tmp_path):
    instance = instance_of(tmp_path, tables=changed("candidates", ["P3"], area_m2=5.0))
    assert "P3" not in instance.sites.id
    assert instance.n_sites == 14


def test_a_type_stands_only_on_its_kinds_of_place(tmp_path):
    config = small_config()
    config["facilities"]["point"]["box"] = config["facilities"]["point"]["kiosk"] | {"kinds": ["school"]}
    instance = instance_of(tmp_path, config=config, tables=changed("candidates", ["P1"], kind="school"))
    assert options_at(instance, "P1") == [("kiosk", "only"), ("box", "only")]
    assert options_at(instance, "P2") == [("kiosk", "only")]


def test_an_existing_facility_stays_as_it_is_and_its_investment_is_sunk(tmp_path):
    tables = changed("candidates", ["P2"], role="existing", existing_type="kiosk", existing_size="only", area_m2=5.0)
    instance = instance_of(tmp_path, config=with_second_size(small_config()), tables=tables)
    site = list(instance.sites.id).index("P2")
    (option,) = np.flatnonzero(instance.options.site == site)
    assert instance.sites.must_open[site]
    assert instance.options.is_existing[option]
    assert instance.options.investment_cny[option] == instance.options.land_cny[option] == 0
    assert instance.options.fixed_operation_cny[option] == 5000
    assert instance.options.area_m2[option] <= instance.sites.area_m2[site]


def test_an_existing_facility_of_an_unknown_size_is_named(tmp_path):
    tables = changed("candidates", ["P2"], role="existing", existing_type="kiosk", existing_size="huge")
    with pytest.raises(DataError, match=r"P2: existing point of type 'kiosk', size 'huge' .* add it there or correct"):
        prepared(tmp_path, tables=tables)


def test_a_required_site_that_nothing_fits_is_named(tmp_path):
    tables = changed("candidates", ["P2"], role="required", area_m2=5.0)
    with pytest.raises(DataError, match="candidate P2: must be open, but nothing fits its 5 m2; add a smaller size"):
        prepared(tmp_path, tables=tables)


def test_the_planner_opens_and_closes_sites(tmp_path):
    config = small_config() | {"sites": {"must_open": ["P1", "S0"], "must_close": ["T2"]}}
    instance = instance_of(tmp_path, config=config)
    assert list(instance.sites.id[instance.sites.must_open]) == ["P1", "S0"]
    assert "T2" not in instance.sites.id


def test_unknown_sites_and_contradictions_stand_in_one_list(tmp_path):
    config = small_config() | {"sites": {"must_open": ["P11", "T1"], "must_close": ["T1"]}}
    with pytest.raises(
        ConfigError, match=r"2 faults:(.|\n)*no candidate 'P11'; did you mean 'P1(.|\n)*'T1' is in both"
    ):
        prepared(tmp_path, config=config)


def test_a_scope_takes_the_districts_people_and_points_and_the_haul_sites_near_it(tmp_path):
    config = small_config() | {"scope": {"districts": ["d1"], "haul_sites_within_km": 0.5, "generators": False}}
    config["targets"] = []
    instance = instance_of(tmp_path, config=config)
    assert instance.n_demand == 6
    # T1 stands 100 m and S1, T2 more than 1 km beyond the border of d1, 1,500 m from its west side
    assert list(instance.sites.id[instance.sites.echelon != Echelon.POINT]) == ["T0", "T1", "S0"]
    assert list(instance.districts) == ["d1", "d2"], "planned districts first"
    points = instance.sites.district[instance.sites.echelon == Echelon.POINT]
    assert (points == 0).all()


def test_an_unknown_district_is_named_with_those_there_are(tmp_path):
    with pytest.raises(ConfigError, match=r"no district 'd9' in the city; there are \['d1', 'd2'\]"):
        prepared(tmp_path, config=small_config() | {"scope": {"districts": ["d9"]}})


def test_a_material_of_the_generators_that_the_config_lacks_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"generators offer 'gold'.* set scope.generators: false"):
        prepared(tmp_path, tables=changed("generators", ["G0"], material="gold"))


def test_only_the_listed_materials_of_generators_are_planned(tmp_path):
    tables = changed("generators", ["G0"], material="gold")
    config = small_config() | {"scope": {"generators": ["metal"]}}
    instance = instance_of(tmp_path, config=config, tables=tables)
    assert list(instance.demand.id[~instance.demand.is_household]) == ["G1"]


def test_a_listed_material_that_no_generator_offers_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"scope.generators: no generator offers 'gold'; there are \['metal'\]"):
        prepared(tmp_path, config=small_config() | {"scope": {"generators": ["gold"]}})


def test_points_take_every_household_material(tmp_path):
    config = small_config()
    config["facilities"]["point"]["kiosk"]["accepts"] = ["metal"]
    with pytest.raises(
        ConfigError, match=r"point\.kiosk\.accepts: must take every household material; add \['paper'\]"
    ):
        prepared(tmp_path, config=config)


def test_each_district_gets_its_target_and_overrides_hold_by_code_and_name(tmp_path):
    line = {
        "unit": "each_district",
        "measure": "coverage",
        "within_m": 700,
        "at_least": 0.6,
        "overrides": {"East": 0.4},
    }
    city = {"unit": "city", "measure": "count", "echelon": "point", "at_least": 4}
    instance = instance_of(tmp_path, config=small_config() | {"targets": [line, city]})
    assert [(t.id, t.unit, t.value) for t in instance.targets] == [
        ("coverage-700-west", "West", 0.6),
        ("coverage-700-east", "East", 0.4),
        ("count-point", "city", 4.0),
    ]
    west, _, whole = instance.targets
    assert np.flatnonzero(west.in_unit_demand).tolist() == [*range(6), 12]
    assert (west.in_unit_site == (instance.sites.district == 0)).all()
    assert whole.in_unit_site.all()
    assert whole.echelon is Echelon.POINT


def test_a_target_for_each_district_gives_way_to_one_that_names_the_district(tmp_path):
    line = {"measure": "coverage", "within_m": 700, "at_least": 0.4}
    lines = [line | {"unit": "each_district"}, line | {"unit": "West"}]
    instance = instance_of(tmp_path, config=small_config() | {"targets": lines})
    assert [t.id for t in instance.targets] == ["coverage-700-west-2", "coverage-700-east", "coverage-700-west"]


def test_a_district_with_no_latin_name_is_called_by_its_code_in_ids(tmp_path):
    line = {"unit": "each_district", "measure": "coverage", "within_m": 700, "at_least": 0.4}
    tables = small_tables()
    tables["districts"].loc[tables["districts"]["code"] == "d1", "name_en"] = "和平区"
    instance = instance_of(tmp_path, config=small_config() | {"targets": [line]}, tables=tables)
    assert [t.id for t in instance.targets] == ["coverage-700-d1", "coverage-700-east"]


def test_targets_of_other_years_are_left_out(tmp_path):
    line = {"unit": "city", "measure": "processed_t", "at_least": 1500}
    lines = [line | {"year": 2027}, line | {"year": 2030}, line]
    assert [t.id for t in instance_of(tmp_path, config=small_config() | {"targets": lines}).targets] == [
        "processed-2027",
        "processed",
    ]


def test_a_functional_area_is_a_responsibility_unit(tmp_path):
    line = {"unit": "Old town", "measure": "collected_t", "at_least": 10, "material": "paper"}
    tables = changed("demand", ["cell-0", "cell-7"], area="Old town")
    (target,) = instance_of(tmp_path, config=small_config() | {"targets": [line]}, tables=tables).targets
    assert target.unit == "Old town"
    assert target.measure is Measure.COLLECTED
    assert np.flatnonzero(target.in_unit_demand).tolist() == [0, 7]
    assert target.counts_material.tolist() == [True, False]
    assert not target.in_unit_site.any()


def test_unknown_units_and_overrides_are_named_with_those_there_are(tmp_path):
    lines = [
        {"unit": "Weest", "measure": "processed_t", "at_least": 1},
        {"unit": "each_district", "measure": "collected_t", "at_least": 1, "overrides": {"Nord": 3}},
    ]
    with pytest.raises(ConfigError, match=r"2 faults:(.|\n)*unit 'Weest'; there are \['city'(.|\n)*no district 'Nord'"):
        prepared(tmp_path, config=small_config() | {"targets": lines})


def test_a_unit_without_residents_has_no_coverage_target(tmp_path):
    line = {"unit": "Port", "measure": "coverage", "within_m": 500, "at_least": 0.5}
    tables = changed("generators", ["G1"], area="Port") | {
        "candidates": changed("candidates", ["P9"], area="Port")["candidates"]
    }
    with pytest.raises(ConfigError, match="Port has no residents to cover; remove the target"):
        prepared(tmp_path, config=small_config() | {"targets": [line]}, tables=tables)


def test_the_rows_of_the_geography_are_those_of_the_instance(tmp_path):
    both = prepared(tmp_path)
    assert list(both.geography.sites["id"]) == list(both.instance.sites.id)
    assert list(both.geography.demand["id"]) == list(both.instance.demand.id)
    assert list(both.geography.districts["code"]) == list(both.instance.districts)
    assert isinstance(both.geography.demand, gpd.GeoDataFrame)
    assert set(both.snapping) == {"walk", *LINK_CLASSES[:3]}


def test_distances_from_the_cache_are_the_same(tmp_path):
    loaded = load_config(write_small_city(tmp_path))
    city = read_city(loaded.config.city)
    first, again = (prepare(loaded.config, city, tmp_path / "cache").instance for _ in range(2))
    assert any((tmp_path / "cache").iterdir())
    assert np.array_equal(first.haul.distance_m, again.haul.distance_m)
    assert np.array_equal(first.walks.site, again.walks.site)
