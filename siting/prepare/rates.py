"""What hauling costs on each link: the rate of its class, or of the cheapest vehicle that may go there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siting.config.flows import LinkClass
from siting.config.schema import Config
from siting.instance import LINK_CLASSES, LinkRates, Links


def class_rates(config: Config) -> dict[str, LinkClass]:
    """The rate of each class of link that the config has, by name."""
    rates = {name: getattr(config.transport, name, None) for name in LINK_CLASSES}
    return {name: rate for name, rate in (rates | {"door_to_transfer": config.participation.booked}).items() if rate}


def rated(config: Config, direct: Links, haul: Links) -> tuple[Links, Links, LinkRates]:
    """The links with their rates, and the rates."""
    rates = class_rates(config)
    row = {LINK_CLASSES.index(name): number for number, name in enumerate(rates)}
    direct, haul = (
        replace(part, rate=np.array([row[kind] for kind in part.link_class.tolist()], dtype=np.int64))
        for part in (direct, haul)
    )
    return direct, haul, rate_rows(list(rates.items()))


def rate_rows(rates: list[tuple[str, LinkClass]]) -> LinkRates:
    """Rates as arrays, under their names."""
    return LinkRates(
        vehicle=np.array([name for name, _ in rates], dtype=str),
        cny_per_tkm=np.array([rate.cny_per_tkm for _, rate in rates]),
        handling_cny_per_t=np.array([rate.handling_cny_per_t for _, rate in rates]),
        kg_co2e_per_tkm=np.array([rate.kg_co2e_per_tkm for _, rate in rates]),
    )
