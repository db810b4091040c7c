"""Statistics: means, intervals, comparisons by blocks, the Pareto front. Pure functions."""
