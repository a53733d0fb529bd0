"""The commands that show something and change nothing of a service."""
