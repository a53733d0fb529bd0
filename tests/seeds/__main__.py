"""`tox run -e seeds`: puts each bug into a copy of the code and shows its test turn red."""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("occ", "migrations", "tests", "docs", "pyproject.toml", "README.md")


def main() -> int:
    """Try every seed; the exit status is the number of bugs that no test saw."""
    seeds = tomllib.loads((Path(__file__).parent / "seeds.toml").read_text())["seed"]
    wanted = sys.argv[1:]
    chosen = [s for s in seeds if not wanted or any(word in s["test"] for word in wanted)]
    survivors = 0
    for seed in chosen:
        killed = _killed(seed)
        survivors += not killed
        print(f"{'killed' if killed else 'SURVIVED':<9} {seed['fault']}", flush=True)
    print(f"\n{len(chosen)} bugs, {survivors} survived")
    return survivors


def _killed(seed: dict[str, str]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name)
            else:
                shutil.copy(source, copy / name)
        if not _passes(copy, seed["test"]):
            raise SystemExit(f"{seed['test']} fails without the bug")
        there = copy / seed["file"]
        text = there.read_text()
        if text.count(seed["find"]) != 1:
            raise SystemExit(f"{seed['file']} does not hold the place of: {seed['fault']}")
        there.write_text(text.replace(seed["find"], seed["put"]))
        return not _passes(copy, seed["test"])


def _passes(copy: Path, test: str) -> bool:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
