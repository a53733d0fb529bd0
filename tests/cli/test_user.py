"""What `occ user` and `occ changes` say, and what becomes of a password."""

import pytest

from tests.cli.conftest import Occ
from tests.cli.stage import Stage

WORD = "correct horse"


def test_a_password_from_stdin_is_handed_on_as_a_hash(occ: Occ, stage: Stage) -> None:
    more = ("--groups", "sudo,adm", "--uid", "1234")
    said = occ("user", "add", "ann", "--password-stdin", *more, piped=f"{WORD}\n")
    assert said.status == 0
    assert said.out == "web: user ann added\n"
    verb, wish = stage.calls[0]
    assert (verb, wish.verb, wish.user, wish.groups, wish.uid) == (
        *("wish", "add", "ann"),
        *(("sudo", "adm"), 1234),
    )
    assert wish.hashed.startswith("$6$rounds=100000$")
    assert WORD not in said.out + said.err + wish.hashed


def test_a_made_up_password_is_printed_once_and_differs(occ: Occ) -> None:
    told = [occ("user", "passwd", "ann", "--generate").out.splitlines() for _ in range(2)]
    assert [line for line, _ in told] == ["web: password of ann set"] * 2
    (_, one), (_, other) = told
    assert len(one) == len(other) == 20
    assert one != other


@pytest.mark.parametrize(
    ("words", "text", "says", "hint"),
    [
        (["--password-stdin"], "\n", "the password is empty", "type one, or use --generate"),
        (
            ["--password-stdin"],
            "a\tb\n",
            "the password holds a character that cannot be typed at a login",
            "leave out tabs, line ends and control characters",
        ),
        (
            ["--password-stdin"],
            "x" * 257 + "\n",
            "the password is longer than 256 bytes",
            "choose a shorter one",
        ),
        (
            ["--password-stdin"],
            "ü" * 5000,
            "the password is longer than 256 bytes",
            "choose a shorter one",
        ),
        (
            ["--password-stdin"],
            b"gr\xfc\xdfe\n",
            "the password is not UTF-8",
            "give it in UTF-8",
        ),
        (
            ["--password-stdin", "--generate"],
            "",
            "--password-stdin and --generate exclude each other",
            "occ user add ann --generate",
        ),
        (
            [],
            "",
            "there is nobody to ask for the password: standard input is no terminal",
            "occ user add ann --password-stdin, or --generate",
        ),
    ],
)
def test_a_password_that_cannot_be(
    occ: Occ,
    stage: Stage,
    words: list[str],
    text: str | bytes,
    says: str,
    hint: str,
) -> None:
    said = occ("user", "add", "ann", *words, piped=text)
    assert said.status == 2
    assert said.err == f"error: {says}\n  try: {hint}\n"
    assert stage.calls == []


def test_a_name_that_cannot_be_is_told_before_a_password_is_asked_for(
    occ: Occ, stage: Stage
) -> None:
    said = occ("user", "add", "Ann", piped="")
    assert said.status == 2
    assert said.err.startswith("error: 'Ann' is no name of a user\n  try: use small letters")
    assert stage.calls == []


def test_the_list_says_who_is_there_and_never_a_hash(occ: Occ) -> None:
    said = occ("user", "list")
    lines = [line.split() for line in said.out.splitlines()]
    assert lines[1] == [
        *("ann", "1000", "1000", "ann,sudo", "/bin/bash", "/home/ann", "set", "yes")
    ]
    assert said.out.splitlines()[2].split(None, 6)[-1] == "not in the container  yes"


def test_changes_are_told_by_a_letter(occ: Occ) -> None:
    assert occ("changes").out == "A /usr/local/bin/tool\nC /etc/motd\n"


def test_nothing_is_done_without_a_plan_being_asked_for_a_password(occ: Occ, stage: Stage) -> None:
    said = occ("user", "add", "ann", "--plan")
    assert said.status == 10
    assert stage.calls[0][1].hashed == ""
