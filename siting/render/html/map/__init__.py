"""The interactive map of a plan."""
