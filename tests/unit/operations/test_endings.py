"""How a container ended, in words that say what to do about it."""

from dataclasses import replace

import pytest

from occ.engine.docker.wire import read
from occ.operations.endings import deaf, exit_words, way_to_hear
from occ.operations.gate import look_at_health
from tests.unit.engine.odd import THERE
from tests.unit.operations.test_gate import GATE, WEB, Scripted

ENDED = replace(WEB, state="exited")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "exit code 0"),
        (1, "exit code 1"),
        (128, "exit code 128"),
        (130, "exit code 130 (SIGINT)"),
        (137, "exit code 137 (SIGKILL)"),
        (139, "exit code 139 (SIGSEGV)"),
        (143, "exit code 143 (SIGTERM)"),
        (255, "exit code 255"),
        (-1, "exit code -1"),
    ],
)
def test_a_signal_in_an_exit_code_is_named(code: int, words: str) -> None:
    assert exit_words(replace(ENDED, exit_code=code)) == words


@pytest.mark.parametrize(
    ("code", "limit", "words"),
    [
        (137, 32 << 20, "killed: out of memory (limit 32 MiB)"),
        (137, 3 << 29, "killed: out of memory (limit 1.5 GiB)"),
        (137, 1_000, "killed: out of memory (limit 1000 bytes)"),
        (137, 1 << 30, "killed: out of memory (limit 1 GiB)"),
        (137, 0, "killed: out of memory"),
        (1, 32 << 20, "exit code 1: a process of it was killed, out of memory (limit 32 MiB)"),
    ],
)
def test_out_of_memory_is_said_with_the_limit(code: int, limit: int, words: str) -> None:
    ended = replace(ENDED, exit_code=code, memory_bytes=limit, out_of_memory=True)
    assert exit_words(ended) == words
    assert not deaf(ended, 10_000, 10_000)


def test_one_that_waits_for_its_kill_does_not_hear_its_signal() -> None:
    killed = replace(ENDED, exit_code=137, stop_signal="SIGQUIT")
    assert deaf(killed, 10_000, 10_000) == "killed after 10 s: it does not hear SIGQUIT"
    assert not deaf(killed, 9_999, 10_000)
    assert not deaf(killed, 5, 0)
    assert not deaf(replace(killed, exit_code=143), 10_000, 10_000)
    assert "services.web.engine.Init true" in way_to_hear("web", init=False)
    assert "services.web.stop_timeout 60s" in way_to_hear("web", init=True)


def test_the_gate_says_that_memory_ran_out() -> None:
    ended = replace(ENDED, exit_code=137, memory_bytes=32 << 20, out_of_memory=True)
    scripted = Scripted(state=lambda _: ended)
    seen = look_at_health(scripted, WEB, GATE, {})  # type: ignore[arg-type] # asks for no more
    assert (seen.problem, seen.final) == ("killed: out of memory (limit 32 MiB)", True)


def test_an_engine_tells_it() -> None:
    told = {
        "State": {"Status": "exited", "ExitCode": 137, "OOMKilled": True},
        "HostConfig": {"Memory": 32 << 20},
        "Config": {"StopSignal": "SIGINT"},
    }
    found = read.container({**THERE, **told})
    assert (found.out_of_memory, found.memory_bytes, found.stop_signal) == (
        True,
        32 << 20,
        "SIGINT",
    )
    plain = read.container(THERE)
    assert (plain.out_of_memory, plain.memory_bytes, plain.stop_signal) == (False, 0, "SIGTERM")
