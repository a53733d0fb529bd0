"""The version that a rollback means, and what must be said about the choice."""

from dataclasses import dataclass
from functools import partial

from occ.app.knowledge.availability import missing, why_not
from occ.clock import local_time
from occ.domain.values import a_few
from occ.domain.versions import Ledger, Record, previous
from occ.engine.port import Engine
from occ.errors import NoTargetError, NotFoundError


@dataclass(frozen=True, slots=True)
class Choice:
    """The version to go back to."""

    record: Record
    notes: tuple[str, ...] = ()
    """The versions that were passed over on the way, with why; an image that is pulled again."""


def rollback_target(engine: Engine, ledger: Ledger, to: int) -> Choice:
    """The version named, or with `to` 0 the one before the current; its image can be had.

    Raises:
        NotFoundError: there is no such version.
        NoTargetError: nothing precedes the current one, or the image is gone everywhere.
    """
    if to:
        record = _named(engine, ledger, to)
        return Choice(record, _pulled_again(engine, record))
    target = previous(ledger, partial(why_not, engine))
    if target.number:
        record = ledger.versions[target.number]
        skipped = _passed_over(target.skipped)
        return Choice(record, (*skipped, *_pulled_again(engine, record)))
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
        numbers = a_few(sorted(ledger.versions)) or "none"
        raise NotFoundError(f"there is no version {to}; there are: {numbers}", hint="occ versions")
    lost = missing(engine, record.version)
    if lost is None:
        return record
    there = [str(n) for n, r in sorted(ledger.versions.items()) if not missing(engine, r.version)]
    others = f"available: {', '.join(there) or 'none'}"
    raise NoTargetError(
        f"version {to} cannot be had: {_pruned(record)}{lost.message}; {others}",
        hint=lost.hint,
    )


def _pulled_again(engine: Engine, record: Record) -> tuple[str, ...]:
    version = record.version
    if not record.pruned or engine.image(version.image) is not None:
        return ()
    return (f"{_pruned(record)}it is pulled again: {version.digests[0]}",)


def _pruned(record: Record) -> str:
    """The end of its image by a rule, to begin a sentence with; empty where there was none."""
    if not record.pruned:
        return ""
    at = local_time(record.pruned_at, "%Y-%m-%d %H:%M")
    return f"its image was pruned on {at} ({record.pruned}); "


def _passed_over(skipped: tuple[tuple[int, str], ...]) -> tuple[str, ...]:
    return tuple(f"version {number} is skipped: {why}" for number, why in skipped)
