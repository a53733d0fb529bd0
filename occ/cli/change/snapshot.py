import sys
from pathlib import Path
from typing import Final, Literal

import click

from occ.app.results import Outcome
from occ.cli import offers
from occ.cli.change.dialogue import carried_out, change, of_kind
from occ.cli.change.snapshot_text import difference, short_state, state, taken, volume
from occ.cli.change.typed import Typed, changing
from occ.cli.options import common, this_session
from occ.cli.session import Session
from occ.cli.terminal import streams
from occ.cli.terminal.tables import pairs, table
from occ.cli.terminal.words import moment, size, terminal_safe, version
from occ.domain.step_names import DRILL_SNAPSHOT
from occ.errors import (
    PENDING,
    FailedError,
    NotFoundError,
    OccError,
    RefusedError,
    SnapshotDamagedError,
    UsageMistakeError,
)

_NUMBER: Final = click.IntRange(1, (1 << 63) - 1)
_WRONG: Final = (SnapshotDamagedError, NotFoundError, FailedError)
"""The failures of a verification that are the snapshot's own."""
_FILE: Final = click.Path(dir_okay=False, path_type=str)


@click.group("snapshot")
@common
def command() -> None:
    """The service's data as it was at one point in time, in files beside the journal.

    Every replacement of the container takes one by itself. They hold whatever the volumes hold,
    secrets too. A version goes back to the data that it had with `occ rollback --data`.
    """


@command.command("create")
@changing()
def create(typed: Typed) -> int:
    """Take a snapshot of the service's volumes as they are; the service is not touched.

    While it runs the data may change under the reading: such a snapshot is fuzzy. An exact one
    comes from a service that is stopped or paused.
    """
    from occ.operations.kinds.snapshot import SnapshotWish  # noqa: PLC0415 - when asked

    return _bring(typed.wishing(SnapshotWish(verb="create")))


@command.command("import")
@click.argument("file", type=_FILE, shell_complete=offers.files)
@changing()
def import_(typed: Typed, *, file: str) -> int:
    """Bring in a snapshot that was exported, under a new number; it is unverified then."""
    from occ.operations.kinds.snapshot import SnapshotWish  # noqa: PLC0415 - when asked

    wish = SnapshotWish(verb="import", file=str(Path(file).absolute()))
    return _bring(typed.wishing(wish))


@command.command("remove")
@click.argument("snapshot", type=_NUMBER, shell_complete=offers.snapshots)
@changing()
def remove(typed: Typed, *, snapshot: int) -> int:
    """Remove a snapshot's files; nothing brings them back. Its number is never given again."""
    from occ.operations.kinds.snapshot import SnapshotWish  # noqa: PLC0415 - when asked

    def says(outcome: Outcome) -> str:
        return f"{outcome.service}: snapshot {snapshot} removed" if _done(outcome) else ""

    wish = SnapshotWish(verb="remove", snapshot=snapshot)
    return change(
        typed.wishing(wish),
        of_kind("snapshot"),
        says=says,
        more=lambda _: {"snapshot": snapshot},
    )


@command.command("drill")
@click.argument(
    "snapshot", type=_NUMBER, required=False, default=None, shell_complete=offers.snapshots
)
@changing(probe=True)
def drill(typed: Typed, *, snapshot: int | None) -> int:
    """Show that a snapshot can be restored: its version is run on it, beside the service.

    Without a number it is the newest verified one. It is restored into throw-away volumes, and its
    version has to pass its gate there, isolated as in a rehearsal. Nothing of it stays (exit 6
    where it does not pass).
    """
    from occ.operations.kinds.snapshot import SnapshotWish  # noqa: PLC0415 - when asked

    def says(outcome: Outcome) -> str:
        if not _done(outcome) or outcome.operation is None:
            return ""
        told = outcome.operation.result(DRILL_SNAPSHOT)
        return f"{outcome.service}: snapshot {told.get('snapshot')} proven: {told.get('said')}"

    def more(outcome: Outcome) -> dict[str, object]:
        told = outcome.operation.result(DRILL_SNAPSHOT) if outcome.operation else {}
        return {"drill": {key: told.get(key) for key in ("snapshot", "version", "after_ms")}}

    wish = SnapshotWish(verb="drill", snapshot=snapshot or 0)
    return change(typed.wishing(wish), of_kind("snapshot"), says=says, more=more)


@command.command("pin")
@click.argument("snapshot", type=_NUMBER, shell_complete=offers.snapshots)
@changing()
def pin(typed: Typed, *, snapshot: int) -> int:
    """Have a snapshot stay, whatever the rules say; `snapshot remove` removes it all the same."""
    return _pin(typed, snapshot, "pin")


@command.command("unpin")
@click.argument("snapshot", type=_NUMBER, shell_complete=offers.snapshots)
@changing()
def unpin(typed: Typed, *, snapshot: int) -> int:
    """Leave a snapshot to the rules again."""
    return _pin(typed, snapshot, "unpin")


def _pin(typed: Typed, snapshot: int, verb: Literal["pin", "unpin"]) -> int:
    from occ.operations.kinds.snapshot import SnapshotWish  # noqa: PLC0415 - when asked

    def says(outcome: Outcome) -> str:
        return f"{outcome.service}: snapshot {snapshot} {verb}ned" if _done(outcome) else ""

    return change(
        typed.wishing(SnapshotWish(verb=verb, snapshot=snapshot)),
        of_kind("snapshot"),
        says=says,
        more=lambda _: {"snapshot": snapshot},
    )


