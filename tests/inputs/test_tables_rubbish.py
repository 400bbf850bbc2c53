"""Whatever stands in a table, it is read or refused in words: never another exception, never a number made up."""

import datetime
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siting.errors import SitingError
from siting.inputs.tables.grid import Grid, Merge, trimmed
from siting.inputs.tables.read import read_grid, read_source
from siting.inputs.tables.schema import definition

KINDS = sorted(definition().kinds)
HEADERS = sorted({text for kind in definition().kinds.values() for c in kind.columns for text in (c.header.zh, c.name)})
WORDS = [
    "合计",
    "示例1",
    "注：x",
    "和平区",
    "回收点",
    "3万吨/年",
    "50吨/日",
    "１，２００",
    "1亩",
    "约300",
    "=1+1",
    "#REF!",
    "—",
    "(㎡)",
    "万人",
]
CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        [
            *WORDS,
            *HEADERS,
            "日处理能力（吨）",
            "坐标（高德）",
            "117.2,39.1",
            "POINT (117 39)",
            "POLYGON ((0 0",
            "117°12′",
        ]
    ),
    st.sampled_from([0, 1, 117.2, 39.13, 518568.0, 4331559.0, 39518568.0, math.inf, math.nan, True, 10**18, -1e300]),
    st.sampled_from([datetime.datetime(2026, 3, 1), datetime.time(1, 2), datetime.date(2025, 1, 1)]),
    st.text(max_size=6),
)
MERGES = st.builds(
    lambda top, left, height, width: Merge(top, left, top + height, left + width),
    *(st.integers(0, 4), st.integers(0, 5), st.integers(0, 3), st.integers(0, 3)),
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=7).map(tuple), min_size=1, max_size=8)
DATUMS = st.sampled_from([None, "wgs84", "gcj02", "EPSG:4548", "EPSG:4527"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(KINDS),
    header=st.lists(st.sampled_from([*HEADERS, *WORDS]), min_size=2, max_size=7),
    rows=ROWS,
    merges=st.lists(MERGES, max_size=3),
    datum=DATUMS,
)
def test_any_grid_is_read_or_refused_in_words(kind, header, rows, merges, datum):
    grid = Grid("a.xlsx", trimmed([tuple(header), *rows]), sheet="表", merges=tuple(merges))
    try:
        frame = read_grid(grid, definition().kinds[kind], columns={}, datum=datum)
    except SitingError as error:
        assert str(error)
        return
    assert len(frame) > 0
    if "geometry" in frame:
        assert np.isfinite(frame.total_bounds).all()
        assert not frame.geometry.isna().any()


@settings(max_examples=60, deadline=None)
@given(
    content=st.binary(max_size=300),
    suffix=st.sampled_from([".csv", ".xlsx", ".gpkg", ".geojson", ".shp", ".parquet", ".zip"]),
)
def test_any_bytes_are_read_or_refused_in_words(tmp_path_factory, content, suffix):
    path = tmp_path_factory.mktemp("rubbish") / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(SitingError):
        read_source(path, "candidates", datum="wgs84")
