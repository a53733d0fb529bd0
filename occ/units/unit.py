"""A systemd unit as text; see systemd.unit(5), systemd.service(5) and systemd.exec(5)."""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from occ import DOCS
from occ.units.port import Start, refuse_controls

Scope: TypeAlias = Literal["system", "user"]

ENGINE: Final = "docker.service"
"""The unit of the engine."""

# Every status of `occ start` but 5 and 8: those two, an engine that does not answer yet and
# another occ at work, pass by themselves.
_FINAL: Final = "1 2 3 4 6 7 9"
_AGAIN_S: Final = 10


def unit_name(service: str) -> str:
    """The unit's name."""
    return f"occ-{service}.service"


def unit_text(start: Start, scope: Scope) -> str:
    """The unit that finishes what was interrupted, and then starts the service.

    The engine's unit wants it, and it is part of that unit: the first has it act whenever the
    engine starts, at boot and after a crash, and the second has it act again when the engine is
    started anew while it counts as active. A user's engine may be the system's, whose unit a
    user's cannot name, so the session's default target wants such a unit too.

    A resume that ends badly is followed by the start all the same: a container that it put back
    must run, and an operation that it could not finish is refused by `start` itself.

    Raises:
        UsageMistakeError: a word has a control character.
    """
    lines = (
        "[Unit]",
        *_about(start),
        "",
        "[Service]",
        *_service(start),
        "",
        "[Install]",
        f"WantedBy={ENGINE}",
        *(("WantedBy=default.target",) if scope == "user" else ()),
    )
    return "\n".join((*lines, ""))


def _about(start: Start) -> Sequence[str]:
    files = " ".join(quoted(file) for file in start.files)
    return (
        f"Description=Service {start.service}, looked after by occ",
        f"Documentation={DOCS}",
        "Wants=network-online.target",
        f"After={ENGINE} network-online.target",
        f"PartOf={ENGINE}",
        *((f"RequiresMountsFor={files}",) if files else ()),
    )


def _service(start: Start) -> Sequence[str]:
    return (
        "Type=oneshot",
        "RemainAfterExit=yes",
        *(f"Environment={quoted(f'{n}={value}')}" for n, value in start.environment.items()),
        f"ExecStartPre=-{command_text(start.words('resume'))}",
        f"ExecStart={command_text(start.words('start'))}",
        "Restart=on-failure",
        f"RestartSec={_AGAIN_S}",
        f"RestartPreventExitStatus={_FINAL}",
    )


def command_text(words: Sequence[str]) -> str:
    """A command line as a unit holds it."""
    program, *rest = words
    return " ".join((quoted(program), *(quoted(word).replace("$", "$$") for word in rest)))


def quoted(word: str) -> str:
    """A word as a unit holds it: `%` begins a specifier, and C's escapes count in quotes."""
    refuse_controls((word,))
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    plain = word and not set(word) & set(" \"'\\;#")
    return escaped if plain else f'"{escaped}"'
