"""The version that a rollback means, and what must be said about the choice."""

from dataclasses import dataclass
from functools import partial

from occ.app.knowledge.availability import missing, why_not
from occ.domain.versions import Ledger, Record, previous
from occ.engine.port import Engine
from occ.errors import NoTargetError, NotFoundError


@dataclass(frozen=True, slots=True)
class Choice:
    """The version to go back to."""

    record: Record
    notes: tuple[str, ...] = ()
    """The versions that were passed over on the way, with why."""


def rollback_target(engine: Engine, ledger: Ledger, to: int) -> Choice:
    """The version named, or with `to` 0 the one before the current; its image can be had.

    Raises:
        NotFoundError: there is no such version.
        NoTargetError: nothing precedes the current one, or the image is gone everywhere.
    """
    if to:
        return Choice(_named(engine, ledger, to))
    target = previous(ledger, partial(why_not, engine))
    if target.number:
        return Choice(ledger.versions[target.number], _passed_over(target.skipped))
    newer = ", ".join(str(n) for n in sorted(ledger.versions) if n > ledger.current)
    nothing, those = f"nothing precedes version {ledger.current}", "newer ones"
    if not ledger.current:
        nothing, those = "no version is current", "there are"
    others = (f"{those}: {newer}",) if newer else ()
    raise NoTargetError(
        "; ".join((nothing, *_passed_over(target.skipped), *others)),
        hint="occ rollback --to V" if ledger.versions else "occ start",
    )


def _named(engine: Engine, ledger: Ledger, to: int) -> Record:
    record = ledger.versions.get(to)
    if record is None:
        numbers = ", ".join(map(str, sorted(ledger.versions))) or "none"
        raise NotFoundError(f"there is no version {to}; there are: {numbers}", hint="occ versions")
    lost = missing(engine, record.version)
    if lost is None:
        return record
    there = [str(n) for n, r in sorted(ledger.versions.items()) if not missing(engine, r.version)]
    raise NoTargetError(
        f"version {to} cannot be had: {lost.message}; available: {', '.join(there) or 'none'}",
        hint=lost.hint,
    )


def _passed_over(skipped: tuple[tuple[int, str], ...]) -> tuple[str, ...]:
    return tuple(f"version {number} is skipped: {why}" for number, why in skipped)
