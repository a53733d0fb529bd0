"""The commands that change a service."""
