"""The ways out of an operation that was interrupted."""
