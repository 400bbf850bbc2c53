"""Fields of a plan's layers: their meaning, and short names for formats that hold no more than ten letters."""

from __future__ import annotations

from collections.abc import Iterable

from siting.language import Label, text
from siting.language.catalogue import texts

LONGEST = 10
SHORT_WORDS = {
    "assigned": "asg", "capacity": "cap", "closing": "clos", "collected": "coll", "distance": "dist",
    "district": "dist", "extended": "ext", "existing": "exist", "fixed": "fix", "generator": "gen",
    "household": "hh", "investment": "inv", "operation": "op", "participation": "part", "per": "p", "point": "pt",
    "processed": "proc", "residents": "res", "share": "shr", "sorting": "sort", "throughput": "thru",
    "transfer": "tran", "utilisation": "util", "within": "w", "year": "yr",
}  # fmt: skip

BY_ECHELON = ("open", "capacity", "throughput")


def meaning(column: str) -> Label:
    """Return what a column holds, with its unit; its name where the catalogue has no text.

    >>> meaning("residents_within_500_m").en
    'residents within 500 m of their point'
    """
    known = texts("gis").get(f"gis.field.{column}")
    if known is not None:
        return known
    first, _, rest = column.partition("_")
    if column.startswith("residents_within_"):
        return text("gis.residents_within", distance_m=column.removeprefix("residents_within_").removesuffix("_m"))
    if first in BY_ECHELON:
        return text(f"gis.by_echelon.{first}", echelon=rest.removesuffix("_t"))
    return Label(column, column)


def short_names(columns: Iterable[str]) -> dict[str, str]:
    """Return names of at most ten letters, each of them once, by column.

    >>> list(short_names(["id", "residents_within_1000_m", "investment_cny", "investment_cny_per_year"]).values())
    ['id', 'res_w_1000', 'inv_cny', 'inv_cny_p']
    """
    names: dict[str, str] = {}
    for column in columns:
        words = [column] if len(column) <= LONGEST else [SHORT_WORDS.get(word, word) for word in column.split("_")]
        stem = name = "_".join(words)[:LONGEST].rstrip("_")
        number = 2
        while name in names.values():
            name = f"{stem[: LONGEST - len(str(number))]}{number}"
            number += 1
        names[column] = name
    return names
