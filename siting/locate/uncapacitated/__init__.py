"""Engine for p-median and uncapacitated facility location: Lagrangian bound, vertex substitution, radius rows."""
