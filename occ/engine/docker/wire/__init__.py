"""The wire to one Docker engine: where it is, what goes over it, what its answers mean."""
