"""Schedules: when a service may be changed by itself, from the calendar alone. Pure."""
