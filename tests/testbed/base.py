"""The base image: a small Debian, made once per machine and kept in the cache."""

import hashlib
from pathlib import Path

from tests.testbed.machine import cached, run

# The whole of Perl, half the size again, would come in by two doors: usrmerge (so say that /usr is
# merged) and openssl (so no ca-certificates; nothing here speaks TLS by Debian's certificates).
RECIPE = [
    "mmdebstrap",
    "--variant=essential",
    "--include=passwd,busybox,usr-is-merged",
    "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
    *(
        f"--dpkgopt=path-exclude=/usr/share/{folder}/*"
        for folder in ("doc", "info", "locale", "man", "zoneinfo")
    ),
    '--aptopt=Acquire::Languages "none"',
    '--customize-hook=rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/* "$1"/var/log/*',
    "bookworm",
]


def base_tar() -> Path:
    """The tar of the base image's file system; about 20 s when it has to be made."""
    key = hashlib.sha256("\0".join(RECIPE).encode()).hexdigest()[:16]
    with cached(f"base-{key}.tar") as (tar, draft):
        if draft is not None:
            run([*RECIPE, "--format=tar", str(draft)])
    return tar
