"""What running, hauling and trading cost in each planning year, where the config lets prices grow."""

from __future__ import annotations

from dataclasses import replace

from siting.config.schema import Config
from siting.instance import Instance, StagePrices


def with_prices(config: Config, instance: Instance) -> Instance:
    """The instance with prices of its own for each year, or as it is where none grows."""
    horizon, grows = config.horizon, config.horizon.prices
    if instance.stages is None or not (grows.operation or grows.transport or grows.material):
        return instance
    base = horizon.years[0] if horizon.base_year is None else horizon.base_year
    prices = tuple(
        _priced(
            instance,
            operation=(1 + grows.operation) ** (year - base),
            transport=(1 + grows.transport) ** (year - base),
            material=(1 + grows.material) ** (year - base),
        )
        for year in horizon.years
    )
    return replace(instance, stages=replace(instance.stages, prices=prices))


def _priced(instance: Instance, *, operation: float, transport: float, material: float) -> StagePrices:
    options, expansions = instance.options, instance.expansions
    materials, rates = instance.materials, instance.link_rates
    return StagePrices(
        options=replace(
            options,
            fixed_operation_cny=options.fixed_operation_cny * operation,
            unit_cny_per_t=options.unit_cny_per_t * operation,
        ),
        expansions=replace(expansions, operation_cny_per_t=expansions.operation_cny_per_t * operation),
        disposals=instance.disposals,
        materials=replace(
            materials,
            sales_cny_per_t=materials.sales_cny_per_t * material,
            purchase_cny_per_t=materials.purchase_cny_per_t * material,
        ),
        link_rates=replace(
            rates,
            cny_per_tkm=rates.cny_per_tkm * transport,
            handling_cny_per_t=rates.handling_cny_per_t * transport,
        ),
    )
