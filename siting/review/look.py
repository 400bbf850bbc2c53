"""All that is looked at, in order."""

from __future__ import annotations

from pathlib import Path

from siting.inputs.city import City, read_city
from siting.review.findings import Finding
from siting.review.places import counts, datum, duplicates, extent, origins, outside
from siting.review.travel import by_road


def look_over(folder: Path, *, reach_m: float) -> tuple[City, list[Finding]]:
    """Read the city folder and look at everything; `reach_m` is how far residents walk to a point, m.

    Raises
    ------
    FileError, DataError
        If it cannot be read, with every fault of its tables in one list.
    """
    city = read_city(folder)
    findings = [
        *counts(city),
        extent(city),
        *datum(city),
        duplicates(city),
        *outside(city),
        *by_road(city, reach_m),
        origins(city),
    ]
    return city, findings
