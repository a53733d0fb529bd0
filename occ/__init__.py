"""occ: an event-sourced operations journal for a long-running container."""

__version__ = "0.1.0"

DOCS = "https://github.com/occ-journal/occ"
"""Where the documentation is."""
