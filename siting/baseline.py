"""The network that changes of targets are measured against: that of a run, or the facilities that stand today."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from siting.config import Config
from siting.config.overlay import Reference
from siting.config.targets import EACH_DISTRICT, target_lines, unit_id, unit_slug
from siting.errors import ConfigError
from siting.instance import Instance
from siting.plan import Plan, plan_shapes
from siting.results.record import RunRecord
from siting.verify import reach
from siting.vocabulary import Measure

Districts = Callable[[], Sequence[tuple[str, str, str]]]


@dataclass(frozen=True)
class Baseline:
    """Values that a network reaches for the targets of a config.

    Attributes
    ----------
    config
        The config.
    districts
        Returns code, English name and Chinese name of each district.
    instance
        Returns the instance of the config, whose existing facilities are the network where there is no run.
    run
        The run whose plan is the network.
    """

    config: Config
    districts: Districts
    instance: Callable[[], Instance]
    run: RunRecord | None = None

    @property
    def reference(self) -> Reference:
        """Values that changes of a config refer to."""
        return Reference(self.districts, self.reached)

    def reached(self, line_id: str) -> dict[str, float]:
        """Return the values reached of a line of targets, by code of the district for `each_district`, else by "".

        Raises
        ------
        ConfigError
            If the network has no such target, or the facilities of today alone say nothing about its measure.
        """
        codes = {line_id: ""}
        if target_lines(self.config.targets)[line_id].unit == EACH_DISTRICT:
            codes = {unit_id(line_id, unit_slug(name, code)): code for code, name, _ in self.districts()}
        if self.run is None:
            reached = reached_today(self.instance(), codes)
        else:
            reached = {one.target.id: one.reached for one in self.run.verification.targets}
        found = {code: reached[id] for id, code in codes.items() if id in reached}
        if not found:
            where = f"the run {self.run.config.name}" if self.run else f"the config in {self.config.year}"
            raise ConfigError(f"target {line_id}: {where} has no such target to add to; give the value itself")
        return found


def reached_today(instance: Instance, ids: Sequence[str] | dict[str, str]) -> dict[str, float]:
    """Return the values that the existing facilities reach of the targets with these ids.

    Raises
    ------
    ConfigError
        If a measure depends on what flows, which the facilities alone do not say.
    """
    nothing = {name: np.zeros(shape) for name, shape in plan_shapes(instance).items() if name != "is_open"}
    plan = Plan(is_open=instance.options.is_existing.copy(), **nothing)
    wanted = [target for target in instance.targets if target.id in ids]
    for target in wanted:
        if target.measure.record.counted != "options" and target.measure is not Measure.COVERAGE:
            raise ConfigError(
                f"target {target.id}: {target.measure} depends on what flows in today's network, which is not known;"
                " add to a run (--base RUN), or give the value itself"
            )
    return {target.id: reach(instance, plan, replace(target, is_at_least=False)) for target in wanted}
