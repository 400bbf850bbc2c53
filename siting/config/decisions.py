"""Decisions of reviewers about sites: files that the map saves, merged, with every conflict in one list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from siting.config.closed import Closed, read_closed
from siting.errors import ConfigError, raise_faults

DecisionName = Literal["keep", "close", "wanted", "forbidden", "move", "comment"]
OPENS, CLOSES = ("keep", "wanted"), ("close", "forbidden", "move")
"""Decisions that hold a site open, and those that hold it closed; a move also opens its other end."""


class Decision(Closed):
    """Decision or comment of a reviewer about a site."""

    site: str = Field(description="id of a candidate")
    decision: DecisionName = Field(
        description="`keep` and `wanted` fix the site open, `close` and `forbidden` fix it closed; `move` fixes it"
        " closed and the site `to` open; `comment` has no effect"
    )
    to: str | None = Field(None, description="id of the destination of a `move`")
    who: str = Field("", description="who decided")
    when: str = Field("", description="date and time, as 2027-03-01T09:30; the latest decision of a reviewer counts")
    why: str = ""

    @model_validator(mode="after")
    def _is_complete(self) -> Decision:
        if (self.decision == "move") != (self.to is not None):
            raise ValueError("a move needs `to`, the id of another candidate; nothing else has it")
        if self.to == self.site:
            raise ValueError("to: a move to its own site; name another candidate")
        return self

    @property
    def holds(self) -> dict[str, bool]:
        """Return whether each site that it is about is held open or closed, by id; empty for a comment."""
        held = {self.site: True} if self.decision in OPENS else {}
        held |= {self.site: False} if self.decision in CLOSES else {}
        return held | ({self.to: True} if self.to is not None else {})

    def __str__(self) -> str:
        """Return the decision in words, with who took it, when and why."""
        what = f"{self.decision} {self.site}" + (f" to {self.to}" if self.to else "")
        told = ", ".join(part for part in (self.who or "nobody named", self.when, self.why) if part)
        return f"{what} ({told})"


class DecisionFile(Closed):
    """A file of decisions; `run` is the plan on whose map they were taken."""

    run: str = ""
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True)
class _Held:
    file: Path
    decision: Decision


def read_decisions(paths: Sequence[str | Path]) -> tuple[Decision, ...]:
    """Read the decisions of one reviewer or several; what one takes again counts as taken last.

    Raises
    ------
    FileError
        If a file cannot be read.
    ConfigError
        If a file is no list of decisions, or reviewers disagree about a site: all conflicts in one list.
    """
    files = [(Path(path), read_closed(Path(path), DecisionFile, "decisions")) for path in paths]
    kept = list(_latest(_Held(path, one) for path, file in files for one in file.decisions))
    raise_faults(list(_conflicts(kept)), ConfigError)
    return tuple(one.decision for one in kept)


def _latest(read: Iterable[_Held]) -> Iterator[_Held]:
    """Return the latest decision of each reviewer about each site, and all comments."""
    last: dict[tuple[str, str], _Held] = {}
    order = sorted(enumerate(read), key=lambda pair: (pair[1].decision.when, pair[0]))
    comments = []
    for _, one in order:
        if one.decision.decision == "comment":
            comments.append(one)
        else:
            last[one.decision.who, one.decision.site] = one
    yield from last.values()
    yield from comments


def _conflicts(kept: Sequence[_Held]) -> Iterator[str]:
    """Yield a fault for each site that one decision holds open and another one closed."""
    by_site: dict[str, list[_Held]] = {}
    for one in kept:
        for site in one.decision.holds:
            by_site.setdefault(site, []).append(one)
    for site, held in by_site.items():
        if len({one.decision.holds[site] for one in held}) > 1:
            told = "; ".join(f"{one.file}: {one.decision}" for one in held)
            yield f"site {site}: decisions contradict each other: {told}; settle it and take one of them out"


def with_decided(raw: Any) -> Any:
    """Return the keys of the section `sites` with what its decisions hold open and closed."""
    if not isinstance(raw, dict) or not raw.get("decisions"):
        return raw
    opened, closed = list(raw.get("must_open") or ()), list(raw.get("must_close") or ())
    for given in raw["decisions"]:
        one = given if isinstance(given, Decision) else Decision.model_validate(given)
        for site, is_open in one.holds.items():
            (opened if is_open else closed).append(site)
    return raw | {"must_open": list(dict.fromkeys(opened)), "must_close": list(dict.fromkeys(closed))}
