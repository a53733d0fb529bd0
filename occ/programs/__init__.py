"""Programs of this machine that the config names: hooks, gate commands, notify commands."""
