"""From a config and a city folder to an instance: the only place where both worlds meet."""

from siting.prepare.lost import lost_places
from siting.prepare.prepare import Prepared, prepare

__all__ = ["Prepared", "lost_places", "prepare"]
