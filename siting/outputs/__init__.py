"""What a run leaves: the run folder, the interactive map, the report on the terminal."""
