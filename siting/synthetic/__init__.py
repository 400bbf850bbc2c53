"""Made-up cities of any size, the same for the same seed: to try the tool without data, and to see how it grows.

Nothing here is a survey. People gather around a few middles, costs, sizes and tonnes a resident are of the order of
those in `configs/tianjin-2027.yaml`, distances are straight lines times a detour, and a simple plan meets the targets.
"""

from siting.synthetic.instance import synthetic_instance

__all__ = ["synthetic_instance"]
