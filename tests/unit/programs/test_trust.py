"""Root runs only what is root's alone, on every folder and link of its way."""

import os
from pathlib import Path

import pytest

from occ.errors import UntrustedProgramError
from occ.programs import trust

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    for folder in (tmp_path, tmp_path.parent):
        folder.chmod(0o755)
    file = tmp_path / "bin" / "verify"
    file.parent.mkdir(mode=0o755)
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


def refused(file: Path) -> str:
    with pytest.raises(UntrustedProgramError) as caught:
        trust.refuse_untrusted(file, "accept")
    assert caught.value.exit_status == 2
    return f"{caught.value.message}; {caught.value.hint}"


def test_what_is_roots_alone_is_run(program: Path) -> None:
    trust.refuse_untrusted(program, "accept")


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777])
def test_a_program_that_others_can_write_to_is_not(program: Path, mode: int) -> None:
    program.chmod(mode)
    assert f"{program} can be written by others" in refused(program)
    assert f"chmod go-w {program}" in refused(program)


@pytest.mark.parametrize("mode", [0o775, 0o757])
def test_nor_is_one_in_such_a_folder(program: Path, mode: int) -> None:
    program.parent.chmod(mode)
    assert f"{program.parent} can be written by others" in refused(program)


def test_a_sticky_folder_of_roots_is_fine(program: Path) -> None:
    program.parent.chmod(0o1777)
    trust.refuse_untrusted(program, "accept")


def test_a_sticky_file_is_not(program: Path) -> None:
    program.chmod(0o1777)
    assert "can be written by others" in refused(program)


def test_somebody_elses_program_is_not_run(program: Path) -> None:
    os.chown(program, 12345, 0)
    assert f"{program} belongs to user 12345" in refused(program)


def test_nor_one_in_somebody_elses_folder(program: Path) -> None:
    os.chown(program.parent, 12345, 0)
    assert f"{program.parent} belongs to user 12345" in refused(program)


def test_a_link_is_judged_by_its_whole_way(program: Path, tmp_path: Path) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    link, fine = open_to_all / "verify", tmp_path / "link"
    link.symlink_to(program)
    fine.symlink_to("bin/../bin/verify")
    trust.refuse_untrusted(fine, "accept")
    assert f"{open_to_all} can be written by others" in refused(link)


def test_a_link_into_an_open_folder_is_not_run(program: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(program)
    program.parent.chmod(0o777)
    assert f"{program.parent} can be written by others" in refused(link)


def test_somebody_elses_link_is_not_followed(program: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(program)
    os.chown(link, 12345, 12345, follow_symlinks=False)
    assert f"{link} belongs to user 12345" in refused(link)


def test_a_link_that_leads_to_itself_ends(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)
    trust.refuse_untrusted(link, "accept")  # the system will say that it leads nowhere
