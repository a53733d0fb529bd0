"""Where the values of secrets come from, and that no message ever holds one."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from occ.domain.spec import Spec
from occ.errors import ConfigError, SecretMissingError
from occ.settings import Service, resolve_secrets
from occ.settings.secret_values.lookup import at_hand
from occ.settings.secret_values.stores import FileStore
from occ.settings.toml.document import read_by_others


def resolved(file: Path | None, names: str, environ: Mapping[str, str]) -> Mapping[str, str]:
    service = Service(name="web", reference="web:latest", spec=Spec(secrets=tuple(names)))
    return resolve_secrets(service, [FileStore(file)] if file else [], environ)


def write(tmp_path: Path, content: str | bytes, mode: int = 0o600) -> Path:
    path = tmp_path / "web.env"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def test_values_come_from_the_file_first_and_then_from_the_environment(tmp_path: Path) -> None:
    file = write(tmp_path, "# for web\n\n  A=from file\nB=\nX=not asked for\n")
    found = resolved(file, "ABC", {"A": "no", "B": "b", "C": "c"})
    assert found == {"A": "from file", "B": "b", "C": "c"}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=x=y==", "x=y=="),
        ("A= x ", " x "),
        ("A=x # y", "x # y"),
        ('A=it\'s "x"', 'it\'s "x"'),
        ('A="', '"'),
        ("A=x\r", "x"),
        ("A=\u2028ü", "\u2028ü"),
    ],
)
def test_a_value_is_what_follows_to_the_end_of_the_line(
    tmp_path: Path, line: str, value: str
) -> None:
    assert resolved(write(tmp_path, line), "A", {}) == {"A": value}


def test_no_secrets_need_no_file(tmp_path: Path) -> None:
    assert resolved(tmp_path / "absent", "", {}) == {}


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("A=1\nhunter2\n", ":2: it is not NAME=value; write NAME=value, without export"),
        ("export A=hunter2\n", ":1: it is not NAME=value; write NAME=value, without export"),
        ("A =hunter2\n", ":1: it is not NAME=value; write NAME=value, without export"),
        ("=hunter2\n", ":1: it is not NAME=value; write NAME=value, without export"),
        ("A=hunter2\n#\nA=2\n", ":3: A stands above already; take one out"),
        (
            'A="hunter2"\n',
            (
                ":1: the value of A is in quotes, which would be part of it; take them off, "
                "or if they belong to it: occ secret set A"
            ),
        ),
        (b"A=hunter2\nB=\xff\n", ":2: byte 12 (0xff) is not UTF-8; save the file as UTF-8"),
    ],
)
def test_a_bad_line_is_named_without_its_value(
    tmp_path: Path, content: str | bytes, wrong: str
) -> None:
    file = write(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        resolved(file, "A", {})
    assert caught.value.message == f"{file}{wrong}"
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
def test_a_file_for_others_is_warned_of_and_used(tmp_path: Path, mode: int) -> None:
    file = write(tmp_path, "A=hunter2\n", mode)
    assert resolved(file, "A", {"A": "1"}) == {"A": "hunter2"}
    said = f"others may read {file} (mode {mode:04o}); run chmod 600 {file}"
    assert read_by_others(file) == said
    file.chmod(0o600)
    assert read_by_others(file) == read_by_others(tmp_path) == read_by_others(file / "x") == ""


def test_a_folder_is_no_file_of_secrets(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="it is a folder, not a file; correct secrets_file"):
        resolved(tmp_path, "A", {})


def test_a_missing_secret_says_where_it_was_looked_for(tmp_path: Path) -> None:
    file = write(tmp_path, "A=hunter2\n")
    cases = [
        (file, f"looked in {file} and in the environment"),
        (None, "looked in the environment"),
    ]
    for where, looked in cases:
        with pytest.raises(SecretMissingError) as caught:
            resolved(where, "AB", {"A": "hunter2"})
        assert caught.value.message == f"secret B of service web has no value; {looked}"
        assert caught.value.hint == "occ secret set B --service web"
        assert caught.value.exit_status == 4


def test_all_that_are_missing_are_named_at_once() -> None:
    with pytest.raises(SecretMissingError, match="secrets A, C of service web have no value"):
        resolved(None, "ABC", {"B": "1", "C": ""})


@pytest.mark.parametrize("value", ["hunter2\udcff", "hunter2\0"])
def test_a_value_that_no_engine_takes_is_refused(value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolved(None, "A", {"A": value})
    assert "secret A of service web" in caught.value.message
    assert "hunter2" not in caught.value.message


def test_what_can_be_had_is_what_no_source_before_it_could_have_otherwise(tmp_path: Path) -> None:
    first = FileStore(write(tmp_path, "A=first\nC=\n"))
    second = FileStore(tmp_path / "second")
    environ = {"A": "no", "B": "outside", "C": "outside", "D": "lone \udcff"}
    assert at_hand("ABCDE", (first, second), environ) == {
        "A": "first",
        "B": "outside",
        "C": "outside",
    }
    second.file.write_text("not a line\n")
    assert at_hand("ABC", (first, second), environ) == {"A": "first"}
    assert at_hand("ABC", (second, first), environ) == {}
    assert at_hand("", (second,), environ) == {}
