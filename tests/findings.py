"""What doctor finds in a box, and the command that it names, typed as it stands."""

import re
import subprocess
import sys
from typing import Any

from tests.box import Box

_THEIRS = {"disk_low", "prune_timer"}  # the machine of whoever runs the tests is no matter of these


def findings(box: Box) -> list[dict[str, Any]]:
    """What is wrong, notes aside; the exit status says whether anything is."""
    done = box.occ("doctor", "-o", "json")
    found = [finding for finding in done.result() if not finding["note"]]
    assert done.status == (4 if found else 0)
    return [finding for finding in found if finding["code"] not in _THEIRS]


def typed(box: Box, finding: dict[str, Any], *more: str) -> None:
    """Type the command of a finding in a shell, word for word; `more` answers its question."""
    command = " ".join((re.split(r" \(|, or ", finding["fix"])[0], *map(_quoted, more)))
    done = subprocess.run(
        ["sh", "-ec", f'occ() {{ {sys.executable} -m occ "$@"; }}\n{command}'],
        cwd=box.folder,
        env=box.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"


def _quoted(word: str) -> str:
    return f"'{word}'"
