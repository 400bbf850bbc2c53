"""The section `materials`: streams of recyclables, and the products that sorting makes of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from siting.config.closed import Closed, NotNegative, Positive, Share
from siting.language import Label

ROUNDING = 1e-9
SHARE_IN_ALL = "products: their shares sum to {total:g}; a tonne that enters makes no more than 1 t of product"


class Product(Closed):
    """One product of sorting: a share of each tonne that enters, sold at its own price."""

    label: Label
    share: Annotated[float, Field(gt=0, le=1)] = Field(description="tonnes of it a tonne that enters")
    sales_cny_per_t: float = Field(0.0, description="below 0 where it costs money to be rid of")
    avoided_kg_co2e_per_t: NotNegative = Field(0.0, description="what a tonne of it saves elsewhere")


class Material(Closed):
    """One stream of recyclables. Prices are CNY per tonne collected, sales per tonne of product."""

    label: Label
    kg_per_resident_day: NotNegative = Field(0.0, description="arising in households; 0 for generators' materials")
    residue_share: Share = Field(0.0, description="share of the input of a sorting centre that leaves as waste")
    products: dict[str, Product] = Field(
        default_factory=dict,
        description="products of sorting by name; they give residue_share, sales_cny_per_t and avoided_kg_co2e_per_t",
    )
    to_base: bool = Field(False, description="whether the product of sorting goes on to a processing base")
    haul_factor: Positive = Field(1.0, description="transport of a tonne, in tonnes of what fills a vehicle by weight")
    density_t_per_m3: Positive | None = Field(
        None, description="loose, in the vehicle; replaces haul_factor where the vehicle has a payload_m3"
    )
    avoided_kg_co2e_per_t: NotNegative = Field(0.0, description="what a tonne of product saves elsewhere")
    sales_cny_per_t: float = Field(0.0, description="below 0 where the product costs money to be rid of")
    purchase_cny_per_t: NotNegative = 0.0
    subsidy_cny_per_t: NotNegative = 0.0

    @model_validator(mode="after")
    def _sums_its_products(self) -> Material:
        """Refuse products beside other figures of the same; `_mean_of_products` has entered theirs."""
        total = sum(product.share for product in self.products.values())
        if total > 1 + ROUNDING:
            raise ValueError(SHARE_IN_ALL.format(total=total))
        return self

    @model_validator(mode="before")
    @classmethod
    def _mean_of_products(cls, raw: object) -> object:
        """Enter residue, sales and savings of a tonne of product where products are given."""
        if not isinstance(raw, dict) or not raw.get("products"):
            return raw
        products = [one if isinstance(one, dict) else vars(one) for one in raw["products"].values()]
        shares = [float(one["share"]) for one in products if isinstance(one.get("share"), int | float)]
        total = sum(shares)
        if len(shares) < len(products) or min(shares) <= 0 or total > 1 + ROUNDING:
            return raw  # their own faults are told
        found = {"residue_share": max(0.0, 1 - total)} | {
            key: sum(share * one.get(key, 0.0) for share, one in zip(shares, products, strict=True)) / total
            for key in ("sales_cny_per_t", "avoided_kg_co2e_per_t")
        }
        _refuse_others(raw, found)
        return raw | found


def _refuse_others(raw: dict[str, Any], found: dict[str, float]) -> None:
    for key, value in found.items():
        given = raw.get(key, value)
        if isinstance(given, int | float) and abs(given - value) > ROUNDING * max(1.0, abs(value)):
            raise ValueError(f"{key}: the products make it {value:g}; leave {key} out, or products")
