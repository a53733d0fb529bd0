"""The command line as people and programs meet it, without an engine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from occ.cli import COMMANDS
from tests.box import Box

CHANGING = ["start", "stop", "restart", "update", "rollback"]
WITHOUT_ENGINE = [
    ["history"],
    ["show", "1"],
    ["status"],
    ["versions"],
    ["check"],
    ["logs"],
    ["journal", "path"],
    ["journal", "verify"],
    ["resume"],
    ["abort", "--yes"],
    ["abandon", "--yes"],
    *[[verb, "--yes"] for verb in CHANGING],
]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    box = Box(tmp_path, "unix:///nowhere/docker.sock")
    box.configure("example.test/web:latest", 4000)
    return box


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_the_common_options(box: Box, name: str) -> None:
    told = box.well(name, "--help").out
    assert "Usage: occ" in told
    for option in ("--output", "--service", "--config", "--journal", "--quiet"):
        assert option in told


@pytest.mark.parametrize("words", WITHOUT_ENGINE, ids=" ".join)
def test_every_command_answers_in_the_envelope(box: Box, words: list[str]) -> None:
    done = box.occ(*words, "-o", "json")
    told = json.loads(done.out)
    assert told["occ"] == 1
    assert told["command"] == " ".join(word for word in words if word.isalpha())
    assert told["exit_status"] == done.status
    assert told["ok"] == ("result" in told) == ("error" not in told)
    assert "Traceback" not in done.err
    if not told["ok"]:
        assert set(told["error"]) >= {"code", "message", "hint"}


def test_a_journal_that_is_not_there_is_not_said_to_hold(box: Box) -> None:
    told = box.well("journal", "verify").out
    assert "there is no journal" in told
    assert "holds" not in told
    assert not (box.folder / "journal.db").exists()


@pytest.mark.parametrize("words", [["-o", "json", "history"], ["history", "-o", "json"]])
def test_options_may_stand_before_the_command_or_after(box: Box, words: list[str]) -> None:
    assert json.loads(box.well(*words).out)["result"] == []


@pytest.mark.parametrize("verb", CHANGING)
def test_an_engine_that_is_not_there_is_exit_5_and_begins_nothing(box: Box, verb: str) -> None:
    done = box.well(verb, "--yes", status=5)
    assert "/nowhere/docker.sock" in done.err
    assert "try:" in done.err
    assert not (box.folder / "journal.db").exists()


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["nonsense"], 2, "there is no command 'nonsense'"),
        (["update", "--nonsense"], 2, "No such option"),
        (["show", "x"], 2, "not a valid integer"),
        (["rollback", "--to", "0"], 2, "0 is not in the range"),
        (["update", "--image", "a", "--rollback"], 2, "exclude each other"),
        (["update", "--yes", "--image", ""], 2, "Invalid value for '--image': it is empty"),
        (["history", "--service", ""], 2, "Invalid value for '--service': it is empty"),
        (["status", "--config="], 2, "Invalid value for '--config': it is empty"),
        (["history", "--since", "soon"], 2, "no point in time"),
        (["logs", "--grep", "("], 2, "no regular expression"),
        (["show", "7"], 3, "there is no operation 7"),
        (["status", "--service", "nope"], 3, "there is no service 'nope'"),
        (["status", "--config", "/nowhere.toml"], 2, "/nowhere.toml"),
        (["history", "--journal", "postgresql://ann:geheim@db/x"], 2, "cannot be kept"),
    ],
)
def test_bad_words_are_a_sentence_and_a_status(
    box: Box, words: list[str], status: int, says: str
) -> None:
    done = box.well(*words, status=status)
    assert says in done.err
    assert "Traceback" not in done.err
    assert "geheim" not in done.err


def test_bytes_that_are_not_utf_8_are_named(box: Box) -> None:
    command = [*map(str.encode, box.command("status", "--service")), b"w\xffb"]
    done = subprocess.run(
        command, cwd=box.folder, env=box.environ, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert rb"w\xffb is not UTF-8" in done.stderr


@pytest.mark.parametrize("words", [[], ["--help"], ["--version"], ["update", "--help"], ["help"]])
def test_help_and_version_import_nothing_heavy(box: Box, words: list[str]) -> None:
    _imports_none_of(box, words, {"docker", "sqlalchemy", "alembic", "wcwidth"})


def test_history_imports_neither_docker_nor_alembic(box: Box) -> None:
    _imports_none_of(box, ["history"], {"docker", "alembic"})


def _imports_none_of(box: Box, words: list[str], heavy: set[str]) -> None:
    script = (
        "import sys; from occ.cli import run; status = run(sys.argv[1:]); "
        f"print(sorted({heavy!r} & set(sys.modules)), file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=box.folder,
        env=box.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "[]"


def test_stdin_that_is_closed_is_no_answer_and_no_hang(box: Box) -> None:
    done = subprocess.run(
        box.command("abandon"),
        cwd=box.folder,
        env=box.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0
    assert "nothing is unfinished" in done.stdout


def test_install_and_uninstall_with_the_programs_of_a_machine(tmp_path: Path) -> None:
    """systemctl and loginctl are scripts here, found by PATH as the real ones are."""
    said = tmp_path / "said"
    for name, answer in (("systemctl", ""), ("loginctl", "echo no")):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho {name} "$@" >> {said}\n{answer}\n')
        program.chmod(0o755)
    path = f"{tmp_path}:{os.environ.get('PATH', os.defpath)}"
    box = Box(tmp_path, "unix:///nowhere/docker.sock", extra={"PATH": path})
    box.configure("example.test/web:latest", 4000)
    unit = tmp_path / ".config" / "systemd" / "user" / "occ-web.service"
    done = box.well("install", "--user")
    assert f"web: {unit} installed; starts only when " in done.out
    assert "loginctl enable-linger" in done.err
    assert f"--config {tmp_path}/config.toml --journal {tmp_path}/journal.db\n" in unit.read_text()
    assert unit.stat().st_mode & 0o777 == 0o644
    assert "unchanged" in box.well("install", "--user").out
    box.well("uninstall", "--user")
    assert not unit.exists()
    assert [line for line in said.read_text().splitlines() if line.startswith("systemctl")] == [
        *["systemctl --user daemon-reload", "systemctl --user enable occ-web.service"] * 2,
        "systemctl --user disable occ-web.service",
        "systemctl --user stop occ-web.service",
        "systemctl --user daemon-reload",
    ]


def test_files_of_ours_are_for_their_owner_alone(box: Box) -> None:
    box.well("status", status=5)
    for path in box.folder.rglob("*"):
        if path.name != "config.toml":
            assert path.stat().st_mode & 0o077 == 0, path
