"""Services that update themselves: one run over all that are due, and the timer that starts it."""
