"""Compose files, which people take for a config of ours: recognised by their text, never read."""

import re
from typing import Final

RESOLVE: Final = "docker compose -f {} config --format json | occ import-compose -"
WAYS: Final = f"occ adopt --project NAME for its containers, or {RESOLVE.format('FILE')}"
"""Both ways from a Compose project to occ."""
_SERVICES: Final = re.compile(r"(?:^|[{,])[ \t]*[\"']?services[\"']?[ \t]*:", re.MULTILINE)
_KEY: Final = re.compile(r"^(?:name|version|networks|volumes|include)[ \t]*:", re.MULTILINE)
_FILE: Final = re.compile(r".+\.ya?ml", re.IGNORECASE | re.DOTALL)


def is_compose(text: str) -> bool:
    """Whether a text that is no TOML looks like a Compose file or a model of one."""
    return bool(_SERVICES.search(text))


def is_raw(text: str) -> bool:
    """Whether a text that is no JSON looks like a Compose file as people write it, in YAML."""
    return not text.lstrip().startswith("{") and bool(_SERVICES.search(text) or _KEY.search(text))


def names_compose(word: str) -> bool:
    """Whether a word of the command line names a file in YAML: occ reads none."""
    return bool(_FILE.fullmatch(word))
