"""Engine for covering problems: dominance, set cover, simulated annealing, zero-half cuts."""
