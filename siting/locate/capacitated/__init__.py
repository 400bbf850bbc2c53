"""Engine for facility location with capacities: knapsack bound, network simplex, branch and bound."""
