"""One run of a version beside the service: on a copy of its data, isolated, through its gate."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from occ.archives.manifest import differences
from occ.archives.members import Members
from occ.archives.store import Store
from occ.archives.tar import BrokenTarError
from occ.domain.isolation import Allowed, isolated
from occ.domain.programs import Program, the_planned
from occ.domain.rehearsal import Rehearsing
from occ.domain.request import Version
from occ.domain.secrets.secrecy import clean, redact
from occ.domain.snapshots import Record, Way
from occ.domain.step_results import Proof
from occ.domain.values import Json
from occ.engine.values import Container
from occ.errors import (
    EngineRefusedError,
    FailedError,
    NoProbeError,
    SecretMissingError,
    StoppedByOperatorError,
    UnhealthyError,
)
from occ.operations import event_size
from occ.operations.enclosure import Enclosure
from occ.operations.gate import log_tail, prove
from occ.operations.reading import VolumeReader
from occ.operations.restoring import Restoring, members_of
from occ.operations.step_context import StepContext
from occ.operations.steps.proof import pause_ms, starts_again
from occ.operations.writing import VolumeWriter

_GOOD, _UNKNOWN = 0, 75
_SAID_BYTES = 2_048
_GRACE_MS = 10_000
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The end of one run."""

    passed: bool = False
    own: bool = True
    """Its failure was its own doing."""
    said: str = ""
    """Why it did not pass, or what it says of itself."""
    after_ms: int = 0
    reported: str = ""
    changed: int = 0
    of: int = 0
    log_tail: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """The end as the result of a step has it."""
        told: dict[str, Json] = {
            "passed": self.passed,
            "own": self.own,
            "why": "" if self.passed else self.said,
            "after_ms": self.after_ms,
            "reported": self.reported,
            "changed": self.changed,
            "of": self.of,
        }
        return told if self.passed else {**told, "log_tail": list[Json](self.log_tail)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that is about to be made. Nothing of it is left when it has ended, however it did."""

    context: StepContext
    enclosure: Enclosure
    rehearsing: Rehearsing
    version: Version
    record: Record | None
    """The copy of the data; None for a run that begins with empty volumes."""
    store: Store
    reader: VolumeReader
    writer: VolumeWriter
    tick: Callable[[], None]
    called: str
    """The copy, as people call it."""

    def made(self, deadline_ms: int) -> Shown:
        """Restore the copy, run the version on it, and see how that ends.

        Raises:
            FailedError, NotFoundError, RefusedError: the run could not be made, which says nothing
                of the version.
            StoppedByOperatorError: the operator asked for an end.
        """
        self.writer.quiesce()
        self.reader.quiesce()
        self.enclosure.clear()
        try:
            return self._run(deadline_ms)
        finally:
            self.writer.clear()
            self.reader.clear()
            self.enclosure.clear()

    def _run(self, deadline_ms: int) -> Shown:
        spec, copied = self.version.spec, self._copied()
        volumes = self.enclosure.volumes((*(one.name for one in spec.volumes), *copied))
        there = self._made(volumes, copied)
        before = {name: self._restored(name, volumes[name]) for name in copied}
        shown = self._watched(there, deadline_ms)
        self.context.engine.stop(there.id, min(spec.stop_timeout_ms, _GRACE_MS))
        changed, of = self._changed(before, volumes)
        return replace(shown, changed=changed, of=of)

    def _made(self, volumes: Mapping[str, str], copied: Collection[str]) -> Container:
        """Its container, not started, with all of its volumes.

        Raises:
            FailedError: it cannot be made.
        """
        fresh = frozenset(real for name, real in volumes.items() if name not in copied)
        for _ in range(_TRIES):
            self.enclosure.open(volumes.values())
            there = self._created(volumes, fresh)
            if self.enclosure.whole(volumes.values()):
                return there
            self.enclosure.clear()
        raise FailedError("its volumes are removed all the time", hint="who runs a volume prune?")

    def _created(self, volumes: Mapping[str, str], fresh: frozenset[str]) -> Container:
        spec = self.version.spec
        return self.enclosure.create(
            self.version.image,
            isolated(
                spec,
                Allowed(
                    network=self.enclosure.name,
                    volumes=volumes,
                    networks=self.rehearsing.networks,
                    env=self.rehearsing.env,
                ),
            ),
            secrets=self._secrets(),
            version=self.version.number,
            fresh=fresh,
        )

    def _copied(self) -> tuple[str, ...]:
        """The data of the copy that this version mounts."""
        if self.record is None:
            return ()
        spec = self.version.spec
        mounted = {one.name for one in spec.volumes} | {one.source for one in spec.mounts}
        return tuple(one.name for one in self.record.snapshot.volumes if one.name in mounted)

    def _restored(self, name: str, target: str) -> tuple[Members, Way]:
        assert self.record is not None  # noqa: S101 - nothing is copied without one
        volume = next(one for one in self.record.snapshot.volumes if one.name == name)
        restoring = Restoring(
            store=self.store,
            reader=self.reader,
            writer=self.writer,
            tick=self.tick,
            called=self.called,
        )
        wanted = restoring.whole(self.record, volume)
        way = restoring.write(volume, target)
        restoring.compare(volume, wanted, target, way)
        return wanted, "engine" if "engine" in {way, volume.way} else "host"

    def _secrets(self) -> Mapping[str, str]:
        context, allowed = self.context, self.rehearsing.secrets
        names = [n for n in self.version.spec.secrets if allowed is None or n in allowed]
        missing = [name for name in names if name not in context.secrets]
        if missing:
            raise SecretMissingError(
                f"the secret {missing[0]} has no value",
                hint=f"occ secret set {missing[0]} --service {context.service}",
            )
        return {name: context.secrets[name] for name in names}

    def _watched(self, there: Container, deadline_ms: int) -> Shown:
        """Start it, and have it pass its gate, and the config's own check."""
        context = self.context
        try:
            context.engine.start(there.id)
            proof = self._proven(there, deadline_ms)
        except UnhealthyError as error:
            return Shown(own=error.own, said=error.message, log_tail=error.log_tail)
        except (NoProbeError, StoppedByOperatorError):
            raise
        except EngineRefusedError as error:
            return Shown(said=error.message, log_tail=log_tail(context, there))
        now = context.engine.inspect(there.id)
        after = max(0, proof.first_good_at - now.started_at) if now else 0
        why = self._checked(there)
        return Shown(
            passed=not why,
            said=why or proof.said,
            after_ms=after,
            reported=proof.reported,
            log_tail=log_tail(context, there) if why else (),
        )

    def _proven(self, there: Container, deadline_ms: int) -> Proof:
        """The proof of its gate; started again as often as its own policy would."""
        context, spec, ends = self.context, self.version.spec, 0
        while True:
            running = context.engine.inspect(there.id)
            if running is None:
                raise UnhealthyError(f"{there.name} is gone", own=False)
            try:
                return prove(context, running, spec.health, deadline_ms)
            except UnhealthyError as error:
                ended = context.engine.inspect(there.id)
                again = ended is not None and ended.state == "exited" and error.own
                if not again or ended is None or ends >= spec.health.restarts_allowed:
                    raise
                if not starts_again(spec.restart, ended.exit_code, ends):
                    raise
            ends += 1
            context.clock.sleep(pause_ms(ends))
            context.engine.start(there.id)

    def _checked(self, there: Container) -> str:
        """Why the config's own check does not let it pass; empty where it does, or there is none.

        Raises:
            FailedError: it cannot be run, or does not know.
            HookChangedError: the config has other words for it now.
        """
        planned, words = self.rehearsing, self.context.check
        if not (planned.checks and (words or planned.check)):
            return ""
        if planned.check:
            now = Program(name="rehearse_check", words=words) if words else None
            the_planned(now, "rehearse_check", planned.check)
        ran = self.context.engine.exec(there.id, words)
        if ran.status == _GOOD:
            return ""
        said = (ran.out + ran.err).decode(errors="backslashreplace")
        hidden = clean(redact(said, self.context.secrets.values()))
        told = event_size.beginning(" ".join(hidden.split()), _SAID_BYTES)
        why = f"rehearse_check ended with {ran.status}{f': {told}' if told else ''}"
        if ran.status == _UNKNOWN:
            raise FailedError(why, hint="occ config get rehearse_check")
        return why

    def _changed(
        self, before: Mapping[str, tuple[Members, Way]], volumes: Mapping[str, str]
    ) -> tuple[int, int]:
        """How many files and folders of the copy are not as they were, and how many there were."""
        count = 0
        for name, (wanted, way) in before.items():
            try:
                there, read = members_of(self.reader, volumes[name], self.tick)
            except BrokenTarError as error:
                raise FailedError(
                    f"the volume {volumes[name]} could not be read back: {error}",
                    hint="type it again",
                ) from error
            coarse = "engine" in {way, read}
            count += sum(1 for _ in differences(wanted, there, coarse=coarse))
        return count, sum(len(wanted) for wanted, _ in before.values())
