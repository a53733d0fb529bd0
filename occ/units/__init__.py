"""Start of services at boot: units as text, and the programs that take them."""
