"""The JSON Schema for editors agrees with what the reader of configs accepts and refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from siting.config import Config, config_json_schema
from siting.vocabulary import MEASURES
from tests.small_city import small_config

CONFIGS = sorted((Path(__file__).parents[2] / "configs").rglob("*.yaml"))
SCHEMA = config_json_schema()
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int}
KNOWN = {
    "$schema", "$defs", "$ref", "anyOf", "allOf", "if", "then", "not", "type", "enum", "const", "properties",
    "required", "additionalProperties", "propertyNames", "items", "minItems", "maxItems", "minProperties", "minLength",
    "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format", "description", "default",
    "title", "enumDescriptions",
}  # fmt: skip


def faults(value, schema, at=""):
    """Every place where `value` does not fit `schema`, by the rules of JSON Schema that the schema uses."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        yield from faults(value, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], at)
    if "anyOf" in schema:
        tried = [list(faults(value, one, at)) for one in schema["anyOf"]]
        inside = [found for found in tried if not any(fault.startswith(f"{at}: ") for fault in found)]
        if all(tried):
            yield from inside[0] if inside else [f"{at}: none of {len(tried)} choices"]
    for one in schema.get("allOf", []):
        yield from faults(value, one, at)
    if "if" in schema and not any(True for _ in faults(value, schema["if"], at)):
        yield from faults(value, schema["then"], at)
    if "not" in schema and not any(True for _ in faults(value, schema["not"], at)):
        yield f"{at}: not allowed"
    yield from scalar_faults(value, schema, at)
    if isinstance(value, dict):
        yield from (f"{at}.{key}: missing" for key in schema.get("required", []) if key not in value)
        known, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
        for key, below in value.items():
            yield from faults(key, schema.get("propertyNames", {}), f"{at}.{key}")
            if key in known or isinstance(rest, dict):
                yield from faults(below, known.get(key, rest), f"{at}.{key}")
            elif not rest:
                yield f"{at}.{key}: unknown key"
    if isinstance(value, list):
        for number, below in enumerate(value):
            yield from faults(below, schema.get("items", {}), f"{at}.{number}")


def scalar_faults(value, schema, at):
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    kind = schema.get("type")
    if not (is_number if kind == "number" else isinstance(value, TYPES.get(kind, object))):
        yield f"{at}: no {kind}"
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield f"{at}: not one of the values"
    if is_number and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at}: out of range"
    if is_number and not schema.get("exclusiveMinimum", value - 1) < value < schema.get("exclusiveMaximum", value + 1):
        yield f"{at}: out of range"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{at}: another pattern"
    sizes = ("minLength", str), ("minItems", list), ("minProperties", dict)
    if any(isinstance(value, type_) and len(value) < schema.get(key, 0) for key, type_ in sizes):
        yield f"{at}: too short"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_the_configs_that_come_with_the_program_fit_the_schema(path):
    assert list(faults(yaml.safe_load(path.read_text(encoding="utf-8")), SCHEMA)) == []


def test_every_key_of_the_config_is_in_the_schema():
    def sections(model):
        yield model
        for one in model.__subclasses__():
            yield from sections(one)

    named = {
        one.__name__: one
        for one in sections(BaseModel)
        if one.__module__.startswith("siting.config.") and one.__name__ in SCHEMA["$defs"]
    }
    assert len(named) > 40
    for name, section in named.items():
        assert set(SCHEMA["$defs"][name]["properties"]) == set(section.model_fields), name
    assert set(SCHEMA["properties"]) == {*Config.model_fields, "extends", "parameters", "scenarios"}
    assert SCHEMA["$defs"]["Measure"]["enum"] == [str(measure) for measure in MEASURES]


TARGET = {"unit": "city", "measure": "count", "echelon": "point", "at_least": 5}
REFUSED = {
    "a misspelt key": ({"travell": {}}, ".travell: unknown key"),
    "a value out of range": ({"money": {"discount_rate": 2}}, ".money.discount_rate: none of 5 choices"),
    "a figure of another form": ({"money": {"discount_rate": {"from": 1}}}, ".money.discount_rate.from: no string"),
    "an unknown measure": (
        {"targets": [TARGET | {"measure": "counts"}]},
        ".targets.0.measure: not one of the values",
    ),
    "a key that a measure needs": (
        {"targets": [{"unit": "city", "measure": "coverage", "at_least": 0.5}]},
        ".targets.0.within_m: missing",
    ),
    "a target without a unit": ({"targets": [{"measure": "cost_cny", "at_most": 5}]}, ".targets.0.unit: missing"),
    "a goal that cannot be minimised": (
        {"objective": [{"minimise": "coverage"}]},
        ".objective.0.minimise: none of 2 choices",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_an_editor_marks(name):
    change, expected = REFUSED[name]
    assert list(faults({"extends": "a.yaml"} | change, SCHEMA)) == [expected]


def test_a_config_that_extends_none_needs_its_keys():
    assert list(faults(small_config(), SCHEMA)) == []
    assert ".money: missing" in list(faults({"name": "x"}, SCHEMA))
    assert list(faults({"extends": "a.yaml", "layout": None}, SCHEMA)) == []
