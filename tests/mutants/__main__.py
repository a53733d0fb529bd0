"""`tox run -e mutants`: changes the rules of recovery in every small way, and shows who sees it.

mutmut changes one expression at a time in the fold and its moves, in the operations and in the
journal's store, and runs the tests that reach it and need no engine. A mutant that all of them pass
is either listed in survivors.toml, with the reason why it is spared, or a failure; so is an entry
there that no mutant needs any more. `--record` writes the counts into docs/reliability.md;
`--again` judges the last run once more; words choose functions (`occ.operations.runner*`).
"""

import argparse
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.endurance import record
from tests.mutants.found import ROOT, Change, change, results

LIST = Path(__file__).parent / "survivors.toml"
_ALIVE = frozenset({"survived", "no tests", "suspicious"})


def main() -> int:
    """Run it, and compare; 1 when a survivor is not listed, or one listed does not survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--children", type=int, default=2)
    asked = parser.parse_args()
    if not asked.again:
        _run(asked.words, asked.children)
    found = results()
    if left := [name for name, status in found.items() if status == "not checked"]:
        print(f"{len(left)} mutants were not tried; the list is judged after a whole run")
    alive = {change(name) for name, status in found.items() if status in _ALIVE}
    listed = _listed()
    unlisted, stale = alive - listed.keys(), listed.keys() - alive
    _print("survives, and is not listed", unlisted)
    _print("is listed, and does not survive", stale if not left else ())
    if asked.record and not left:
        record.write("mutants", _counts(found, listed), by="tox run -e mutants -- --record")
    return 1 if unlisted or (stale and not left) else 0


def _run(words: Iterable[str], children: int) -> None:
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(children), *words]
    subprocess.run(command, cwd=ROOT, check=True)


def _listed() -> Mapping[Change, str]:
    """The survivors that are spared, each with its reason."""
    text = tomllib.loads(LIST.read_text("utf-8"))
    return {
        Change(function, one["was"], one["becomes"]): reason["why"]
        for reason in text["reason"]
        for function, those in reason["in"].items()
        for one in those
    }


def _print(what: str, changes: Iterable[Change]) -> None:
    for one in sorted(changes, key=lambda each: (each.function, each.was)):
        print(f"{one.function} {what}:\n  - {one.was}\n  + {one.becomes}")


def _counts(found: Mapping[str, str], listed: Mapping[Change, str]) -> Mapping[str, object]:
    ends = Counter(found.values())
    alive = Counter(
        listed.get(change(name), "not listed") for name, status in found.items() if status in _ALIVE
    )
    return {
        "mutants": len(found),
        "killed by a test": ends["killed"],
        "killed by a test that did not end": ends["timeout"],
        "refused by the type checker": ends["caught by type check"],
        **{f"spared: {why}": count for why, count in alive.most_common()},
    }


if __name__ == "__main__":
    sys.exit(main())
