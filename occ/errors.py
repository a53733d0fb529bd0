"""Every failure occ can explain: a lasting code, an exit status, and the next command to type.

The exit statuses are a contract with scripts; `docs/errors.md` is generated from this file.
"""

from collections.abc import Iterator, Mapping
from typing import Final

PENDING: Final = 10
"""The exit status when a look finds something to do: of a plan, an image, or the config."""
UNCHANGED: Final = 77
"""The exit status of `--exit-unchanged` when nothing had to be done."""
OUTPUT_CLOSED: Final = 141
"""The exit status when nobody reads the output any more: that of a process by SIGPIPE."""


class OccError(Exception):
    """Something occ can explain. Every kind of error has a lasting code of its own."""

    code = "occ"
    exit_status = 1

    def __init_subclass__(cls, *, code: str, exit_status: int | None = None) -> None:
        """Give a kind of error its code, and its exit status where its base has another one."""
        cls.code = code
        if exit_status is not None:
            cls.exit_status = exit_status

    def __init__(self, message: str, *, hint: str = "", log_tail: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.log_tail = log_tail


def every() -> Iterator[type[OccError]]:
    """Every kind of error, in the order of this file."""
    todo = [OccError]
    while todo:
        kind = todo.pop(0)
        todo += kind.__subclasses__()
        yield from kind.__subclasses__()


class BugError(OccError, code="bug", exit_status=1):
    """An error that nobody foresaw: a bug in occ. A change that meets one is put back."""


class UsageMistakeError(OccError, code="usage", exit_status=2):
    """The command line does not fit: a malformed value, or options that exclude each other."""


class PlanTokenError(UsageMistakeError, code="plan_token"):
    """The word after `--if-plan` is no plan token of this occ; the message says why."""


class ConfigError(OccError, code="config", exit_status=2):
    """The configuration cannot be used; the message names file, line, key, value and the fix."""


class UntrustedProgramError(ConfigError, code="program_untrusted"):
    """Root would run a program that somebody else can replace; the message names what to mend."""


class NotFoundError(OccError, code="not_found", exit_status=3):
    """The service, version, operation, container or image that you named is not there."""


class RefusedError(OccError, code="refused", exit_status=4):
    """A rule forbids it; nothing was touched."""


class DeclinedError(RefusedError, code="declined"):
    """The question was answered with no, or there was nobody to ask and no `--yes`."""


class ForeignContainerError(RefusedError, code="foreign_container"):
    """A container that occ did not make has the service's name; occ never touches it."""


class OtherJournalError(RefusedError, code="other_journal"):
    """The container is looked after by another journal; the message names its owner."""


class OtherEngineError(RefusedError, code="other_engine"):
    """Another engine answers than the one on which the service lives."""


class HostAheadError(RefusedError, code="host_ahead"):
    """The host carries numbers that this journal has not reached: it is an older copy."""


class SecretMissingError(RefusedError, code="secret_missing"):
    """A secret that the service needs has no value."""


class NotCurrentError(RefusedError, code="not_current"):
    """`--if-current` named another version than the one that is current."""


class PlanMovedError(RefusedError, code="plan_moved"):
    """Things are not as they were planned; `differences` names each, with old and new."""

    def __init__(
        self, message: str, *, hint: str = "", differences: tuple[object, ...] = ()
    ) -> None:
        super().__init__(message, hint=hint)
        self.differences = differences


class PlanForeignError(RefusedError, code="plan_foreign"):
    """The plan token is of another journal, another service or another kind of change."""


class PlanExpiredError(RefusedError, code="plan_expired"):
    """The time of the plan token is over, or has not begun by this machine's clock."""


class CautionError(RefusedError, code="caution"):
    """The image failed here before, or was rolled back from; `--override` takes it all the same."""


class HeldBackError(RefusedError, code="held_back"):
    """A hold, the image's age or the service keeps the update away; `--override` names it."""


class NoTargetError(RefusedError, code="no_target"):
    """There is no version to roll back to, or the one you named cannot be had any more."""


class NoProbeError(RefusedError, code="no_probe"):
    """The service's health path cannot be asked from anywhere, and `--no-probe` was not given."""


class NotRunningError(RefusedError, code="not_running"):
    """The container does not run, or is paused, and this needs one that does."""


class NoUserToolError(RefusedError, code="no_user_tool"):
    """The image lacks a program that accounts are kept with; the message names it."""


class SnapshotDamagedError(RefusedError, code="snapshot_damaged"):
    """A file of a snapshot is not as it was recorded; the message names it, and what differs."""


class HookChangedError(RefusedError, code="hook_changed"):
    """A program of the config is not the one that was planned; nothing of it was run."""


class DeferredError(RefusedError, code="deferred"):
    """The service, or a hook before the stop, asked for a later time; everything is as before."""


class GateRefusedError(RefusedError, code="gate_refused"):
    """A gate command refused the image; nothing was stopped, and it is asked again next time."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        log_tail: tuple[str, ...] = (),
        judged: tuple[Mapping[str, str], ...] = (),
    ) -> None:
        super().__init__(message, hint=hint, log_tail=log_tail)
        self.judged = judged  # the answers so far as a step's result has them, this one the last


class GateUnknownError(GateRefusedError, code="gate_unknown"):
    """A gate command gave no answer about the image; nothing was stopped."""


class EngineUnreachableError(OccError, code="engine_unreachable", exit_status=5):
    """The engine does not answer. Nothing was begun; within an operation the step is in doubt."""


class EngineVersionError(EngineUnreachableError, code="engine_version"):
    """The engine and this occ speak no common version of its API; the message says both."""


class FailedError(OccError, code="failed", exit_status=6):
    """The change failed; the service is as it was found."""


class EngineRefusedError(FailedError, code="engine_refused"):
    """The engine answered that it cannot do what was asked."""


class NameTakenError(EngineRefusedError, code="name_taken"):
    """Another container has the name already."""


class PortTakenError(EngineRefusedError, code="port_taken"):
    """Another process listens on the host port already."""


class NoProgramError(EngineRefusedError, code="no_program"):
    """The container's program is not in its image, or cannot be run there."""


class RegistryError(FailedError, code="registry"):
    """The registry could not be reached, or its answer was of no use."""


class ImageMissingError(RegistryError, code="image_missing"):
    """The image does not exist, neither here nor in its registry."""


class UnauthorizedError(RegistryError, code="unauthorized"):
    """The registry wants a login for this image."""


class TooManyRequestsError(RegistryError, code="too_many_requests"):
    """The registry asks to wait; the message says how long."""

    def __init__(self, message: str, *, hint: str = "", retry_after: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class UnhealthyError(FailedError, code="unhealthy"):
    """The container did not pass its gate."""

    def __init__(
        self, message: str, *, hint: str = "", log_tail: tuple[str, ...] = (), own: bool = True
    ) -> None:
        super().__init__(message, hint=hint, log_tail=log_tail)
        self.own = own  # its own doing; not when the engine went down under it


class RehearsalError(UnhealthyError, code="rehearsal"):
    """A version did not pass beside the service, or nobody can tell; the service was not stopped.

    A snapshot whose drill did not pass is one too.
    """


class NotDeliveredError(FailedError, code="not_delivered"):
    """A message could not be brought to somebody who is to be told; the others had theirs."""


class BuildFailedError(FailedError, code="build_failed"):
    """The image could not be built; the message says where, the last lines of its log why."""


class HookFailedError(FailedError, code="hook_failed"):
    """A hook did not end with 0; the service is as it was found."""

    def __init__(
        self, message: str, *, hint: str = "", log_tail: tuple[str, ...] = (), verdict: bool = False
    ) -> None:
        super().__init__(message, hint=hint, log_tail=log_tail)
        self.verdict = verdict  # on the version


class HookInDoubtError(FailedError, code="hook_in_doubt"):
    """A hook that may run only once was begun, and nobody saw its end; it was not run again."""


class UserClashError(FailedError, code="user_clash"):
    """A user of the config cannot be recreated: the new image has its name or number already."""


class UserToolError(FailedError, code="user_tool"):
    """A program that keeps the container's accounts refused; the message has its own words."""


class UnfinishedError(OccError, code="unfinished", exit_status=7):
    """An operation is unfinished: `occ resume` carries it on, `occ abort` puts everything back."""


class BusyError(OccError, code="busy", exit_status=8):
    """Another occ is at work on this service; the message names operation, process and time."""


class JournalError(OccError, code="journal", exit_status=9):
    """The journal cannot be used."""


class JournalDamagedError(JournalError, code="journal_damaged"):
    """The journal is not a journal, is truncated, or an entry does not fit its hash."""


class JournalNewerError(JournalError, code="journal_newer"):
    """A newer occ wrote this journal; it can be listed, not changed."""


class JournalUnwritableError(JournalError, code="journal_unwritable"):
    """The journal's file or folder cannot be written: read-only, full, or not permitted."""


class JournalConflictError(JournalError, code="journal_conflict"):
    """Another process has taken this operation over; this one ends without touching anything."""


class StoppedByOperatorError(OccError, code="interrupted", exit_status=130):
    """The operator asked for an end, by Ctrl-C or a signal."""
