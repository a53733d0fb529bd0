"""`tox run -e newest`: the newest tox, tools and libraries, whatever their upper bounds say.

A copy of this checkout, in which nothing has an upper bound, is checked in the envs that are named.
Each prints what it was given.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
BOUNDED = ("pyproject.toml", "tox.ini")
# test_bounds.py wants bounds.
_LEFT = shutil.ignore_patterns(".git", ".venv", ".tox", ".*_cache", "__pycache__", "test_bounds.py")


def unbounded(text: str) -> str:
    """The same requirements without `<9`."""
    return re.sub(r",?<[\d.]+", "", text)


def main() -> int:
    """Run the envs; the exit status of tox."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "occ"
        shutil.copytree(ROOT, copy, ignore=_LEFT)
        for name in BOUNDED:
            (copy / name).write_text(unbounded((ROOT / name).read_text("utf-8")), "utf-8")
        listed = "testenv.commands_pre=python -m pip freeze --all"
        # What the outer tox says of itself would put the envs into its own folder.
        environ = {name: value for name, value in os.environ.items() if name[:4] != "TOX_"}
        tox = [sys.executable, "-m", "tox"]
        subprocess.run([*tox, "--version"], check=True)
        run = [*tox, "run", "-x", listed, "-e", *sys.argv[1:]]
        return subprocess.run(run, cwd=copy, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
