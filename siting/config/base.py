"""What every section of a config is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]


class Closed(BaseModel):
    """Base of every section: frozen, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)
