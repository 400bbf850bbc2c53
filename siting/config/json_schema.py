"""JSON Schema of a config as users write it, for editors that complete and validate YAML."""

from __future__ import annotations

from typing import Any

from siting.config.parameters import COMBINATIONS, STATUSES
from siting.config.schema import NAME, Config
from siting.vocabulary import MEASURES

Schema = dict[str, Any]

NUMBER: Schema = {"type": "number"}
REFERENCE: Schema = {
    "type": "object",
    "description": "A figure of the parameter table.",
    "properties": {
        "from": {"type": "string", "description": "key of the row"},
        "use": {"enum": ["value", "low", "high"], "description": "the value, or an end of its range"},
        "times": NUMBER | {"description": "factor, for example from the unit of the row to that of the key"},
    },
    "required": ["from"],
    "additionalProperties": False,
}
OWN_FIGURE: Schema = {
    "type": "object",
    "description": "A figure of the config's own, with its status and source.",
    "properties": {
        "value": NUMBER,
        "status": {"enum": list(STATUSES)},
        "source": {"type": "string"},
        "low": NUMBER,
        "high": NUMBER,
    },
    "required": ["value", "status", "source"],
    "additionalProperties": False,
}
FIGURES = [{"$ref": f"#/$defs/{name}"} for name in ("Reference", "OwnFigure", "Combination")]
COMBINATION: Schema = {
    "type": "object",
    "description": "A figure made of others.",
    "properties": {
        key: {"type": "array", "items": {"anyOf": [NUMBER, *FIGURES]}, "minItems": 1, "description": f"{key} of these"}
        for key in COMBINATIONS
    },
    "minProperties": 1,
    "additionalProperties": False,
}
NULL: Schema = {"type": "null"}
ABOUT = ("description", "default")
"""Keys of a schema that say something about its values without restricting them."""
FILE_KEYS: Schema = {
    "extends": {"type": "string", "description": "config file that provides the keys missing here"},
    "parameters": {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        "description": "CSV of parameters with their sources, for `{from: key}`; a later file overrides rows by key",
    },
    "scenarios": {
        "type": "object",
        "description": "named overlays of the config, for `siting run --scenario` and `siting sweep`",
        "propertyNames": {"pattern": NAME},
        "additionalProperties": {
            "type": "object",
            "description": "keys of the config with other values; `targets` by id, `parameters` by key",
        },
    },
}


def config_json_schema() -> Schema:
    """Return the JSON Schema of a config file.

    It describes the file before figures are looked up and layers merged: a number may be a reference to the parameter
    table, and a file that extends another may leave out any key, or take one away by `null`.
    """
    schema = Config.model_json_schema()
    sections: Schema = schema["$defs"]
    merged: set[str] = set()
    _note_merged(schema, sections, merged)
    for name, section in sections.items():
        _open_section(section, is_merged=name in merged)
    _open_section(schema, is_merged=True, required=schema["required"])
    schema["properties"] |= FILE_KEYS
    sections |= {"Reference": REFERENCE, "OwnFigure": OWN_FIGURE, "Combination": COMBINATION}
    sections["Measure"] |= {
        "enumDescriptions": [f"{record.label.en}; {record.unit}" for record in MEASURES.values()],
    }
    sections["TargetLine"]["allOf"] = [
        {"if": {"properties": {"measure": {"const": str(measure)}}}, "then": {"required": list(record.needs)}}
        for measure, record in MEASURES.items()
        if record.needs
    ]
    return {"$schema": "http://json-schema.org/draft-07/schema#", **schema, "title": "siting config"}


def _note_merged(node: Any, sections: Schema, merged: set[str]) -> None:
    """Collect the sections that are merged key by key with those of a file that is extended: all outside of lists."""
    if isinstance(node, list):
        for below in node:
            _note_merged(below, sections, merged)
    if isinstance(node, dict):
        name = str(node.get("$ref", "")).rsplit("/", 1)[-1]
        if name and name not in merged:
            merged.add(name)
            _note_merged(sections[name], sections, merged)
        for key in node.keys() - {"items", "$defs"}:
            _note_merged(node[key], sections, merged)


def _open_section(section: Schema, *, is_merged: bool, required: list[str] | None = None) -> None:
    """Rewrite a section in place; of a merged one nothing is required, but `required` of a file that extends none."""
    section.pop("title", None)
    section["description"] = section.get("description", "").split("\n\n")[0]
    if is_merged:
        section.pop("required", None)
    if required:
        section |= {"if": {"not": {"required": ["extends"]}}, "then": {"required": required}}
    for key, value in section.get("properties", {}).items():
        opened = _opened(value)
        section["properties"][key] = _or(opened, [NULL]) if is_merged else opened


def _opened(node: Schema) -> Schema:
    """Return a schema of a value with a figure allowed in the place of each number."""
    opened = {key: value for key, value in node.items() if key != "title"}
    if isinstance(opened.get("default", ""), dict | list | None):
        opened.pop("default", None)
    if isinstance(below := opened.get("additionalProperties"), dict):
        opened["additionalProperties"] = _or(_opened(below), [NULL])
    if "items" in opened:
        opened["items"] = _opened(opened["items"])
    if "anyOf" in opened:
        opened["anyOf"] = [one for below in opened["anyOf"] for one in _choices(_opened(below))]
    return _or(opened, FIGURES) if opened.get("type") in ("number", "integer") else opened


def _or(node: Schema, others: list[Schema]) -> Schema:
    """Return a schema that also allows others; what it says about its values stays outside."""
    about = {key: value for key, value in node.items() if key in ABOUT}
    choices = _choices({key: value for key, value in node.items() if key not in ABOUT})
    return about | {"anyOf": [*choices, *(one for one in others if one not in choices)]}


def _choices(node: Schema) -> list[Schema]:
    choices: list[Schema] = node["anyOf"] if set(node) == {"anyOf"} else [node]
    return choices
