"""Small values that several parts of the domain share. Times are whole milliseconds, UTC."""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from occ.errors import UsageMistakeError

if TYPE_CHECKING:
    Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
else:
    Json = Any  # decoders read the annotations at run time, and know no recursive ones

MS_A_SECOND: Final = 1_000
NS_A_MS: Final = 1_000_000
# Repositories of occ's own tags, which are at no registry.
LOCAL_REPOSITORIES: Final = "occ.local/"

SERVICE = re.compile(r"(?=.{2,63}\Z)[a-z0-9]+(?:[._-][a-z0-9]+)*")
# useradd(8), CAVEATS: what a name of a user may be.
ACCOUNT_NAME: Final = re.compile(r"(?=.{1,32}\Z)[a-z_][a-z0-9_-]*\$?")
ACCOUNT_FORM: Final = "use small letters, digits, '_' and '-', not a digit first, at most 32"
REFERENCE = re.compile(
    r"(?P<repository>(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?"
    r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


_FEW: Final = 8
SERVICE_NAMES: Final = "2 to 63 lower-case letters and digits, with single '-', '_' or '.' between"


def service_name(text: str) -> str:
    """The name of a service, checked: it becomes a container's name and part of an image tag.

    Raises:
        UsageMistakeError: the engine would not take it as both.
    """
    if SERVICE.fullmatch(text):
        return text
    raise UsageMistakeError(
        f"{text!r} is no service name",
        hint=f"use {SERVICE_NAMES}",
    )


def normal_path(path: str) -> str:
    """One spelling for each absolute path; two leading slashes, which POSIX keeps, are one."""
    return "/" + posixpath.normpath(path).lstrip("/")


def seconds_text(ms: int) -> str:
    """A duration for people, in seconds: `2 s`, `0.5 s`."""
    return f"{ms / MS_A_SECOND:g} s"


def a_few(names: Iterable[object]) -> str:
    """Names for a sentence: all of them, or the first eight and how many more there are."""
    texts = [str(name) for name in names]
    more = len(texts) - _FEW
    shown = ", ".join(texts[:_FEW])
    return f"{shown} and {more} more" if more > 0 else shown


def account_name(text: str) -> str:
    """The name of an account inside a container, checked by the rules of useradd(8).

    Raises:
        UsageMistakeError: useradd would not take it.
    """
    if ACCOUNT_NAME.fullmatch(text):
        return text
    raise UsageMistakeError(f"{text!r} is no name of a user", hint=ACCOUNT_FORM)


@dataclass(frozen=True, slots=True)
class Reference:
    """An image reference as people write it: repository, and a tag or a digest or both."""

    repository: str
    tag: str
    digest: str

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Read a reference; without tag and digest the tag is `latest`, as Docker has it.

        Raises:
            UsageMistakeError: it is malformed.
        """
        found = REFERENCE.fullmatch(text)
        if found is None:
            raise UsageMistakeError(
                f"{text!r} is no image reference",
                hint="write it as registry/name:tag, for example debian:bookworm (lower case name)",
            )
        digest = found["digest"] or ""
        return cls(found["repository"], found["tag"] or ("" if digest else "latest"), digest)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"


AUTO: Final = "auto"
"""The operator of all that `occ auto run` does."""
AUTO_VIA: Final = "account "
"""Before the account that it runs as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who typed a command, from where, and what: the audit's who and how.

    `via` says how the person came in: `sudo`, `ssh 192.0.2.7`, `ci`, or empty; for `auto` it is the
    account that it runs as.
    """

    operator: str
    via: str = ""
    machine: str = ""
    pid: int = 0
    argv: tuple[str, ...] = ()

    @property
    def unattended(self) -> bool:
        """Whether it is `occ auto run`, and nobody who typed a command."""
        return self.operator == AUTO and self.via.startswith(AUTO_VIA)


@dataclass(frozen=True, slots=True)
class Host:
    """The engine on which a service lives, as recorded at its first operation."""

    engine_id: str
    root: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """An image's HEALTHCHECK: its words, and its timing in ms with the engine's defaults."""

    interval_ms: int = 30_000
    timeout_ms: int = 30_000
    start_period_ms: int = 0
    retries: int = 3
    words: tuple[str, ...] = ()
