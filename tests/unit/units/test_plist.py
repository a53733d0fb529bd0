"""The launchd agent, read back; no Mac has seen it."""

import plistlib
import shlex
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from occ.errors import UsageMistakeError
from occ.units.launchd import Launchd
from occ.units.plist import plist_text
from tests.unit.units.samples import START, ran


def test_it_is_read_back_as_it_was_meant() -> None:
    odd = replace(START, more=("--config", "/Users/a b/<c>&'d'.toml"))
    job = plistlib.loads(plist_text(odd, Path("/Users/ann/Library/Logs")).encode())
    assert job["Label"] == "occ.web"
    assert job["EnvironmentVariables"] == dict(START.environment)
    assert (job["RunAtLoad"], job["KeepAlive"]) == (True, {"SuccessfulExit": False})
    assert job["StandardErrorPath"] == "/Users/ann/Library/Logs/occ.web.log"
    shell, option, script = job["ProgramArguments"]
    assert (shell, option) == ("/bin/sh", "-c")
    first, _, second = script.partition("; exec ")
    assert shlex.split(first) == [*START.occ, "resume", "--yes", *odd.more]
    assert shlex.split(second) == [*START.occ, "start", "--yes", *odd.more]


def test_a_control_character_is_refused() -> None:
    with pytest.raises(UsageMistakeError):
        plist_text(replace(START, environment={"HOME": "a\nb"}), Path("/"))


def test_it_is_written_and_removed(tmp_path: Path) -> None:
    calls: list[tuple[str, ...]] = []

    def run(words: object) -> CompletedProcess[str]:
        assert isinstance(words, tuple)
        calls.append(words)
        return ran(3, err="not loaded")

    agents = Launchd(home=tmp_path, uid=501, run=run)
    assert agents.install(START).changed
    assert not agents.install(START).changed
    path = tmp_path / "Library" / "LaunchAgents" / "occ.web.plist"
    assert plistlib.loads(path.read_bytes())["Label"] == "occ.web"
    assert (agents.remove("web"), agents.remove("web")) == (True, False)
    assert not path.exists()
    assert calls == [("launchctl", "bootout", "gui/501/occ.web")]
