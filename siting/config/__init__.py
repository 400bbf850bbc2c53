"""The config: a closed schema, its parameter table, and the reader that lists every fault at once."""

from siting.config.json_schema import config_json_schema
from siting.config.load import Change, ConfigSource, Loaded, load_config
from siting.config.schema import Config

__all__ = ["Change", "Config", "ConfigSource", "Loaded", "config_json_schema", "load_config"]
