"""The kinds of operation: one pure planner each."""
