"""Programs of this machine: their environment, time, output and group, and what outlives occ."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from occ.domain.program_output import Output
from occ.domain.programs import Ended, Program, environment, the_planned, words_digest
from occ.errors import HookChangedError, StoppedByOperatorError
from occ.programs.host import HostPrograms

PYTHON = sys.executable


def host(folder: Path, **environ: str) -> HostPrograms:
    return HostPrograms(config=folder / "config.toml", folder=folder / "programs", environ=environ)


@pytest.fixture(autouse=True)
def _trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever folder the tests lie in: trust has tests of its own."""
    monkeypatch.setattr("occ.programs.host.os.geteuid", lambda: 1000)


def sh(script: str, *, ms: int = 10_000) -> Program:
    return Program(name="hooks.pre_stop", words=("/bin/sh", "-c", script), timeout_ms=ms)


def test_the_body_goes_in_and_the_output_comes_out(tmp_path: Path) -> None:
    ended = host(tmp_path).run(sh("cat; echo beside >&2"), body=b'{"v":1}\n')
    assert (ended.good, ended.tail) == (True, ('{"v":1}', "beside"))
    assert ended.output == hashlib.sha256(b'{"v":1}\nbeside\n').hexdigest()


def test_a_large_body_that_nobody_reads_is_no_error(tmp_path: Path) -> None:
    assert host(tmp_path).run(sh("exit 0"), body=b"x" * 1_000_000).good


def test_a_large_body_is_read_whole(tmp_path: Path) -> None:
    assert host(tmp_path).run(sh("wc -c"), body=b"x" * 1_000_000).tail == ("1000000",)


@pytest.mark.parametrize(
    ("script", "ended", "words"),
    [
        ("exit 3", ("ended", 3), "ended with 3"),
        ("exit 75", ("ended", 75), "ended with 75"),
        ("kill -9 $$", ("killed", 9), "was killed by SIGKILL"),
    ],
)
def test_its_end_is_told(script: str, ended: tuple[str, int], words: str, tmp_path: Path) -> None:
    told = host(tmp_path).run(sh(script))
    assert (told.how, told.status) == ended
    assert told.words == words
    assert not told.good
    assert told.later == (script == "exit 75")


def test_a_program_that_is_not_there_is_not_started(tmp_path: Path) -> None:
    told = host(tmp_path).run(Program(name="accept", words=("/nowhere/verify",)))
    assert told.words == "could not be started: No such file or directory"


def test_its_environment_is_a_few_variables_of_ours_and_named_secrets(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "HOME": "/h", "LANG": "C", "TZ": "UTC", "OTHER": "x"}
    told = host(tmp_path, **environ, LD_PRELOAD="/x.so").run(
        Program(name="x", words=("/usr/bin/env",)),
        told={"OCC_SERVICE": "web"},
        secrets={"KEY": "correct horse"},
    )
    assert sorted(told.tail) == [
        *("HOME=/h", "KEY=***", "LANG=C", "OCC_SERVICE=web", "PATH=/usr/bin:/bin", "TZ=UTC")
    ]


def test_without_a_path_it_has_the_usual_one() -> None:
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert environment({"LANG": ""}, {}, {}) == {"PATH": path}


def test_it_is_ended_when_its_time_is_over_and_so_is_all_that_it_began(tmp_path: Path) -> None:
    script = f"sleep 600 & echo $! > {tmp_path}/child; echo begun; wait"
    told = host(tmp_path).run(sh(script, ms=300))
    assert (told.how, told.tail) == ("timed out", ("begun",))
    assert gone(int((tmp_path / "child").read_text()))


def test_what_hears_no_end_is_killed(tmp_path: Path) -> None:
    began = time.monotonic()
    told = host(tmp_path).run(sh("trap '' TERM; while :; do sleep 0.1; done", ms=200))
    assert told.how == "timed out"
    assert time.monotonic() - began < 8


def test_what_it_leaves_in_its_group_ends_with_it_and_holds_nobody_up(tmp_path: Path) -> None:
    began = time.monotonic()
    told = host(tmp_path).run(sh(f"sleep 600 & echo $! > {tmp_path}/child; echo done"))
    assert told.tail == ("done",)
    assert time.monotonic() - began < 5
    assert gone(int((tmp_path / "child").read_text()))


def test_a_gigabyte_of_output_is_counted_and_not_kept(tmp_path: Path) -> None:
    script = "dd if=/dev/zero bs=1M count=1024 2>/dev/null; echo; echo the end"
    told = host(tmp_path).run(sh(script, ms=120_000))
    assert told.good
    assert told.tail[-1] == "the end"
    assert sum(map(len, told.tail)) <= 8_192


