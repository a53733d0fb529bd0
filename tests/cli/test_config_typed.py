"""`occ config edit` in a real terminal, with an editor that is a program of its own."""

import sys
from pathlib import Path

import pexpect
import pytest

GOOD = '# mine\n[services.web]\nimage = "example.test/web:1"\n'
BROKEN = GOOD + "ports = [\n"


@pytest.fixture
def home(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return {
        **environ,
        "HOME": str(tmp_path),
        "OCC_CONFIG": str(tmp_path / "config.toml"),
        "TERM": "dumb",
        "EDITOR": f"{tmp_path}/editor",
    }


def editor(folder: Path, *edits: str) -> None:
    """An editor that makes one of these edits, in the words of sed, each time it is called."""
    lines = ["#!/bin/sh", f"n=$(cat {folder}/count 2>/dev/null || echo 0)"]
    lines += [f"echo $((n + 1)) > {folder}/count", "case $n in"]
    lines += [f'{n}) sed -i {edit!r} "$1" ;;' for n, edit in enumerate(edits)]
    (folder / "editor").write_text("\n".join([*lines, "esac", ""]))
    (folder / "editor").chmod(0o700)


def edited(home: dict[str, str], *answers: str) -> tuple[int, str]:
    """Open the config, and answer whether to edit it again."""
    words = ["-m", "occ", "config", "edit"]
    child = pexpect.spawn(sys.executable, words, env=home, timeout=60, encoding="utf-8")
    screen = ""
    for answer in answers:
        child.expect_exact("Edit it again? [Y/n] ")
        screen += child.before
        child.send(answer)
    child.expect(pexpect.EOF)
    screen += child.before
    child.close()
    return child.exitstatus, screen


def test_a_good_edit_is_shown_and_written(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(GOOD)
    editor(tmp_path, "s/web:1/web:2/")
    status, screen = edited(home)
    assert status == 0
    assert '+image = "example.test/web:2"' in screen
    assert (tmp_path / "config.toml").read_text() == GOOD.replace("web:1", "web:2")


def test_a_bad_one_is_told_and_can_be_edited_again(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(GOOD)
    editor(tmp_path, "s/^image/imgae/", "s/^imgae/image/; s/web:1/web:3/")
    status, screen = edited(home, "y\n")
    assert status == 0
    assert "imgae" in screen
    assert (tmp_path / "config.toml").read_text() == GOOD.replace("web:1", "web:3")


def test_enter_edits_it_again(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(GOOD)
    editor(tmp_path, "s/^image/imgae/", "s/^imgae/image/; s/web:1/web:3/")
    assert edited(home, "\n")[0] == 0


@pytest.mark.parametrize(("answer", "ends"), [("n\n", 2), ("\x04", 2), ("\x03", 130)])
def test_a_bad_one_that_is_given_up_leaves_the_file(
    home: dict[str, str], tmp_path: Path, answer: str, ends: int
) -> None:
    (tmp_path / "config.toml").write_text(GOOD)
    editor(tmp_path, "s/^image/imgae/")
    status, screen = edited(home, answer)
    assert status == ends, screen
    assert "bug" not in screen
    assert (tmp_path / "config.toml").read_text() == GOOD


def test_one_that_cannot_be_used_is_mended(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(BROKEN)
    editor(tmp_path, "/^ports/d")
    status, screen = edited(home)
    assert (status, (tmp_path / "config.toml").read_text()) == (0, GOOD), screen


def test_what_somebody_else_wrote_meanwhile_stays(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(GOOD)
    editor(tmp_path, "s/web:1/web:2/")
    with (tmp_path / "editor").open("a") as script:
        script.write(f"echo '# theirs' >> {tmp_path}/config.toml\n")
    status, screen = edited(home)
    assert status == 2
    assert "was changed by somebody else meanwhile" in screen
    assert (tmp_path / "config.toml").read_text() == f"{GOOD}# theirs\n"
