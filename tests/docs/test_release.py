"""A release as people get it: both archives in a bare venv of each Python that is here.

`tox run -e release` runs it: building and installing takes minutes.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import click
import pytest

from occ import __version__
from occ.cli import COMMANDS
from occ.cli.commands import cli

pytestmark = pytest.mark.campaign

ROOT = Path(__file__).parents[2]
# The journal of a first change, by the installed package: the change itself needs an engine.
JOURNAL = """
from samples import PLANNED, STAMP
from occ.journal.open import open_journal
journal = open_journal("journal.db")
print(journal.open_operation((PLANNED,), STAMP))
journal.close()
"""


@cache
def pythons() -> Sequence[Path]:
    """Each minor version from 3.11 on that PATH or pyenv has, once."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders = [*os.environ["PATH"].split(":"), *map(str, pyenv.glob("versions/*/bin"))]
    found: dict[str, Path] = {}
    for folder in folders:
        for file in sorted(Path(folder).glob("python3.1[1-9]")):
            runs = subprocess.run(
                [file, "-c", "import ensurepip"], capture_output=True, check=False
            ).returncode
            if not runs and file.name not in found:  # pyenv's shims name more than there is
                found[file.name] = file
    return tuple(found.values())


def ran(*words: str | Path, cwd: Path, environ: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(words, cwd=cwd, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def commands(command: click.Command, name: str) -> Iterator[str]:
    """The name of each manual page, as the commands have it."""
    yield name
    context = click.Context(command, info_name=name)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from commands(found, f"{name}-{child}")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of both archives, the wheel built from the other one."""
    folder = tmp_path_factory.mktemp("dist")
    ran(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    return folder


def test_the_metadata_is_what_an_index_takes(built: Path) -> None:
    files = sorted(built.iterdir())
    assert [file.name for file in files] == [
        f"occ_journal-{__version__}-py3-none-any.whl",
        f"occ_journal-{__version__}.tar.gz",
    ]
    said = ran(sys.executable, "-m", "twine", "check", "--strict", *files, cwd=built)
    assert said.count("PASSED") == 2


def test_the_source_archive_holds_what_a_developer_needs(built: Path) -> None:
    with tarfile.open(built / f"occ_journal-{__version__}.tar.gz") as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        *("pyproject.toml", "tox.ini", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"),
        *("SECURITY.md", "docs/hatch_build.py", "docs/cli.md", "migrations/env.py", "PKG-INFO"),
        *("tests/conftest.py", "occ/py.typed"),
    } <= names
    assert [name for name in names if "__pycache__" in name or name.startswith(".tox")] == []


@pytest.mark.parametrize("archive", ["py3-none-any.whl", "tar.gz"])
@pytest.mark.parametrize("python", pythons(), ids=lambda python: str(python.name))
def test_it_works_in_a_bare_venv(built: Path, tmp_path: Path, python: Path, archive: str) -> None:
    (file,) = built.glob(f"*{archive}")
    venv = tmp_path / "venv"
    ran(python, "-m", "venv", venv, cwd=tmp_path)
    ran(venv / "bin" / "pip", "install", "--quiet", "--no-compile", file, cwd=tmp_path)
    occ = venv / "bin" / "occ"
    bare = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "DOCKER_HOST": f"unix://{tmp_path}/no"}
    bare["OCC_JOURNAL"] = str(tmp_path / "journal.db")

    assert ran(occ, "--version", cwd=tmp_path, environ=bare) == f"occ {__version__}\n"
    told = ran(occ, "--help", cwd=tmp_path, environ=bare)
    assert [name for name in COMMANDS if not re.search(rf"^  {name} ", told, re.MULTILINE)] == []
    schema = ran(occ, "config", "schema", cwd=tmp_path, environ=bare)
    assert schema == (ROOT / "docs" / "config.schema.json").read_text("utf-8")

    shutil.copy(ROOT / "tests" / "unit" / "journal" / "samples.py", tmp_path)
    (tmp_path / "journal.py").write_text(JOURNAL)
    assert ran(venv / "bin" / "python", "journal.py", cwd=tmp_path, environ=bare) == "1\n"
    verified = ran(occ, "journal", "verify", cwd=tmp_path, environ=bare)
    assert "journal.db: 2 entries, the chain holds" in verified
    assert "update" in ran(occ, "history", "--service", "web", cwd=tmp_path, environ=bare)

    pages = venv / "share" / "man" / "man1"
    assert sorted(page.stem for page in pages.iterdir()) == sorted(commands(cli, "occ"))
    update = (pages / "occ-update.1").read_text()
    assert r"\fB\-\-rehearse\fP" in update
    assert f'"{__version__}"' in update.partition("\n")[0]


def test_it_was_tried_on_the_oldest_python_that_is_promised() -> None:
    assert "python3.11" in {python.name for python in pythons()}
