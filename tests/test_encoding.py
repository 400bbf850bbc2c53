"""Encodings of texts are told by their bytes: Chinese, Western, or not at all."""

import pytest

from siting.encoding import decoded, guessed
from siting.errors import DataError
from siting.inputs.tables import read_source
from tests.table_files import parcels, write_shapefile


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("编号,名称\n1,大沽南路地块\n", "utf-8", "UTF-8"),
        ("编号,名称\n1,大沽南路地块\n", "utf-8-sig", "UTF-8"),
        ("编号,名称\n1,大沽南路A栋\n2,朱镕基故居\n", "gb18030", "GB18030"),
        ("id,name\n1,Münchner Straße\n2,Café\n", "latin-1", "Windows-1252"),
        ("id,name\n1,Äußere Größe\n", "cp1252", "Windows-1252"),
        ("id,name\n1,北\n", "utf-16", "UTF-16"),
    ],
)
def test_the_bytes_tell_the_encoding(text, encoding, name):
    read = decoded("a.csv", text.encode(encoding))
    assert (read.text, read.encoding) == (text, name)


@pytest.mark.parametrize(("text", "encoding"), [("улица Ленина, дом", "cp1251"), ("臺北市中正區許功蓋", "big5")])
def test_what_the_bytes_do_not_tell_is_refused(text, encoding):
    assert guessed([text.encode(encoding)]) is None
    with pytest.raises(DataError, match="neither UTF-8 nor GB18030"):
        decoded("a.csv", f"name\n{text}\n".encode(encoding))


def test_a_cpg_that_is_right_holds_and_a_wrong_one_does_not(tmp_path):
    western = parcels().assign(名称=["Münchner Straße", "Äußerer Ring"], 行政区=["Süd", "Süd"])
    western = western.rename(columns={"名称": "name", "行政区": "district", "面积": "area_m2"})
    path = write_shapefile(tmp_path / "west.shp", western, encoding="ISO-8859-1")
    path.with_suffix(".cpg").write_text("ISO-8859-1")
    frame = read_source(path, "candidates")
    assert frame["name"].tolist() == ["Münchner Straße", "Äußerer Ring"]
    assert not any("texts read as" in note for note in frame.attrs["notes"])

    path = write_shapefile(tmp_path / "china.shp", parcels(), encoding="GBK")
    path.with_suffix(".cpg").write_text("ISO-8859-1")
    frame = read_source(path, "candidates", datum="wgs84")
    assert frame["name"].tolist() == ["大沽南路地块", "南开三马路"]
    assert any("GB18030; its .cpg says ISO-8859-1" in note for note in frame.attrs["notes"])
