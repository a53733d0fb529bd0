"""Everything that a container may reach, in a network apart from the machine's; asked from inside.

`python -m tests.reach`, under `unshare --net --mount`, is the host: listeners on its addresses, an
engine with other containers, and behind a router a place outside with a server of names. A service
runs there, and a version of it is rehearsed that tries all of these.
"""
