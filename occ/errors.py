"""Every failure occ can explain: a lasting code, an exit status, and the next command to type.

The exit statuses are a contract with scripts; `docs/errors.md` is generated from this file.
"""

from collections.abc import Iterator
from typing import Final

PENDING: Final = 10
"""The exit status when a look finds something to do: of a plan, an image, or the config."""
UNCHANGED: Final = 77
"""The exit status of `--exit-unchanged` when nothing had to be done."""
OUTPUT_CLOSED: Final = 141
"""The exit status when nobody reads the output any more: that of a process by SIGPIPE."""


class OccError(Exception):
    """Something occ can explain."""

    code = "occ"
    exit_status = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def every() -> Iterator[type[OccError]]:
    """Every error class with a code of its own, in the order of this file."""
    todo = [OccError]
    while todo:
        kind = todo.pop(0)
        for child in kind.__subclasses__():
            todo.append(child)
            if child.code != kind.code:
                yield child


class UsageMistakeError(OccError):
    """The command line does not fit: a malformed value, or options that exclude each other."""

    code, exit_status = "usage", 2


class ConfigError(OccError):
    """The configuration cannot be used; the message names file, line, key, value and the fix."""

    code, exit_status = "config", 2


class NotFoundError(OccError):
    """The service, version, operation, container or image that you named is not there."""

    code, exit_status = "not_found", 3


class RefusedError(OccError):
    """A rule forbids it; nothing was touched."""

    code, exit_status = "refused", 4


class DeclinedError(RefusedError):
    """The question was answered with no, or there was nobody to ask and no `--yes`."""

    code = "declined"


class ForeignContainerError(RefusedError):
    """A container that occ did not make has the service's name; occ never touches it."""

    code = "foreign_container"


class OtherJournalError(RefusedError):
    """The container is looked after by another journal; the message names its owner."""

    code = "other_journal"


class OtherEngineError(RefusedError):
    """Another engine answers than the one on which the service lives."""

    code = "other_engine"


class HostAheadError(RefusedError):
    """The host carries numbers that this journal has not reached: it is an older copy."""

    code = "host_ahead"


class SecretMissingError(RefusedError):
    """A secret that the service needs has no value."""

    code = "secret_missing"


class NotCurrentError(RefusedError):
    """`--if-current` named another version than the one that is current."""

    code = "not_current"


class NoTargetError(RefusedError):
    """There is no version to roll back to, or the one you named cannot be had any more."""

    code = "no_target"


class NoProbeError(RefusedError):
    """The service's health path cannot be asked from anywhere, and `--no-probe` was not given."""

    code = "no_probe"


class NotRunningError(RefusedError):
    """The container does not run, or is paused, and this needs one that does."""

    code = "not_running"


class NoUserToolError(RefusedError):
    """The image lacks a program that accounts are kept with; the message names it."""

    code = "no_user_tool"


class EngineUnreachableError(OccError):
    """The engine does not answer. Nothing was begun; within an operation the step is in doubt."""

    code, exit_status = "engine_unreachable", 5


class EngineVersionError(EngineUnreachableError):
    """The engine and this occ speak no common version of its API; the message says both."""

    code = "engine_version"


class FailedError(OccError):
    """The change failed; the service is as it was found."""

    code, exit_status = "failed", 6


class EngineRefusedError(FailedError):
    """The engine answered that it cannot do what was asked."""

    code = "engine_refused"


class NameTakenError(EngineRefusedError):
    """Another container has the name already."""

    code = "name_taken"


class PortTakenError(EngineRefusedError):
    """Another process listens on the host port already."""

    code = "port_taken"


class RegistryError(FailedError):
    """The registry could not be reached, or its answer was of no use."""

    code = "registry"


class ImageMissingError(RegistryError):
    """The image does not exist, neither here nor in its registry."""

    code = "image_missing"


class UnauthorizedError(RegistryError):
    """The registry wants a login for this image."""

    code = "unauthorized"


class TooManyRequestsError(RegistryError):
    """The registry asks to wait; the message says how long."""

    code = "too_many_requests"

    def __init__(self, message: str, *, hint: str = "", retry_after: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class UnhealthyError(FailedError):
    """The container did not pass its gate."""

    code = "unhealthy"

    def __init__(
        self, message: str, *, hint: str = "", log_tail: tuple[str, ...] = (), own: bool = True
    ) -> None:
        super().__init__(message, hint=hint)
        self.log_tail = log_tail
        self.own = own  # its own doing; not when the engine went down under it


class BuildFailedError(FailedError):
    """The image could not be built; the message says where, the last lines of its log why."""

    code = "build_failed"

    def __init__(self, message: str, *, hint: str = "", log_tail: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.log_tail = log_tail


class UserClashError(FailedError):
    """A user of the config cannot be recreated: the new image has its name or number already."""

    code = "user_clash"


class UserToolError(FailedError):
    """A program that keeps the container's accounts refused; the message has its own words."""

    code = "user_tool"


class UnfinishedError(OccError):
    """An operation is unfinished: `occ resume` carries it on, `occ abort` puts everything back."""

    code, exit_status = "unfinished", 7

    def __init__(self, message: str, *, hint: str = "", log_tail: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.log_tail = log_tail


class BusyError(OccError):
    """Another occ is at work on this service; the message names operation, process and time."""

    code, exit_status = "busy", 8


class JournalError(OccError):
    """The journal cannot be used."""

    code, exit_status = "journal", 9


class JournalDamagedError(JournalError):
    """The journal is not a journal, is truncated, or an entry does not fit its hash."""

    code = "journal_damaged"


class JournalNewerError(JournalError):
    """A newer occ wrote this journal; it can be listed, not changed."""

    code = "journal_newer"


class JournalUnwritableError(JournalError):
    """The journal's file or folder cannot be written: read-only, full, or not permitted."""

    code = "journal_unwritable"


class JournalConflictError(JournalError):
    """Another process has taken this operation over; this one ends without touching anything."""

    code = "journal_conflict"


class StoppedByOperatorError(OccError):
    """The operator asked for an end, by Ctrl-C or a signal."""

    code, exit_status = "interrupted", 130
