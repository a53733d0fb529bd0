"""A table of a stranger's model: keys are taken by the config's own readers, all else is told."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from occ.app.config.compose import forms
from occ.domain.secrets.secrecy import clean
from occ.errors import ConfigError
from occ.settings.toml.node import Node, Source

T = TypeVar("T")

_NAMED: Final = "compose"
"""The name by which a reader calls the model; no sentence keeps it."""


@dataclass(slots=True)
class Part:
    """A table whose keys are taken one by one. A value of a wrong form is told, and not taken."""

    node: Node
    left: list[str]
    """Sentences on all that was not carried, each with its key; no secret stands in them."""
    found: Mapping[str, Any] = field(init=False)
    _taken: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        value = self.node.value
        self.found = value if isinstance(value, dict) else {}
        if value is not None and not isinstance(value, dict):
            self.leave("", f"a table is wanted, not {self.node.type_name()}")

    @classmethod
    def whole(cls, model: object, left: list[str]) -> "Part":
        """The model as a whole."""
        return cls(Node(Source(Path(_NAMED)), (), model), left)

    def take(self, key: str, read: Callable[[Node], T], usual: T) -> T:
        """The value of a key as `read` has it; the usual one where there is none of its form."""
        self._taken.add(key)
        value = self.found.get(key)
        if value is None:
            return usual
        return self._read(self.node.child(key, value), read, usual)

    def text(self, key: str, usual: str = "") -> str:
        """The text of a key."""
        return self.take(key, forms.text, usual)

    def words(self, key: str) -> tuple[str, ...]:
        """The texts of a key; empty where there is none."""
        return self.take(key, forms.words, tuple[str, ...]())

    def pairs(self, key: str) -> Mapping[str, str]:
        """The texts of a key by name, without the names that have no value."""
        return self.take(key, forms.set_pairs, dict[str, str]())

    def whole_number(self, key: str, usual: int = 0) -> int:
        """The whole number of a key."""
        return self.take(key, forms.whole, usual)

    def flag(self, key: str) -> bool:
        """Whether a key is true."""
        return self.take(key, forms.flag, usual=False)

    def nodes(self, key: str) -> tuple[Node, ...]:
        """The elements of the list at a key; empty where there is none."""
        return self.take(key, _elements, tuple[Node, ...]())

    def part(self, key: str) -> "Part":
        """The table at a key; an empty one where there is none."""
        self._taken.add(key)
        return Part(self.node.child(key, self.found.get(key)), self.left)

    def parts(self, key: str) -> Iterator[tuple[str, "Part"]]:
        """The tables within the table at a key, by name."""
        inner = self.part(key)
        for name in inner.found:
            yield name, inner.part(name)

    def listed(self, key: str) -> Iterator["Part"]:
        """The tables of the list at a key."""
        for node in self.nodes(key):
            yield Part(node, self.left)

    def written(self, text: str, read: Callable[[Node], T]) -> tuple[T, ...]:
        """The table in our own short syntax, read by the config's reader; empty where it fails."""
        node = Node(self.node.source, self.node.path, text)
        return self._read(node, lambda node: (read(node),), ())

    def with_value(self, key: str, value: object, read: Callable[[Node], object]) -> bool:
        """Whether a reader takes this value for a key; its complaint is told."""

        def reads(node: Node) -> bool:
            read(node)
            return True

        return self._read(self.node.child(key, value), reads, usual=False)

    def has(self, key: str) -> bool:
        """Whether the key says anything."""
        return self.found.get(key) not in (None, "", [], {}, False)

    def leave(self, key: str, why: str) -> None:
        """Tell that a key is not carried, and why; an empty key is the table itself."""
        self._taken.add(key)
        node = self.node.child(key, None) if key else self.node
        self.left.append(clean(f"{node.key or 'the model'}: {why}"))

    def rest(self, reasons: Mapping[str, str], otherwise: str) -> None:
        """Tell each key that says something and was not taken; `x-` keys say nothing to anybody."""
        for key in self.found:
            known = key in self._taken or key.startswith("x-")
            if not known and self.has(key) and reasons.get(key, otherwise):
                self.leave(key, reasons.get(key, otherwise))

    def _read(self, node: Node, read: Callable[[Node], T], usual: T) -> T:
        try:
            return read(node)
        except ConfigError as error:
            self.left.append(error.message.removeprefix(f"{_NAMED}: "))
            return usual


def _elements(node: Node) -> tuple[Node, ...]:
    return tuple(node.elements())
