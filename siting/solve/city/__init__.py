"""The city engine: plans with a certified bound where the whole model is too large for branch and bound."""

from siting.solve.city.engine import solve_city

__all__ = ["solve_city"]
