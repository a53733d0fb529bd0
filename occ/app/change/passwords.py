"""Passwords as people give them, and their hashes as /etc/shadow keeps them."""

import secrets
from typing import Final

from occ.errors import UsageMistakeError
from occ.settings.secret_values.lookup import is_utf8

ROUNDS: Final = 100_000
_GENERATED: Final = 20
_LONGEST: Final = 256
_READABLE: Final = "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXYZ2346789"


def generated() -> str:
    """A new password: 20 letters and digits that are not mistaken for others, 114 bits."""
    return "".join(secrets.choice(_READABLE) for _ in range(_GENERATED))


def checked(password: str) -> str:
    """A password that can be typed at a login.

    Raises:
        UsageMistakeError: it is empty, too long, not UTF-8, or holds a character that ends a line.
    """
    if not password:
        raise UsageMistakeError("the password is empty", hint="type one, or use --generate")
    if len(password.encode(errors="surrogatepass")) > _LONGEST:
        raise UsageMistakeError(
            f"the password is longer than {_LONGEST} bytes", hint="choose a shorter one"
        )
    if not is_utf8(password):
        raise UsageMistakeError("the password is not UTF-8", hint="give it in UTF-8")
    if any(not character.isprintable() for character in password):
        raise UsageMistakeError(
            "the password holds a character that cannot be typed at a login",
            hint="leave out tabs, line ends and control characters",
        )
    return password


def hashed(password: str) -> str:
    """The field of /etc/shadow for a password: SHA-512-crypt, which every libc reads."""
    from passlib.hash import sha512_crypt  # noqa: PLC0415 - 50 ms, for those that set one

    chosen = sha512_crypt.using(rounds=ROUNDS)  # type: ignore[no-untyped-call] # its stub
    return str(chosen.hash(password))
