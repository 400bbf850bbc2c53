"""Looks a city folder over before anything is planned in it: what is there, what is odd, how to cure it, and a map."""

from siting.review.checks import Finding, Verdict, look_over
from siting.review.preview import draw_preview

__all__ = ["Finding", "Verdict", "draw_preview", "look_over"]
