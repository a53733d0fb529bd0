"""The programs of a container that keep accounts: where they are looked for, and what they say."""

from dataclasses import replace

import pytest

from occ.engine.docker.archive import MOST_BYTES
from occ.engine.values import File, Ran
from occ.errors import UserToolError
from occ.operations.account_tools import CHPASSWD, USERADD, call_tool, missing_tools, path_exists
from tests.unit.operations.inside import IMAGE, Inn

PATH = "/usr/sbin/useradd"


@pytest.fixture
def inn() -> Inn:
    return Inn()


def only(*paths: str) -> Inn:
    account_files = tuple(f for f in IMAGE.files if not f.path.startswith("/usr/"))
    programs = tuple(File(path=path, data=b"\x7fELF") for path in paths)
    return Inn(replace(IMAGE, files=(*account_files, *programs)))


def said(ran: Ran, *, stdin: str = "") -> str:
    inn = Inn()
    inn.engine.broken["/usr/sbin/chpasswd"] = ran
    with pytest.raises(UserToolError) as told:
        call_tool(inn.engine, inn.web, (CHPASSWD, "-e"), stdin=stdin)
    return told.value.message


@pytest.mark.parametrize(
    "folder", ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"]
)
def test_a_program_is_called_by_the_path_where_it_is(folder: str) -> None:
    inn = only(f"{folder}/useradd")
    call_tool(inn.engine, inn.web, (USERADD, "bob"))
    assert inn.engine.ran == [((f"{folder}/useradd", "bob"), "")]


def test_a_program_that_is_in_two_folders_is_that_of_the_system() -> None:
    inn = only("/usr/local/bin/useradd", "/usr/sbin/useradd")
    call_tool(inn.engine, inn.web, (USERADD, "bob"))
    assert inn.words == ["/usr/sbin/useradd bob"]


def test_a_program_that_is_not_there_is_not_called() -> None:
    inn = only()
    with pytest.raises(UserToolError, match="the container has no useradd"):
        call_tool(inn.engine, inn.web, (USERADD, "bob"))
    assert inn.words == []


def test_those_that_are_missing_are_named_in_order() -> None:
    inn = only("/bin/useradd")
    assert missing_tools(inn.engine, inn.web, ("usermod", "useradd", "chpasswd")) == (
        "usermod",
        "chpasswd",
    )


def test_how_it_ended_and_what_it_wrote_is_handed_back(inn: Inn) -> None:
    inn.engine.broken[PATH] = Ran(status=0, out=b"hello")
    assert call_tool(inn.engine, inn.web, (USERADD, "bob")) == Ran(status=0, out=b"hello")


def test_a_status_that_is_fine_is_handed_back(inn: Inn) -> None:
    inn.engine.broken[PATH] = Ran(status=9)
    assert call_tool(inn.engine, inn.web, (USERADD, "bob"), fine=(0, 9)).status == 9


def test_a_status_that_is_not_fine_is_an_error_even_if_it_is_zero(inn: Inn) -> None:
    inn.engine.broken[PATH] = Ran(status=0)
    with pytest.raises(UserToolError, match="exit status 0"):
        call_tool(inn.engine, inn.web, (USERADD, "bob"), fine=(9,))


def test_every_status_but_zero_is_an_error_unless_it_is_fine() -> None:
    assert said(Ran(status=1)) == "chpasswd inside the container: exit status 1"


def test_the_last_line_of_what_it_complained_of_is_told() -> None:
    ran = Ran(status=3, out=b"reading", err=b"first\nlast: caf\xe9\n\n")
    assert said(ran) == "chpasswd inside the container: last: caf\\xe9"


def test_without_a_complaint_its_output_is_told() -> None:
    assert said(Ran(status=3, out=b"it is full\n")) == "chpasswd inside the container: it is full"


def test_a_line_that_it_was_given_is_not_told() -> None:
    ran = Ran(status=1, err=b"bad line 'ann:$y$hash'")
    assert said(ran, stdin="ann:$y$hash\n") == "chpasswd inside the container: bad line '***'"


def test_a_hash_that_it_was_given_is_not_told() -> None:
    ran = Ran(status=1, err=b"bad hash $y$ha:sh of ann")
    assert said(ran, stdin="ann:$y$ha:sh\n") == "chpasswd inside the container: bad hash *** of ann"


def test_what_is_secret_goes_through_standard_input(inn: Inn) -> None:
    call_tool(inn.engine, inn.web, (CHPASSWD, "-e"), stdin="ann:h\u00e4sh\n")
    assert inn.engine.ran == [(("/usr/sbin/chpasswd", "-e"), "ann:h\u00e4sh\n")]


def test_a_file_exists_and_a_folder_too(inn: Inn) -> None:
    assert path_exists(inn.engine, inn.web, "/etc/passwd")
    assert path_exists(inn.engine, inn.web, "/home/ann")
    assert not path_exists(inn.engine, inn.web, "/home/bob")


def test_a_file_that_is_too_large_to_be_read_exists(inn: Inn) -> None:
    inn.write("/usr/sbin/large", "x" * (MOST_BYTES + 1))
    assert path_exists(inn.engine, inn.web, "/usr/sbin/large")
