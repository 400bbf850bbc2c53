import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.travel import Network, cached, from_arrays, haul_pairs, to_arrays

INPUTS = (np.zeros(3), "road", 1000.0)
RESULT = {"distance_m": np.array([1.5, 2.5]), "origin": np.array([0, 7], dtype=np.int32)}


def result():
    return {name: array.copy() for name, array in RESULT.items()}


def must_not_compute():
    raise AssertionError("computed although the cache holds the result")


def assert_same(found):
    assert found.keys() == RESULT.keys()
    for name, array in RESULT.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_a_second_call_reads_the_result_and_computes_nothing(tmp_path):
    assert_same(cached(tmp_path / "new", "walk", INPUTS, result))
    assert_same(cached(tmp_path / "new", "walk", INPUTS, must_not_compute))
    assert [path.suffix for path in (tmp_path / "new").iterdir()] == [".cache"]


@pytest.mark.parametrize(
    "other",
    [
        (np.zeros(3) + 1e-12, "road", 1000.0),
        (np.zeros(3, dtype=np.int64), "road", 1000.0),
        (np.zeros(3).reshape(3, 1), "road", 1000.0),
        (np.zeros(3), "roads", 1000.0),
        (np.zeros(3), "road", "1000.0"),
        (np.zeros(3), "road"),
        (np.zeros(3), 1000.0, "road"),
    ],
)
def test_other_inputs_are_computed_anew(tmp_path, other):
    cached(tmp_path, "walk", INPUTS, result)
    found = cached(tmp_path, "walk", other, lambda: {"is_new": np.array([True])})
    assert list(found) == ["is_new"]


def test_another_name_is_computed_anew(tmp_path):
    cached(tmp_path, "walk", INPUTS, result)
    assert list(cached(tmp_path, "haul", INPUTS, lambda: {"is_new": np.array([True])})) == ["is_new"]


def test_equal_arrays_in_another_memory_order_are_the_same_input(tmp_path):
    square = np.arange(6.0).reshape(2, 3)
    cached(tmp_path, "walk", (square,), result)
    assert_same(cached(tmp_path, "walk", (np.asfortranarray(square),), must_not_compute))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_file_with_any_byte_changed_or_cut_off_is_never_an_error_nor_a_wrong_result(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("cache")
    cached(folder, "walk", INPUTS, result)
    (path,) = folder.iterdir()
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[at] ^= data.draw(st.integers(1, 255))
    else:
        del content[at:]
    path.write_bytes(bytes(content))
    assert_same(cached(folder, "walk", INPUTS, result))
    assert_same(cached(folder, "walk", INPUTS, result))


@pytest.mark.parametrize("flipped", [1, 56, 128])
def test_no_changed_byte_goes_unnoticed(tmp_path, flipped):
    """Also in the list of contents at the end, where a zip's reader leaves out an entry and says nothing."""
    cached(tmp_path, "walk", INPUTS, result)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ flipped]) + content[at + 1 :])
        assert list(cached(tmp_path, "walk", INPUTS, lambda: {"is_new": np.array([True])})) == ["is_new"], at


def test_a_changed_number_type_inside_a_large_file_is_noticed(tmp_path):
    def large():
        return {"distance_m": np.arange(100_000.0)}

    cached(tmp_path, "walk", INPUTS, large)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes().replace(b"<f8", b"<f4", 1))  # numpy alone reads half of the bytes
    np.testing.assert_array_equal(cached(tmp_path, "walk", INPUTS, large)["distance_m"], np.arange(100_000.0))


def test_a_damaged_file_is_replaced_with_a_warning(tmp_path, caplog):
    cached(tmp_path, "walk", INPUTS, result)
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"not a zip file")
    with caplog.at_level(logging.WARNING):
        assert_same(cached(tmp_path, "walk", INPUTS, result))
    assert "damaged" in caplog.text
    assert_same(cached(tmp_path, "walk", INPUTS, must_not_compute))


def test_a_folder_that_cannot_be_written_costs_a_warning_only(tmp_path, caplog):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        assert_same(cached(in_the_way / "cache", "walk", INPUTS, result))
    assert "cannot be written" in caplog.text


def test_without_a_folder_nothing_is_kept():
    assert_same(cached(None, "walk", INPUTS, result))
    with pytest.raises(AssertionError, match="computed although"):
        cached(None, "walk", INPUTS, must_not_compute)


def test_a_failed_computation_leaves_no_file(tmp_path):
    with pytest.raises(AssertionError, match="computed although"):
        cached(tmp_path, "walk", INPUTS, must_not_compute)
    assert list(tmp_path.iterdir()) == []


def test_python_objects_are_refused_as_inputs(tmp_path):
    with pytest.raises(TypeError, match="fixed-width text"):
        cached(tmp_path, "walk", (np.array(["a", None], dtype=object),), result)


def test_pairs_and_report_come_back_from_the_cache_as_they_were(tmp_path):
    network = Network(np.array([[0.0, 0.0], [9.0, 0.0]]), np.array([[0, 1]]), np.array([9.0]), np.array([True]))
    places = np.array([[1.0, 0.0], [4.0, 600.0]])
    pairs, report = haul_pairs(network, places, places, nearest=2)
    inputs = [*network.arrays(), places, 2.0]
    cached(tmp_path, "haul", inputs, lambda: to_arrays(pairs, report))
    kept_pairs, kept_report = from_arrays(cached(tmp_path, "haul", inputs, must_not_compute))
    assert kept_pairs.origin.tolist() == pairs.origin.tolist()
    assert kept_pairs.distance_m.tolist() == pairs.distance_m.tolist()
    assert kept_report.far_origins.tolist() == [1]
    assert (kept_report.snap_limit_m, kept_report.n_along_pairs) == (500.0, 4)
    assert isinstance(kept_report.n_pieces, int)
