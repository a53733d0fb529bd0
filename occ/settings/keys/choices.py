"""Words of which a key takes one."""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, get_args

from occ.settings.toml.node import Node

Pull: TypeAlias = Literal["always", "missing", "never"]
Store: TypeAlias = Literal["file", "keyring"]
Scheme: TypeAlias = Literal["http", "https"]
PutBack: TypeAlias = Literal["restore", "keep"]
Snapshotting: TypeAlias = Literal["replace", "never"]
ProvenTimeout: TypeAlias = Literal["learned", "timeout"]
HoldAfterRollback: TypeAlias = Literal["until-newer", "until-released", "no"]
Passwords: TypeAlias = Literal["keep", "reset"]


def one_of(choice: Any) -> Callable[[Node], str]:  # noqa: ANN401 - a Literal has no type of its own
    """Make a reader that takes one of the words of a Literal."""
    words = get_args(choice)

    def read(node: Node) -> str:
        if node.value not in words:
            listed = ", ".join(f'"{word}"' for word in words)
            raise node.bad("there is no such choice", f"write one of {listed}")
        return str(node.value)

    return read
