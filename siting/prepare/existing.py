"""Facilities that stand today: which they are, and what may become of each."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import geopandas as gpd
import numpy as np

from siting.config.flows import Shared
from siting.config.schema import Config
from siting.errors import DataError, did_you_mean, raise_faults
from siting.instance import Bools

ACTIONS = ("keep", "may_close", "may_upgrade", "free")
CLOSE = "close"
"""The action of a facility that `sites.must_close` names."""


def with_existing(config: Config, candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the candidates with `sites.existing` and the planner's choices entered.

    The column `action` says what may become of a facility that stands: one of `ACTIONS` or `CLOSE`; it is empty where
    nothing stands.

    Raises
    ------
    DataError
        If an action or the type and size of a facility that stands is not known: all in one list.
    """
    candidates = candidates.copy()
    rows = {one.id: one for one in config.sites.existing}
    stands = candidates["id"].isin(rows)
    candidates.loc[stands, "role"] = "existing"
    candidates.loc[stands, "existing_type"] = [rows[one].type for one in candidates.loc[stands, "id"]]
    candidates.loc[stands, "existing_size"] = [rows[one].size for one in candidates.loc[stands, "id"]]
    raise_faults(list(_action_faults(config, candidates)), DataError)
    return candidates.assign(action=_actions(config, candidates))


def _actions(config: Config, candidates: gpd.GeoDataFrame) -> list[str]:
    """Choose by id, else by the row's own column, else by echelon, else the default."""
    named, closed = config.existing.named(), set(config.sites.must_close)
    own = candidates["existing_action"] if "existing_action" in candidates else [None] * len(candidates)
    rows = zip(candidates["id"], candidates["role"], candidates["echelon"], own, strict=True)
    by_echelon = {str(key): action for key, action in config.existing.by_echelon.items()}

    def action(one: str, echelon: str, given: object) -> str:
        if one in closed:
            return CLOSE
        given = named.get(one, given)
        return given if isinstance(given, str) and given else by_echelon.get(echelon, config.existing.default)

    return [action(one, echelon, given) if role == "existing" else "" for one, role, echelon, given in rows]


def unknown_facilities(config: Config, candidates: gpd.GeoDataFrame) -> Iterator[str]:
    """Yield a fault for each facility that the config names where none stands."""
    ids = set(candidates["id"])
    listed = [one.id for one in config.sites.existing]
    standing = {*candidates.loc[candidates["role"] == "existing", "id"], *listed}
    for one in sorted({one for one in listed if listed.count(one) > 1}):
        yield f"sites.existing: {one!r} is given twice; keep one"
    for one in sorted(set(listed) - ids):
        yield f"sites.existing: {no_candidate(one, ids)}"
    for one in sorted(set(config.existing.named()) - standing):
        cure = "add it to sites.existing with its type and size"
        if one not in ids:
            cure = did_you_mean(one, standing, "take the id of a row of the candidates table")
        yield f"existing: no facility stands at {one!r} today; {cure}"


def no_candidate(one: str, ids: Iterable[str]) -> str:
    """Return the fault of an id that is not among `ids`, with its cure."""
    return f"no candidate {one!r}; {did_you_mean(one, ids, 'take the id of a row of the candidates table')}"


def _action_faults(config: Config, candidates: gpd.GeoDataFrame) -> Iterator[str]:
    if "existing_action" in candidates:
        given = candidates["existing_action"].dropna()
        for one in sorted(set(given.astype(str)) - {*ACTIONS, ""}):
            yield f"candidates.existing_action: {one!r} not allowed; choose from {list(ACTIONS)}"
    sizes = {(e, t): set(kind.sizes) for e, t, kind in config.facilities.by_echelon()}
    for row in candidates[candidates["role"] == "existing"].itertuples():
        if row.existing_size not in sizes.get((row.echelon, row.existing_type), set()):
            yield (
                f"candidate {row.id}: existing {row.echelon} of type {row.existing_type!r}, size"
                f" {row.existing_size!r} is not in `facilities` of the config; add it there or correct the table"
            )


def with_decisions(config: Config, candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the candidates with what is decided about each.

    The new columns: `must_open`, for required sites and facilities that may not be closed; `is_shared`, for outlets of
    household waste; `closing_cny`, the annuity of leaving nothing open; `today_m2` and `today_t`, the area and the
    capacity of what stands, 0 where nothing does.
    """
    money, existing = config.money, config.existing
    asked = candidates["id"].isin(config.sites.must_open) | (candidates["role"] == "required")
    stays = candidates["action"].isin(["keep", "may_upgrade"]) | (asked & (candidates["action"] != CLOSE))
    once = {str(key): cny for key, cny in existing.closing_cny.items()}
    years = existing.closing_term_years or money.land_term_years
    may_close = candidates["action"].isin(["may_close", "free", CLOSE]) & ~stays
    a_year = candidates["echelon"].map(lambda one: annuity(once.get(one, 0.0), money.discount_rate, years))
    sizes = {(t, s): size for _, t, kind in config.facilities.by_echelon() for s, size in kind.sizes.items()}
    rows = zip(candidates["role"], candidates["existing_type"], candidates["existing_size"], strict=True)
    today = [(sizes[t, s].area_m2, sizes[t, s].capacity_t) if role == "existing" else (0.0, 0.0) for role, t, s in rows]
    today_m2, today_t = np.array(today, dtype=float).reshape(-1, 2).T
    return candidates.assign(
        must_open=stays,
        is_shared=_is_shared(config.shared, candidates),
        closing_cny=np.where(may_close, a_year, 0.0),
        today_m2=today_m2,
        today_t=today_t,
    )


def _is_shared(shared: Shared | None, candidates: gpd.GeoDataFrame) -> Bools:
    if shared is None:
        return np.zeros(len(candidates), dtype=bool)
    drawn = [zlib.crc32(str(one).encode()) < shared.share * 2**32 for one in candidates["id"]]
    of_kind = candidates["kind"].isin(shared.kinds).to_numpy() & np.array(drawn, dtype=bool)
    return np.asarray(of_kind | candidates["id"].isin(shared.ids).to_numpy(), dtype=bool)


def annuity(capital: float, rate: float, years: float) -> float:
    """Return the yearly payment that repays `capital` over `years` at interest `rate`.

    >>> round(annuity(1000.0, 0.08, 10), 2)
    149.03
    >>> annuity(1000.0, 0.0, 10)
    100.0
    """
    if rate == 0:
        return capital / years
    return float(capital * rate / (1 - (1 + rate) ** -years))
