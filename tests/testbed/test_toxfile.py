"""The last line of plain tox: whether the newest engine was tried."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.testbed.releases import NEWEST

ROOT = Path(__file__).parents[2]

# tox itself is no part of the tests' environment: its two names that the plugin takes are stood in
# for, and its summary is printed after the hook as tox prints it.
RUN = """
import sys, types
for name in ("tox", "tox.plugin", "tox.tox_env", "tox.tox_env.api"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["tox.plugin"].impl = lambda hook: hook
sys.modules["tox.tox_env.api"].ToxEnv = object
import toxfile
for name in sys.argv[1:]:
    toxfile.tox_after_run_commands(types.SimpleNamespace(name=name))
print("  congratulations :)")
"""
UNTRIED = (
    "the newest Docker Engine, containerd image store: not tried, for it is not in the cache; "
    "tox run -e engines makes it"
)


def last_line(cache: Path, *envs: str) -> str:
    """The last line of a run of tox with these envs."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *envs],
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.count("not tried") <= 1
    return done.stdout.splitlines()[-1]


def test_it_says_so_where_the_newest_engine_was_not_tried(tmp_path: Path) -> None:
    assert last_line(tmp_path, "lint", "unit", "docker", "seeds", "demo") == UNTRIED


@pytest.mark.parametrize("envs", [("lint", "unit", "docs"), ("engines",)])
def test_it_is_tox_s_own_where_no_env_would_have_tried_it(
    tmp_path: Path, envs: tuple[str, ...]
) -> None:
    assert last_line(tmp_path, *envs) == "  congratulations :)"


def test_it_is_tox_s_own_where_it_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert NEWEST.folder is not None
    NEWEST.folder.path.mkdir()
    assert last_line(tmp_path, "unit", "docker") == "  congratulations :)"
