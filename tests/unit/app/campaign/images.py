"""The images of the campaign. What they are called does not depend on how they are written down."""

import hashlib
from dataclasses import dataclass, fields, replace
from typing import Any

from occ.engine.values import File
from tests.contract.memory_lab import built
from tests.doubles.engine.image import BuiltImage

_TOOLS = ("useradd", "userdel", "usermod", "chpasswd")
_PLACES = (*(f"/usr/sbin/{name}" for name in _TOOLS), "/bin/sh", "/bin/bash")
ACCOUNTS = {
    "/etc/passwd": b"ann:x:1000:1000::/home/ann:/bin/bash\n",
    "/etc/group": b"ann:x:1000:\n",
    "/etc/shadow": b"ann:$y$ann:19000::::::\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(BuiltImage):
    """An image whose id comes from a name; `built` ones have theirs from how they are written."""

    called: str

    @property
    def id(self) -> str:
        text = f"{self.called} {sorted(self.labels.items())}"
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def image(kind: str, version: str, *, tools: bool = True, **more: Any) -> Named:
    """An image of a kind of the memory lab, with the programs that keep users."""
    made = built(kind, version)
    tool_files = tuple(File(path=path, data=b"\x7fELF", mode=0o755) for path in _PLACES)
    files = made.files + (tool_files if tools else ())
    values = {field.name: getattr(made, field.name) for field in fields(BuiltImage)}
    named = f"{kind} {version} {tools} {sorted(more)}"
    there = Named(**values, called=named)
    return replace(there, **{**more, "files": (*files, *more.get("files", ()))})


def with_ann(version: str) -> Named:
    """A good image that has a user ann already."""
    made = image("good", version)
    files = tuple(replace(f, data=f.data + ACCOUNTS.get(f.path, b"")) for f in made.files)
    return replace(made, files=files, called=f"{made.called} ann")
