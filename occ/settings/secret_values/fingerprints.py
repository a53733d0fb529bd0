"""Whether a secret has changed, without knowing what it was.

Whoever reads the journal can try a plain hash against a list of passwords. The hash is therefore
keyed (HMAC, RFC 2104), and the key lies beside the config, never in the journal.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from pathlib import Path

from occ import own_files
from occ.errors import ConfigError
from occ.settings.toml.document import read_bytes
from occ.settings.toml.node import printable

KEY_FILE = "fingerprint.key"

_LENGTH = 32


def fingerprint(values: Mapping[str, str], key: bytes) -> Mapping[str, str]:
    """Name -> `<key id>:<HMAC-SHA-256 in hex>` of name and value.

    The key id tells a changed value from a changed key. The name is hashed too, so that two
    secrets of one value do not show it.
    """
    key_id = hashlib.sha256(b"occ fingerprint key\0" + key).hexdigest()[:8]
    return {name: f"{key_id}:{_hash(name, value, key)}" for name, value in values.items()}


def fingerprint_key(folder: Path) -> bytes:
    """The key in this folder, 32 random bytes; made at first need, with the folder.

    Two processes that need it at once get the same key: the second finds that of the first.

    Raises:
        ConfigError: it cannot be made or read, or is not a key.
    """
    path = folder / KEY_FILE
    found = _read(path)
    if found is None:
        _make(path)
        found = _read(path)
    if found is None:
        raise ConfigError(f"{printable(path)}: somebody took it away again; run the command again")
    return found


def known_key(folder: Path) -> bytes | None:
    """The key in this folder, None where no key is made yet; nothing is made.

    Raises:
        ConfigError: as for `fingerprint_key`.
    """
    return _read(folder / KEY_FILE)


def _hash(name: str, value: str, key: bytes) -> str:
    return hmac.new(key, f"{name}\0{value}".encode(), "sha256").hexdigest()


def _read(path: Path) -> bytes | None:
    content = read_bytes(path, instead="correct what is there, it holds occ's key")
    if content is None:
        return None
    if len(content) != _LENGTH:
        raise ConfigError(
            f"{printable(path)}: it is no key, it has {len(content)} bytes and not {_LENGTH}; "
            "remove it, then whether a secret has changed is unknown once"
        )
    return content


def _make(path: Path) -> None:
    """Write the key whole or not at all: a half-written one would be another key."""
    try:
        with own_files.folder_of(path, make=0o700, last=False) as (folder, name):
            folder.add(name, secrets.token_bytes(_LENGTH))
    except OSError as error:
        raise ConfigError(
            f"{printable(path)}: the key of secrets cannot be made ({error.strerror}); "
            "make the folder writable, or name a config in another one with OCC_CONFIG"
        ) from None
