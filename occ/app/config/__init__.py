"""The config: shown, edited, set up, taken over; and the secrets that go with it."""
