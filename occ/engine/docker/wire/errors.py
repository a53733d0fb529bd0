"""The meaning of an engine's no, and of its silence. Pure: status and words in, an error out.

The words are those of Docker Engine 20.10 to 28 and of the registries behind it; they are no
promise of anybody, so whatever is not recognised is still a plain refusal with the whole text.
"""

import re

from occ.domain.total import whole_number
from occ.errors import (
    EngineRefusedError,
    EngineVersionError,
    ImageMissingError,
    NameTakenError,
    NoProgramError,
    NotFoundError,
    OccError,
    PortTakenError,
    RegistryError,
    TooManyRequestsError,
    UnauthorizedError,
)

_PORT = re.compile(
    r"(?:Bind for|listen (?:tcp|udp)[46]?|bind host port(?: for)?) "
    r"(?P<address>\S*?:\d+)|(?P<bare>\S+:\d+)(?:/\w+)?: (?:bind: )?address already in use"
)
# The kernel says "no space" of a mount for reasons of its own, and of a source on another disk.
_MOUNT = re.compile(r"(?<![\w/.])(?:re)?mount(?:ing|ed|point)?\b(?![/.])")
# The words of runc and crun about the first process of a container, not about a mount or a hook.
_NO_PROGRAM = re.compile(
    r"container process(?: caused)?: (?:error during container init: )?"
    r'exec:? (?:"[^"]*"|\S+): (?:stat [^:]+: )?'
    r"(?:executable file not found|no such file|permission denied|is a directory|exec format)"
    r"|crun: executable file .* not found in \$path"
)
_MOST_WAIT_S = 1_000_000_000
_RETRY = re.compile(r"retry[- ]after:? *(\d+)", re.IGNORECASE)


def refusal(status: int, message: str) -> OccError:  # noqa: PLR0911 - one return a meaning
    """The error that stands for an answer of 400 or more."""
    text = message.strip() or f"HTTP status {status}"
    said = text.lower()
    if "port is already allocated" in said or "address already in use" in said:
        return _port_taken(text)
    if status == 409 and "name" in said and "already in use" in said:  # noqa: PLR2004 - HTTP
        return NameTakenError(text, hint="docker ps -a")
    if "no such container" in said:
        return NotFoundError(text, hint="docker ps -a")
    if "no such image" in said:
        return ImageMissingError(text, hint="docker images")
    if re.search(r"network \S+ not found", said):
        return EngineRefusedError(text, hint="docker network ls")
    if "no space left on device" in said and not _MOUNT.search(said):
        return full(text)
    if _NO_PROGRAM.search(said):
        return NoProgramError(f"its program cannot be run: {text}", hint="occ config diff")
    if "client version" in said and "too" in said:
        return EngineVersionError(text, hint="docker version")
    return EngineRefusedError(f"the engine refused: {text}", hint="docker events --since 5m")


def full(text: str) -> EngineRefusedError:
    """The engine's disk is full."""
    return EngineRefusedError(f"the engine's disk is full: {text}", hint="docker system df")


def _port_taken(text: str) -> PortTakenError:
    found = _PORT.search(text)
    where = (found["address"] or found["bare"]) if found else "a port of the container"
    port = where.rpartition(":")[2]
    hint = f"ss -ltnp 'sport = :{port}'" if port.isdigit() else "ss -ltnp"
    return PortTakenError(f"{where} is in use already ({text})", hint=hint)


def registry_refusal(reference: str, status: int, message: str) -> OccError:
    """The error for a pull or a look at a registry that failed; status 0 inside a stream."""
    said = message.lower()
    host = reference.partition("/")[0] if "." in reference.partition("/")[0] else ""
    login = f"docker login {host}".strip()
    if status == 429 or "toomanyrequests" in said or "too many requests" in said:  # noqa: PLR2004 - HTTP
        return _too_many(reference, message)
    if "no space left on device" in said:
        return full(message)
    missing = ("manifest unknown", "name unknown", "repository does not exist", "not found")
    # An engine that keeps images in containerd says "may not exist" to whoever has no login.
    no_login = "no basic auth" in said
    if not no_login and (status == 404 or any(words in said for words in missing)):  # noqa: PLR2004 - HTTP
        return ImageMissingError(
            f"{reference} is not at its registry: {message}",
            hint=f"check the name, or if it is private: {login}",
        )
    if "no matching manifest" in said:
        return ImageMissingError(
            f"{reference} is not built for this machine: {message}",
            hint=f"see what it is built for: docker manifest inspect {reference}",
        )
    refused = ("unauthorized", "authentication required", "denied")
    if no_login or status in {401, 403} or any(words in said for words in refused):
        return UnauthorizedError(f"{reference} needs a login: {message}", hint=login)
    return RegistryError(
        f"{reference} could not be fetched: {message or f'HTTP status {status}'}",
        hint=f"docker pull {reference}",
    )


def _too_many(reference: str, message: str) -> TooManyRequestsError:
    found = _RETRY.search(message)
    seconds = whole_number(found[1], _MOST_WAIT_S) if found else None
    when = f"in {seconds} s" if seconds is not None else "later"
    return TooManyRequestsError(
        f"the registry of {reference} asks to come back {when}: {message}",
        hint=f"a login often allows more: docker login, then docker pull {reference}",
        retry_after=seconds,
    )
