"""Many runs of one config: one row of figures for each, their order, and what a budget buys."""
