"""Words of which a key takes one."""

from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias, TypeVar

from occ.settings.toml.node import Node

Pull: TypeAlias = Literal["always", "missing", "never"]
Store: TypeAlias = Literal["file", "keyring"]
Passwords: TypeAlias = Literal["keep", "reset"]

PULLS: Sequence[Pull] = ("always", "missing", "never")
STORES: Sequence[Store] = ("file", "keyring")
PASSWORDS: Sequence[Passwords] = ("keep", "reset")

T = TypeVar("T", bound=str)


def one_of(words: Sequence[T]) -> Callable[[Node], T]:
    """Make a reader that takes one of a few words."""

    def read(node: Node) -> T:
        for word in words:
            if node.value == word:
                return word
        listed = ", ".join(f'"{word}"' for word in words)
        raise node.bad("there is no such choice", f"write one of {listed}")

    return read
