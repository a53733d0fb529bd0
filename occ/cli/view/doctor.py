from typing import TYPE_CHECKING

import click

from occ.cli.options import this_session
from occ.cli.session import Session
from occ.cli.terminal.words import terminal_safe
from occ.errors import ConfigError

if TYPE_CHECKING:
    from occ.domain.findings import Finding

_FINDINGS = 4


@click.command("doctor")
@this_session
def command(session: Session) -> int:
    """Look for what is not as it should be; touches nothing. The first line is the verdict.

    Machine, engine, journal, config, and every service (or the one of --service). Each finding
    comes with the command that mends it; `occ repair` mends what is marked so. Exit 0 when there
    is none (notes aside), 4 otherwise.
    """
    from occ.domain.findings import Finding  # noqa: PLC0415 - --help needs none of it

    try:
        findings = session.app.doctor(session.service)
    except ConfigError as error:
        findings = (Finding(code=error.code, says=error.message, fix="occ config edit"),)
    status = _FINDINGS if any(not finding.note for finding in findings) else 0
    told = [
        {
            "code": finding.code,
            "service": finding.service,
            "says": finding.says,
            "fix": session.addressed(finding.fix, finding.service),
            "mended_by_repair": finding.mended,
            "note": finding.note,
        }
        for finding in findings
    ]
    return session.result(told, _text(session, findings), status=status)


def _text(session: Session, findings: "tuple[Finding, ...]") -> str:
    blocks = []
    for finding in findings:
        where = f"{finding.service}: " if finding.service else ""
        mark = "note" if finding.note else finding.code
        fix = session.addressed(terminal_safe(finding.fix), finding.service)
        blocks.append(f"{mark}: {terminal_safe(where + finding.says)}\n  try: {fix}")
    wrong = sum(1 for finding in findings if not finding.note)
    notes = len(findings) - wrong
    said = "nothing is wrong" if not wrong else f"{wrong} finding{'s' if wrong > 1 else ''}"
    if notes:
        said += f", {notes} note{'s' if notes > 1 else ''}"
    if any(finding.mended for finding in findings):
        said += session.addressed("; occ repair --plan shows what it would mend")
    return "\n".join([said, *blocks])
