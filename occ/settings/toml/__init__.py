"""The config file as text: parsed with line numbers, edited with its comments."""
