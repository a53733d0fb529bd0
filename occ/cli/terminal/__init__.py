"""The terminal: streams, tables, words for numbers and times, progress."""
