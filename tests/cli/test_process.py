"""What only a process shows: signals, closed pipes, closed terminals."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable

import pexpect
import pytest

COMMAND = [sys.executable, "-m", "tests.cli.process"]
Environ = dict[str, str]


def run(environ: Environ, story: str, script: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `occ` is occ on a stage."""
    occ = " ".join(COMMAND)
    return subprocess.run(
        ["bash", "-c", script.replace("occ ", f"{occ} ")],
        env={**environ, "OCC_STAGE": story},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


PIPE = "occ {} | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}"


@pytest.mark.parametrize("words", ["history", "logs", "history -o json", "history --limit 0"])
def test_a_reader_that_leaves_is_no_trouble(environ: Environ, words: str) -> None:
    done = run(environ, "many", PIPE.format(words))
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("words", ["--help", "status", "status -o json", "journal path"])
def test_an_output_that_was_never_open(environ: Environ, words: str) -> None:
    done = run(environ, "good", f"occ {words} >&-")
    assert done.returncode == (0 if words == "--help" else 141)
    assert done.stderr == ""


def test_an_output_that_is_full_is_said(environ: Environ) -> None:
    done = run(environ, "good", "occ status >/dev/full")
    assert done.returncode == 141
    assert "the output could not be written" in done.stderr
    assert "No space left" in done.stderr


@pytest.mark.parametrize(
    ("story", "status"), [("good", 0), ("bad", 6), ("stuck", 7), ("unreachable", 5)]
)
@pytest.mark.parametrize("form", ["", "-o json"])
@pytest.mark.parametrize("to", [">&-", "2>&-", ">&- 2>&-", ">/dev/full 2>/dev/full"])
def test_a_change_ends_by_its_own_status_whoever_listens(
    environ: Environ, story: str, status: int, form: str, to: str
) -> None:
    assert run(environ, story, f"occ update --yes {form} {to}").returncode == status


@pytest.mark.parametrize("to", ["| true", "2>&1 >/dev/null | true", "2>&1 | true"])
def test_a_change_outlives_its_pipe(environ: Environ, to: str) -> None:
    script = f"(sleep 0.3; occ update --yes; echo $? >&9) {to}"
    done = run(environ, "good", f"exec 9>&1; {script}")
    assert done.stdout == "0\n"


def test_a_stdin_that_is_closed_is_nobody_to_ask(environ: Environ) -> None:
    done = run(environ, "good", "occ update <&-")
    assert done.returncode == 4
    assert "nobody to ask" in done.stderr


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_asks_for_an_end_in_order(environ: Environ, name: str) -> None:
    done = run(environ, f"{name}@4", "occ update --yes")
    assert done.returncode == 130
    assert "ending in order" in done.stderr
    assert "occ resume, or occ abort" in done.stderr
    assert "error: operation 3 was ended as you asked" in done.stderr


def test_a_second_ctrl_c_ends_at_once_and_says_what_next(environ: Environ) -> None:
    done = run(environ, "SIGINT@4,4", "occ update --yes -o json")
    assert done.returncode == 130
    assert "ended at once, in the middle of an operation" in done.stdout
    assert "occ resume, or occ abort" in done.stdout


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_second_signal_of_another_kind_changes_nothing(environ: Environ, name: str) -> None:
    done = run(environ, f"{name}@4,4", "occ update --yes")
    assert done.returncode == 130
    assert done.stderr.count("ending in order") == 1
    assert "ended as you asked" in done.stderr


def test_a_signal_that_is_ignored_stays_ignored(environ: Environ) -> None:
    assert run(environ, "SIGHUP@4", "trap '' HUP; occ update --yes").returncode == 0


Spawn = Callable[..., "pexpect.spawn[str]"]


@pytest.fixture
def spawn(environ: Environ) -> Spawn:
    """Occ on a stage, on a terminal of its own."""

    def start(*words: str, story: str = "good", columns: int = 100) -> "pexpect.spawn[str]":
        return pexpect.spawn(
            COMMAND[0],
            [*COMMAND[1:], *words],
            env={**environ, "OCC_STAGE": story, "TERM": "xterm"},
            encoding="utf-8",
            timeout=20,
            dimensions=(24, columns),
        )

    return start


def ended(child: "pexpect.spawn[str]") -> int | None:
    child.expect(pexpect.EOF)
    child.close()
    status: int | None = child.exitstatus
    return status


def test_a_person_answers(spawn: Spawn) -> None:
    child = spawn("update")
    child.expect_exact("Go on? [y/N] ")
    child.sendline("y")
    child.expect_exact("[7/7] Prove it healthy ... reports version 2.0")
    child.expect_exact("web: version 1 -> 2, down for 0.8 s, serves at http://127.0.0.1:3000")
    assert ended(child) == 0


def test_ctrl_c_at_the_question_ends_it(spawn: Spawn) -> None:
    child = spawn("update")
    child.expect_exact("Go on? [y/N] ")
    child.sendintr()
    child.expect_exact("interrupted before anything was begun")
    assert ended(child) == 130


@pytest.mark.parametrize("typed", [[], ["hunter2"]])
def test_ctrl_d_at_the_prompt_for_a_password_ends_it(spawn: Spawn, typed: list[str]) -> None:
    child = spawn("user", "passwd", "ann")
    for word in typed:
        child.expect_exact("Password for ann: ")
        child.sendline(word)
    child.expect_exact("Again: " if typed else "Password for ann: ")
    child.sendeof()
    child.expect_exact("nothing was changed: the input ended")
    child.expect_exact("try: occ user passwd ann")
    assert ended(child) == 4


def test_ctrl_d_at_the_question_is_no(spawn: Spawn) -> None:
    child = spawn("update")
    child.expect_exact("Go on? [y/N] ")
    child.sendeof()
    child.expect_exact("nothing was changed")
    assert ended(child) == 4


@pytest.mark.parametrize("columns", [30, 100])
def test_the_bar_of_a_pull_stays_on_its_line(spawn: Spawn, columns: int) -> None:
    child = spawn("update", "--yes", story="pull", columns=columns)
    assert ended(child) == 0
    text = str(child.before)
    rewritten = [part for part in text.replace("\n", "").split("\r") if part.endswith("\x1b[K")]
    bars = [part.removesuffix("\x1b[K") for part in rewritten if "MB" in part]
    assert bars
    assert all(len(bar) < columns for bar in bars)


@pytest.mark.parametrize(("ignored", "status"), [(False, 130), (True, 0)])
def test_a_terminal_that_closes_in_mid_update(
    environ: Environ, *, ignored: bool, status: int
) -> None:
    """The hang-up asks for an end; what is printed after it goes nowhere, and ends nothing."""
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
        words = [*COMMAND, "update", "--yes"]
        os.execve(COMMAND[0], words, {**environ, "OCC_STAGE": "slow", "TERM": "xterm"})
    seen = b""
    while b"[1/7]" not in seen:
        seen += os.read(terminal, 1024)
    os.close(terminal)
    _, ending = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(ending) == status


@pytest.mark.parametrize("verb", ["stop", "restart", "update"])
def test_a_silent_standard_input_holds_nothing_up(environ: Environ, verb: str) -> None:
    """Open, no terminal, and nobody types: the change ends, with and without `--yes`."""
    for words, status in (([verb, "--yes"], 0), ([verb], 4)):
        with subprocess.Popen(
            [*COMMAND, *words],
            env={**environ, "OCC_STAGE": "good"},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as running:
            try:
                assert running.wait(20) == status
            finally:
                running.kill()
