"""A value typed at a real terminal, and one in a pipe: the whole way into the file."""

import subprocess
import sys
from itertools import cycle
from pathlib import Path

import pexpect
import pytest


@pytest.fixture
def home(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    config = tmp_path / "config.toml"
    config.write_text('[services.web]\nimage = "example.test/web:1"\nsecrets = ["API_TOKEN"]\n')
    return {**environ, "HOME": str(tmp_path), "OCC_CONFIG": str(config), "TERM": "dumb"}


def spoken(home: dict[str, str], *answers: str) -> tuple[int, str]:
    """Type the answers, and return the exit status and everything that was on the screen."""
    words = ["-m", "occ", "secret", "set", "API_TOKEN"]
    child = pexpect.spawn(sys.executable, words, env=home, timeout=60, encoding="utf-8")
    screen = ""
    prompts = cycle(("Value of API_TOKEN: ", "Once more: "))
    for answer, prompt in zip(answers, prompts, strict=False):
        child.expect_exact(prompt)
        screen += child.before + prompt
        child.sendline(answer)
    child.expect(pexpect.EOF)
    screen += child.before
    child.close()
    return child.exitstatus, screen


def test_what_is_typed_is_stored_and_never_on_the_screen(
    home: dict[str, str], tmp_path: Path
) -> None:
    status, screen = spoken(home, "hunter2 ü", "hunter2 ü")
    file = tmp_path / "web.secrets"
    assert (status, "hunter2" in screen) == (0, False)
    assert f"web: API_TOKEN stored in {file}" in screen.replace("\r\n", "")
    assert file.read_text() == "API_TOKEN=hunter2 ü\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_is_typed_in_another_encoding_is_refused_unsaid(
    home: dict[str, str], tmp_path: Path
) -> None:
    words = ["-m", "occ", "secret", "set", "API_TOKEN"]
    child = pexpect.spawn(sys.executable, words, env=home, timeout=60)
    child.expect_exact(b"Value of API_TOKEN: ")
    child.send(b"hunter2\xfc\n")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2
    assert b"error: what was typed is not UTF-8" in child.before
    assert b"hunter" not in child.before
    assert not (tmp_path / "web.secrets").exists()


def test_two_that_differ_store_nothing(home: dict[str, str], tmp_path: Path) -> None:
    status, screen = spoken(home, *("hunter2", "hunter3") * 3)
    assert (status, "hunter" in screen) == (2, False)
    assert screen.count("the two are not the same") == 4
    assert not (tmp_path / "web.secrets").exists()


@pytest.mark.parametrize("how", ["utf-8:strict", "utf-8:surrogateescape", "latin-1"])
def test_a_piped_value_that_no_file_can_hold_is_not_said(
    home: dict[str, str], tmp_path: Path, how: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "occ", "secret", "set", "API_TOKEN", "-o", "json"],
        input=b"hunter2\xfc",
        env={**home, "PYTHONIOENCODING": how},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert b"is not UTF-8" in done.stdout
    assert b"hunter" not in done.stdout + done.stderr
    assert not (tmp_path / "web.secrets").exists()
