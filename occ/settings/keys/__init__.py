"""The keys of the config: one row a key, and the readers of its words."""
