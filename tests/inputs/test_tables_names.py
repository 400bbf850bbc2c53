"""District names: every way to write one means the same district."""

import pandas as pd
import pytest

from siting.inputs.tables.names import district_codes, short_name

TIANJIN = pd.DataFrame(
    {
        "code": ["120101", "120116", "120119", "120103"],
        "name_zh": ["和平区", "滨海新区", "蓟州区", "河西区"],
        "name_en": ["Heping", "Binhai", "Jizhou", "Hexi"],
    }
)


WAYS = [
    "和平",
    "和平区",
    "和 平 区",
    "天津市和平区",
    "天津市 和平",
    "和平区（120101）",
    "Heping",
    "Heping District",
    "heping district",
]
CODES = ["120101", "120101000000", "120101000", 120101]


@pytest.mark.parametrize("name", WAYS + CODES)
def test_every_way_to_write_a_district_means_it(name):
    assert district_codes([name], TIANJIN) == ["120101"]


def test_what_is_no_district_or_missing_has_no_code():
    assert district_codes(["和平曲", None, "", "南开区", "天津市"], TIANJIN) == [None] * 5


def test_a_short_name_that_two_districts_share_means_neither():
    districts = pd.DataFrame({"code": ["430121", "430199"], "name_zh": ["长沙县", "长沙市"]})
    assert district_codes(["长沙", "长沙县"], districts) == [None, "430121"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("滨海新区", "滨海"), ("天津市滨海新区", "滨海"), ("青岛市市北区", "市北"),
        ("内蒙古自治区呼和浩特市新城区", "新城"),
        ("湖南省津市市", "津市"), ("荆州市沙市区", "沙市"), ("蓟县", "蓟县"),
        ("北京市密云县", "密云"), ("新市区", "新市"),
    ],
)  # fmt: skip
def test_names_lose_what_stands_above_and_their_level(name, short):
    assert short_name(name) == short
