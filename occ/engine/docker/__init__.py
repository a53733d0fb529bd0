"""Docker: the only code that imports the Docker SDK."""
