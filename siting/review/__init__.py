"""Check a city folder before planning: counts, faults with their cure, and a map."""

from siting.review.checks import Finding, Verdict, look_over
from siting.review.preview import draw_preview

__all__ = ["Finding", "Verdict", "draw_preview", "look_over"]
