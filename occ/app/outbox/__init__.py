"""The outbox: whoever is to be told of an operation's end is told, at least once and in order."""
