"""One `solve` in front of two engines, both with a proven bound."""
