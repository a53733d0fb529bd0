"""Bugs put in on purpose: each must turn a named test red, or the test guards nothing."""
