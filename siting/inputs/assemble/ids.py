"""Ids that tables of several sources can share without a clash."""

from __future__ import annotations

import pandas as pd


def unique_ids(ids: pd.Series, notes: list[str], what: str) -> pd.Series:
    """Each id once: the second of its kind gets `-2` behind it, and so on."""
    texts = ids.astype(str)
    turn = texts.groupby(texts).cumcount()
    taken = set(texts)
    made = []
    for text, number in zip(texts, turn, strict=True):
        fresh = text if number == 0 else f"{text}-{number + 1}"
        while number and fresh in taken:
            fresh += "x"
        taken.add(fresh)
        made.append(fresh)
    if (turn > 0).any():
        notes.append(f"{what}: {int((turn > 0).sum()):,} ids were given twice and have a number behind them now")
    return pd.Series(made, index=ids.index, dtype=object)
