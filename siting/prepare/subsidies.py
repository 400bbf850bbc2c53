"""What is received on each collected tonne, by district and material."""

from __future__ import annotations

import numpy as np

from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import City
from siting.instance import Floats
from siting.prepare.scope import Scoped


def subsidy_table(config: Config, city: City, chosen: Scoped) -> Floats:
    """CNY a tonne by district and material, (n_districts, n_materials).

    Raises
    ------
    ConfigError
        If a district is not known, or two lines say what is paid for the same: all in one list.
    """
    row = {code: number for number, code in enumerate(chosen.districts["code"])}
    column = {name: number for number, name in enumerate(config.materials)}
    table = np.tile([material.subsidy_cny_per_t for material in config.materials.values()], (len(row), 1)).astype(float)
    faults: list[str] = []
    said: dict[tuple[str, str], int] = {}
    for number, line in enumerate(config.subsidies):
        for code in codes_of(city, line.districts, f"subsidies.{number}.districts", faults) or set(row):
            first = said.setdefault((code, line.material), number)
            if first != number:
                faults.append(f"subsidies.{number}: {line.material} in {code} is in subsidies.{first} too; keep one")
            if code in row:
                table[row[code], column[line.material]] = line.cny_per_t
    raise_faults(faults, ConfigError)
    return table


def codes_of(city: City, names: tuple[str, ...], where: str, faults: list[str]) -> set[str]:
    """The districts that codes or names stand for; one that is not known is added to `faults`."""
    districts = city.districts
    by_name = {
        name: str(code)
        for column in ("code", "name_en", "name_zh")
        for name, code in zip(districts[column], districts["code"], strict=True)
    }
    faults += [
        f"{where}: no district {name!r}; there are {sorted(districts['name_en'])}"
        for name in names
        if name not in by_name
    ]
    return {by_name[name] for name in names if name in by_name}