@command.command("list")
@click.option("--all", "removed", is_flag=True, help="Also those that are gone, with their end.")
@this_session
def list_(session: Session, *, removed: bool) -> int:
    """The snapshots there are, newest first."""
    rows = session.app.snapshots(session.service, removed=removed)
    if not rows:
        session.note("there is no snapshot yet; the first one comes with: occ snapshot create")
        return session.result(rows, "")
    lines = [
        [
            row.number,
            moment(row.taken_at),
            version(row.version),
            len(row.volumes),
            size(row.bytes),
            "+".join(sorted({volume.way for volume in row.volumes})),
            short_state(row),
            "-" if row.removed_at else "yes" if row.verified else "no",
        ]
        for row in rows
    ]
    headers = ["id", "taken", "version", "volumes", "size", "way", "state", "verified"]
    return session.result(rows, table(headers, lines) if session.output == "text" else "")


@command.command("show")
@click.argument("snapshot", type=_NUMBER, shell_complete=offers.snapshots)
@this_session
def show(session: Session, *, snapshot: int) -> int:
    """One snapshot: its volumes, how they were read, and what is not in it."""
    row = session.app.snapshot(session.service, snapshot)
    told = [
        pairs(
            [
                ("snapshot", row.number),
                ("taken", moment(row.taken_at, exact=True)),
                ("version", version(row.version)),
                ("why", row.reason),
                ("imported", f"from snapshot {row.imported}" if row.imported else ""),
                ("state", state(row)),
                ("pinned", "yes: no rule removes it" if row.pinned else ""),
                ("verified", "yes" if row.verified else f"no: occ snapshot verify {row.number}"),
            ]
        ),
        *(volume(one) for one in row.volumes),
    ]
    return session.result(row, session.addressed("\n\n".join(told)))


@command.command("verify")
@click.argument("snapshot", type=_NUMBER, required=False, shell_complete=offers.snapshots)
@click.option("--all", "all_of_them", is_flag=True, help="All snapshots of the service.")
@changing()
def verify(typed: Typed, *, snapshot: int | None, all_of_them: bool) -> int:
    """Read a snapshot's files again, and compare them with what was recorded of them.

    One that has no manifest yet gets it by this.
    """
    from occ.operations.kinds.snapshot import SnapshotWish  # noqa: PLC0415 - when asked

    session = typed.session
    if (snapshot is None) is not all_of_them:
        raise UsageMistakeError(
            "one snapshot is named, or --all", hint="occ snapshot verify N, or --all"
        )
    app, name, planned = session.app, session.service, list[int]()
    wrong, told = list[OccError](), list[dict[str, object]]()
    rows = app.snapshots(name) if all_of_them else (app.snapshot(name, snapshot or 0),)
    for row in rows:
        try:
            if row.verified:
                app.check_snapshot(name, row.number)
            else:
                wish = SnapshotWish(verb="verify", snapshot=row.number)
                outcome = carried_out(typed.wishing(wish), of_kind("snapshot"), name)
                if outcome.proposal is not None:
                    planned.append(row.number)
                    continue
        except _WRONG as error:  # the others are read all the same
            if not all_of_them:
                raise
            wrong.append(error)
            continue
        told.append({"snapshot": row.number, "described": not row.verified})
    if wrong:
        raise SnapshotDamagedError("; ".join(one.message for one in wrong), hint=wrong[0].hint)
    lines = [f"snapshot {one['snapshot']} is whole" for one in told]
    lines += [f"snapshot {number} is unverified, and would be read" for number in planned]
    return session.result(told, "\n".join(lines), status=PENDING if planned else 0)


@command.command("diff")
@click.argument("before", metavar="N", type=_NUMBER, shell_complete=offers.snapshots)
@click.argument(
    "after", metavar="[M]", type=_NUMBER, required=False, shell_complete=offers.snapshots
)
@this_session
def diff(session: Session, *, before: int, after: int | None) -> int:
    """How the data differs between two snapshots, or between one and now.

    The data of now is read as for a snapshot, and not kept.
    """
    found = session.app.snapshot_difference(session.service, before, after or 0)
    if found.coarse:
        session.note(
            "note: read through the engine: times below the second, ACLs and extended "
            "attributes are not compared"
        )
    none = "no difference"
    if alone := ", ".join(map(terminal_safe, found.left_out)):
        session.note(f"note: not compared, as only one side has it: {alone}")
        none = "no difference in the volumes of both sides"
    return session.result(found, "\n".join(map(difference, found.differences)) or none)


@command.command("export")
@click.argument("snapshot", type=_NUMBER, shell_complete=offers.snapshots)
@click.option(
    "--file",
    "target",
    type=click.Path(path_type=str),
    help="The file to write (default: SERVICE-snapshot-N.tar here); - is standard output.",
    shell_complete=offers.files,
)
@this_session
def export(session: Session, *, snapshot: int, target: str | None) -> int:
    """Write a snapshot into one tar, of its volumes and their manifests."""
    service = session.app.service_name(session.service)
    target = target or f"{service}-snapshot-{snapshot}.tar"
    if target == "-":
        if streams.terminal(sys.stdout):
            raise RefusedError(
                "a snapshot is no text for a terminal",
                hint=f"occ snapshot export {snapshot} --file FILE",
            )
        with streams.raw_out() as out:
            session.app.export_snapshot(session.service, snapshot, out)
        return 0
    path = Path(target).absolute()
    session.app.export_snapshot(session.service, snapshot, path)
    said = f"{service}: snapshot {snapshot} is in {terminal_safe(str(path))}"
    return session.result({"snapshot": snapshot, "file": str(path)}, said)


def _bring(typed: Typed) -> int:
    def says(outcome: Outcome) -> str:
        return typed.session.addressed(taken(outcome))

    return change(typed, of_kind("snapshot"), says=says)


def _done(outcome: Outcome) -> bool:
    return outcome.operation is not None and outcome.operation.ending == "done"
