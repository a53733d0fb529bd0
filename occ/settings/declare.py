"""A service's table put into a config in place of the one that stands there; the rest stays."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from occ.errors import ConfigError
from occ.settings.node import printable
from occ.settings.read import services_of

_HEADER = re.compile(r"\s*\[{1,2}\s*(?P<path>[^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?")


@dataclass(frozen=True, slots=True)
class Config:
    """A config file as it is: its text, empty when there is none, and what `~` means in it."""

    file: Path
    text: str
    home: str

    @property
    def _gap(self) -> str:
        return "" if not self.text else "\n" if self.text.endswith("\n") else "\n\n"

    def with_service(self, name: str, table: str) -> str:
        """The config's text with this table as the service's, and nothing else of it changed.

        Raises:
            ConfigError: the table cannot be used, or the service is written in a way that can
                only be changed by hand.
        """
        before = services_of(self.text, self.file, self.home)
        if name in before:
            after = "".join(_replaced(self.text, name, table))
        else:
            after = f"{self.text}{self._gap}{table}"
        read = services_of(after, self.file, self.home)
        kept = {one: read.get(one) for one in before if one != name}
        if table not in after or any(before[one] != there for one, there in kept.items()):
            raise ConfigError(
                f"{printable(str(self.file))}: services.{name} is not written as a table of its "
                f"own; write it as [services.{name}], or change it by hand"
            )
        return after


def _replaced(text: str, name: str, table: str) -> Iterator[str]:
    """The lines, with the table where the service's first one began.

    Comments right before the next table speak of that one, and stay.
    """
    own = rf"services\s*\.\s*(?:{re.escape(name)}|\"{re.escape(name)}\")(?:\s*\..*)?"
    inside, written = False, False
    above: list[str] = []
    for line in text.splitlines(keepends=True):
        header = _HEADER.fullmatch(line.rstrip("\r\n"))
        if header is not None:
            before, inside = inside, re.fullmatch(own, header["path"]) is not None
            if not inside:
                yield from above
            if inside and not before and not written:
                yield table
                written = True
        if not inside:
            yield line
        above = [*above, line] if inside and _beside(line) else []


def _beside(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
