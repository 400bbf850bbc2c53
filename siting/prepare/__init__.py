"""From a config and a city folder to an instance: the only place where both worlds meet."""

from siting.prepare.prepare import Prepared, prepare
from siting.prepare.reachability import lost_places

__all__ = ["Prepared", "lost_places", "prepare"]
