"""Words completed by Click's protocol, from a real config and a real journal, in a process."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
import pexpect
import pytest

from occ.cli import offers
from occ.cli.session import Session
from occ.domain.events import OperationDone, VersionActivated, VersionRecorded
from occ.journal.sqlite.store import SqlJournal
from tests.box import Box
from tests.cli.conftest import Occ
from tests.unit.journal.samples import ACTOR, PLANNED, STAMP, VERSION

CONFIG = """\
[services.web]
image = "example.test/web:2"
users = ["ann", "bob"]

[services.worker]
image = "example.test/worker:1"
"""
SHELLS = ["bash", "zsh", "fish"]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """Two services; web has versions 1 and 2 of two operations, worker one of its own."""
    made = Box(tmp_path, "unix:///nowhere/docker.sock", extra={"TZ": "UTC"})
    (tmp_path / "config.toml").write_text(CONFIG)
    journal = SqlJournal(tmp_path / "journal.db")
    for number in (1, 2):
        version = replace(VERSION, number=number, reference=f"example.test/web:{number}")
        events = (
            PLANNED,
            VersionRecorded(version),
            VersionActivated(number, 0, "update", ("eve",)),
        )
        operation = journal.open_operation(events, STAMP)
        journal.append(operation, len(events), (OperationDone(),), STAMP)
    start = replace(PLANNED, kind="start", actor=replace(ACTOR, operator="bob"))
    journal.open_operation((start,), replace(STAMP, service="worker"))
    journal.close()
    return made


def completed(box: Box, line: str, shell: str = "bash", **more: str) -> list[str]:
    """What the shell is answered at the end of the line."""
    words = line.split(" ")
    asked = {"_OCC_COMPLETE": f"{shell}_complete", "COMP_WORDS": line}
    asked["COMP_CWORD"] = words[-1] if shell == "fish" else str(len(words) - 1)
    done = box.occ(extra={**asked, **more})
    assert (done.status, done.err) == (0, "")
    return done.out.splitlines()


def words_of(answer: list[str]) -> list[str]:
    return [line.split("\t")[1] for line in answer]


def test_services(box: Box) -> None:
    assert completed(box, "occ status --service ") == [
        "plain\tweb\texample.test/web:2",
        "plain\tworker\texample.test/worker:1",
    ]
    assert words_of(completed(box, "occ --service wo")) == ["worker"]


def test_soft_reasons_also_behind_a_comma(box: Box) -> None:
    known = "plain\tknown_bad\tThe image failed its gate here, configured as it is now."
    first = completed(box, "occ update --override ")
    assert first[0] == known
    soft = ["known_bad", "left_by_rollback", "held", "too_young", "gate_unknown", "deferred"]
    assert words_of(first) == soft
    assert words_of(completed(box, "occ update --override held,to")) == ["held,too_young"]
    assert words_of(completed(box, "occ update --override held,h")) == []
    assert words_of(completed(box, "occ hold wo")) == ["worker"]
    assert words_of(completed(box, "occ why we")) == ["web"]


def test_versions_with_image_and_date(box: Box) -> None:
    one = "plain\t1\texample.test/web:1 2023-11-14 22:13 unproven"
    two = "plain\t2\texample.test/web:2 2023-11-14 22:13 unproven current"
    assert completed(box, "occ rollback --service web --to ") == [two, one]
    assert completed(box, "occ --service web rollback --to 1") == [one]
    assert completed(box, "occ --service web update --if-current ") == [two, one]
    assert completed(box, "occ --service worker rollback --to ") == []


def test_operations(box: Box) -> None:
    assert completed(box, "occ show ") == [
        "plain\t3\tstart worker 2023-11-14 22:13 bob",
        "plain\t2\tupdate web 2023-11-14 22:13 ada",
        "plain\t1\tupdate web 2023-11-14 22:13 ada",
    ]
    assert words_of(completed(box, "occ show --service web ")) == ["2", "1"]


@pytest.mark.parametrize("verb", ["passwd", "remove", "enable", "disable"])
def test_users_of_the_config_and_those_the_container_has(box: Box, verb: str) -> None:
    found = completed(box, f"occ user --service web {verb} ")
    assert words_of(found) == ["ann", "bob", "eve"]
    assert words_of(completed(box, f"occ user {verb} --service web b")) == ["bob"]
    assert completed(box, "occ user add --service web ") == []


def test_commands_and_options(box: Box) -> None:
    assert words_of(completed(box, "occ up")) == ["update"]
    assert words_of(completed(box, "occ journal ")) == ["advance", "head", "path", "verify"]
    assert words_of(completed(box, "occ completion ")) == SHELLS
    assert words_of(completed(box, "occ history --o")) == ["--outcome", "--output"]
    assert words_of(completed(box, "occ --ser")) == ["--service"]


def test_files(box: Box) -> None:
    assert completed(box, "occ --config co") == ["file\tco\t"]
    assert completed(box, "occ status --journal ") == ["file\t\t"]


def test_the_other_shells_are_told_the_same(box: Box) -> None:
    text = "example.test/web:1 2023-11-14 22:13 unproven"
    assert completed(box, "occ --service web rollback --to 1", "zsh") == ["plain", "1", text]
    assert completed(box, "occ --service web rollback --to 1", "fish") == [f"plain,1\t{text}"]


def test_config_keys_are_those_of_each_service(box: Box) -> None:
    session = Session(words=(), config=str(box.folder / "config.toml"))
    context = click.Context(click.Command("get"), obj=session)
    found = offers.keys(context, click.Argument(["key"]), "services.worker.health.t")
    assert [(one.value, one.help) for one in found if not isinstance(one, str)] == [
        (
            "services.worker.health.timeout",
            (
                "How long the gate may take; longer where its HEALTHCHECK, the image's or one "
                "declared, needs longer, up to an hour."
            ),
        ),
    ]
    top = offers.keys(context, click.Argument(["key"]), "j")
    assert [one.value for one in top if not isinstance(one, str)] == ["journal"]
    session.close()


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("services.web.pull", ["always", "missing", "never"]),
        ("pull", ["always", "missing", "never"]),
        ("restart", ["no", "always", "unless-stopped", "on-failure"]),
        ("services.worker.rehearse", ["true", "false"]),
        ("services.web.proven_timeout", ["learned", "timeout"]),
        ("secrets.store", ["file", "keyring"]),
        ("health.scheme", ["http", "https"]),
        ("services.web.user", []),
        ("services.web.image", []),
        ("nonsense", []),
    ],
)
def test_values_of_a_key_that_are_words(box: Box, key: str, values: list[str]) -> None:
    assert words_of(completed(box, f"occ config set {key} ")) == values


def test_the_default_among_values_is_said_to_be_it(box: Box) -> None:
    assert completed(box, "occ config set --service web pull a") == ["plain\talways\tthe default"]


def test_nothing_that_is_offered_is_cut_or_has_marks_of_a_page(box: Box) -> None:
    lines = [
        *("occ ", "occ help ", "occ config ", "occ user ", "occ snapshot ", "occ config set "),
        *("occ config set --", "occ update --", "occ journal ", "occ secret ", "occ data "),
    ]
    texts = [line.split("\t") for asked in lines for line in completed(box, asked)]
    assert len(texts) > 150
    for _, word, text in texts:
        assert text, word
        assert not text.endswith("..."), (word, text)
        assert not set(text) & set("`*"), (word, text)


@pytest.mark.parametrize(
    "broken", [{"OCC_CONFIG": "/nowhere.toml"}, {"OCC_JOURNAL": "/dev/null"}], ids=str
)
def test_where_nothing_can_be_read_nothing_is_offered(box: Box, broken: dict[str, str]) -> None:
    assert completed(box, "occ show ", **broken) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_after_a_mistyped_command_nothing_is_offered(box: Box, shell: str) -> None:
    assert completed(box, "occ stauts --", shell) == []


@pytest.mark.parametrize("broken", [{"COMP_CWORD": "x"}, {"COMP_WORDS": "occ 'x"}], ids=str)
def test_a_question_that_makes_no_sense_is_answered_with_nothing(
    box: Box, broken: dict[str, str]
) -> None:
    assert completed(box, "occ ", **broken) == []


def test_nothing_is_made_by_asking(box: Box) -> None:
    before = sorted(path.name for path in box.folder.iterdir())
    completed(box, "occ show ", OCC_JOURNAL=str(box.folder / "new.db"))
    completed(box, "occ show ")
    assert sorted(path.name for path in box.folder.iterdir()) == before


@pytest.mark.parametrize("line", ["occ show ", "occ rollback --service web --to ", "occ sta"])
def test_no_engine_is_asked_and_nothing_heavy_imported(box: Box, line: str) -> None:
    script = (
        "import sys; from occ.cli import run; run([]); "
        "print(sorted({'docker', 'alembic', 'wcwidth'} & set(sys.modules)), "
        "sum(name.startswith('occ.cli.') for name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=box.folder,
        env={
            **box.environ,
            "_OCC_COMPLETE": "bash_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split(" ")) - 1),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    heavy, _, modules = done.stderr.strip().rpartition(" ")
    assert heavy == "[]"
    assert int(modules) < 20  # one command's, and what all share


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_and_its_line(occ: Occ, shell: str) -> None:
    said = occ("completion", shell)
    assert (said.status, said.err) == (0, "")
    assert f"occ completion {shell}" in said.out
    assert f"_OCC_COMPLETE={shell}_complete" in said.out
    assert "add this line to" in occ("completion", shell, terminal=80).err


def test_zsh_finds_its_own_mark_first(occ: Occ) -> None:
    assert occ("completion", "zsh").out.startswith("#compdef occ\n# occ's completion")


def test_a_real_bash_lists_versions_with_what_they_are(box: Box) -> None:
    script = box.well("completion", "bash").out
    (box.folder / "rc").write_text(f"{script}\nPS1='READY '\nbind 'set bell-style none'\n")
    program = box.folder / "occ"
    program.write_text(f'#!/bin/sh\nexec {" ".join(box.command())} "$@"\n')
    program.chmod(0o755)
    path = f"{box.folder}:{os.environ.get('PATH', os.defpath)}"
    child = pexpect.spawn(
        "bash",
        ["--noprofile", "--rcfile", "rc", "-i"],
        cwd=str(box.folder),
        env={**box.environ, "PATH": path, "TERM": "dumb"},
        dimensions=(24, 120),
        timeout=30,
        encoding="utf-8",
    )
    child.expect("READY ")
    child.send("occ --service web rollback --to \t\t")
    child.expect(re.escape("2  example.test/web:2 2023-11-14 22:13 unproven current"))
    child.expect(re.escape("1  example.test/web:1 2023-11-14 22:13 unproven"))
    child.sendcontrol("u")
    child.send("occ comple\t")
    child.expect("occ completion ")
    child.close(force=True)
