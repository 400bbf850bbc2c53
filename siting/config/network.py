"""Sections about the network as it stands and as it may be laid out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from siting.config.base import Closed, NotNegative, Positive
from siting.vocabulary import EchelonName

ExistingAction = Literal["keep", "may_close", "may_upgrade", "free"]


class ExistingSite(Closed):
    """A facility that stands today at a candidate's place; its type and size are those of `facilities`."""

    id: str
    type: str
    size: str


class SiteChoices(Closed):
    """What the planner has already decided, by candidate id."""

    must_open: tuple[str, ...] = ()
    must_close: tuple[str, ...] = Field((), description="never open; what stands there is closed at its closing cost")
    existing: tuple[ExistingSite, ...] = Field(
        (), description="facilities that stand today, beside those of the candidates table"
    )


class Existing(Closed):
    """What may become of facilities that stand today; they all stay where this section is left out.

    The choice of a facility: by its id here, else `existing_action` in the candidates table, else by its echelon,
    else `default`.
    """

    default: ExistingAction = "keep"
    by_echelon: dict[EchelonName, ExistingAction] = Field(default_factory=dict)
    keep: tuple[str, ...] = ()
    may_close: tuple[str, ...] = ()
    may_upgrade: tuple[str, ...] = ()
    free: tuple[str, ...] = Field((), description="may be closed or upgraded")
    closing_cny: dict[EchelonName, NotNegative] = Field(
        default_factory=dict, description="paid once to close one; 0 for an echelon that is left out"
    )
    closing_term_years: Positive | None = Field(
        None, description="years that the cost of closing is spread over; money.land_term_years where left out"
    )
    upgrade_cost_share: Annotated[float, Field(ge=0, le=2)] = Field(
        1.0, description="what an upgrade costs, as a share of the capex of the new size"
    )

    def named(self) -> dict[str, ExistingAction]:
        """The choice of each facility that is named by id."""
        lists: dict[ExistingAction, tuple[str, ...]] = {
            "keep": self.keep, "may_close": self.may_close, "may_upgrade": self.may_upgrade, "free": self.free,
        }  # fmt: skip
        return {one: action for action, ids in lists.items() for one in ids}

    @model_validator(mode="after")
    def _is_named_once(self) -> Existing:
        ids = [*self.keep, *self.may_close, *self.may_upgrade, *self.free]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"{twice[0]!r} is named twice; keep it in one of keep, may_close, may_upgrade, free")
        return self