@pytest.mark.parametrize("cut", range(20))
def test_secrets_are_taken_out_also_where_the_kept_end_begins_in_one(cut: int) -> None:
    secret, output = "correcthorsebattery", Output(("correcthorsebattery", "another one"))
    end = f"zz{secret}zz"
    output.take(f"{secret}{'z' * (8_192 - len(secret) - len(end))}{end}".encode())
    output.take(b"z" * cut)
    kept = "".join(output.tail)
    assert set(kept) <= {"z", "*"}
    assert kept.count("***") == (2 if cut < len(secret) else 1)


def test_an_end_asked_for_ends_it(tmp_path: Path) -> None:
    def stop() -> None:
        if (tmp_path / "child").exists():
            raise StoppedByOperatorError("you asked for an end")

    with pytest.raises(StoppedByOperatorError):
        host(tmp_path).run(sh(f"echo $$ > {tmp_path}/child; sleep 600"), tick=stop)
    assert gone(int((tmp_path / "child").read_text()))


def test_a_run_whose_occ_was_killed_is_waited_for(tmp_path: Path) -> None:
    occ = orphaned(tmp_path, f"sleep 1; echo late > {tmp_path}/late")
    assert occ.wait() == -signal.SIGKILL
    assert not (tmp_path / "late").exists()
    assert host(tmp_path).settle("run", 10_000)
    assert (tmp_path / "late").read_text() == "late\n"


def test_a_run_whose_occ_was_killed_gets_no_more_than_its_time(tmp_path: Path) -> None:
    occ = orphaned(tmp_path, "sleep 600")
    assert occ.wait() == -signal.SIGKILL
    assert host(tmp_path).settle("run", 300)
    assert gone(int((tmp_path / "child").read_text()))


def test_nothing_is_waited_for_where_nothing_runs(tmp_path: Path) -> None:
    began = time.monotonic()
    assert host(tmp_path).settle("run", 10_000)
    assert (
        host(tmp_path)
        .run(
            sh("exit 0"),
        )
        .good
    )
    assert host(tmp_path).settle("run", 10_000)
    assert time.monotonic() - began < 5


def test_its_lock_is_nobody_elses_to_read_and_goes_with_it(tmp_path: Path) -> None:
    script = f"stat -c %a {tmp_path}/programs {tmp_path}/programs/run.lock"
    assert host(tmp_path).run(sh(script), key="run").tail == ("700", "600")
    assert list((tmp_path / "programs").iterdir()) == []


def test_a_digest_is_of_the_words_one_by_one() -> None:
    # printf '["/bin/true","a b"]' | sha256sum
    expected = "cd0f57f632b6b3ac723432b8b0f8d93d611c7351db32d585c96cb62ab5973db1"
    assert words_digest(("/bin/true", "a b")) == expected
    assert words_digest(("/bin/true", "a", "b")) != expected


def test_only_the_planned_words_are_run() -> None:
    program = Program(name="hooks.pre_stop", words=("/bin/true",))
    assert the_planned(program, program.name, program.digest) is program
    for other in (None, Program(name=program.name, words=("/bin/true", "now"))):
        with pytest.raises(HookChangedError, match=r"hooks\.pre_stop is not what was planned"):
            the_planned(other, program.name, program.digest)


def test_an_end_with_0_alone_is_good() -> None:
    assert Ended().good
    assert not Ended(how="timed out").good
    assert not Ended(how="killed", status=75).later


def orphaned(folder: Path, script: str) -> "subprocess.Popen[bytes]":
    """An occ that is killed while its program runs; the program writes its number into `child`."""
    code = f"""
import os, signal
from pathlib import Path
from occ.domain.programs import Program
from occ.programs.host import HostPrograms
os.geteuid = lambda: 1000
folder = Path({str(folder)!r})
def kill():
    if (folder / "child").exists():
        os.kill(os.getpid(), signal.SIGKILL)
words = ("/bin/sh", "-c", "echo $$ > " + str(folder / "child") + "; " + {script!r})
host = HostPrograms(config=folder / "c", folder=folder / "programs", environ={{}})
host.run(Program(name="x", words=words), key="run", tick=kill)
"""
    return subprocess.Popen([PYTHON, "-c", code], cwd=Path(__file__).parents[3])


def gone(process: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1]
            os.kill(process, 0)
        except (ProcessLookupError, FileNotFoundError):
            return True
        if state.split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False
