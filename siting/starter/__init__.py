"""Start a planner's own city: a folder with a commented spec, a commented config, and what both need."""

from siting.starter.start import Started, Wishes, start_folder

__all__ = ["Started", "Wishes", "start_folder"]
