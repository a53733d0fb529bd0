"""What occ costs, as ratios to a named baseline measured in the same run, in turn."""
