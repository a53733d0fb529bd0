"""The engine in memory, for tests: it says yes, no and nothing at all as the real one does."""
