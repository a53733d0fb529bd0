"""Where values are kept: one contract for every store, and what is particular to each."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from occ.errors import ConfigError
from occ.settings.secret_values.keyring_store import KeyringStore, the_keyring
from occ.settings.secret_values.lookup import locate
from occ.settings.secret_values.secrets_file import store as store_all
from occ.settings.secret_values.stores import FileStore, SecretStore


class Drawer:
    """A keyring in memory, with the calls of the real package."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service_name: str, username: str) -> str | None:
        return self.held.get((service_name, username))

    def set_password(self, service_name: str, username: str, password: str) -> None:
        self.held[service_name, username] = password

    def delete_password(self, service_name: str, username: str) -> None:
        del self.held[service_name, username]


class Locked(Drawer):
    """One whose errors quote what it got, as some do."""

    def get_password(self, service_name: str, username: str) -> str | None:
        raise RuntimeError(f"no {username} of {service_name} for you")

    def set_password(self, service_name: str, username: str, password: str) -> None:
        raise RuntimeError(f"cannot keep {password} as {username} of {service_name}")


@pytest.fixture(params=["file", "keyring"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SecretStore:
    if request.param == "file":
        return FileStore(tmp_path / "web.secrets")
    return KeyringStore(Drawer(), tmp_path / "config.toml", "web")


def test_what_is_kept_is_read_replaced_and_taken_out(store: SecretStore) -> None:
    assert store.read(["A", "B"]) == {}
    store.put("A", "one")
    store.put("B", " two = 2 ")
    store.put("A", "three")
    assert store.read(["A", "B"]) == {"A": "three", "B": " two = 2 "}
    assert store.take_out("A")
    assert not store.take_out("A")
    assert store.read(["A", "B"]) == {"B": " two = 2 "}
    assert store.take_out("B")
    assert store.read(["A", "B"]) == {}


def test_a_file_is_its_owners_alone_and_keeps_comments_and_places(tmp_path: Path) -> None:
    file = tmp_path / "conf" / "web.secrets"
    store = FileStore(file)
    store.put("A", "1")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    file.write_text("# first\nA=1\n\n# second\n  B=2")
    store.put("A", "one")
    store.put("C", "3")
    assert file.read_text() == "# first\nA=one\n\n# second\n  B=2\nC=3\n"
    store.put("B", "two")
    assert file.read_text() == "# first\nA=one\n\n# second\nB=two\nC=3\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["web.secrets"]


def test_taking_one_out_leaves_nothing_of_a_value_with_strange_line_ends(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "web.secrets")
    store.put("A", "top\u2028secret\x0bvalue\x85end")
    store.put("B", "2")
    assert store.take_out("A")
    assert store.file.read_text() == "B=2\n"


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("hunter\n2", 'A="hunter\\n2"\n'),
        ("hunter2\r", 'A="hunter2\\r"\n'),
        ("'hunter2'", "A=\"'hunter2'\"\n"),
        ('"x y"', 'A="\\"x y\\""\n'),
        ('"a\\n"', 'A="\\"a\\\\n\\""\n'),
        ("x 'y' \"z\"", "A=x 'y' \"z\"\n"),
    ],
)
def test_a_value_that_a_line_cannot_have_as_it_is_stands_in_quotes(
    tmp_path: Path, value: str, line: str
) -> None:
    file = FileStore(tmp_path / "web.secrets")
    file.put("A", value)
    assert file.file.read_text() == line
    assert file.read(()) == {"A": value}
    other = tmp_path / "other.secrets"
    store_all(other, {"A": value, "B": "b"})
    store_all(other, {"A": value})
    assert other.read_text() == f"{line}B=b\n"


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,8}", fullmatch=True)
VALUES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.tuples(NAMES, VALUES), max_size=6))
def test_every_value_that_a_file_takes_is_read_as_it_was(
    tmp_path: Path, pairs: Sequence[tuple[str, str]]
) -> None:
    store = FileStore(tmp_path / "web.secrets")
    store.file.unlink(missing_ok=True)
    kept: dict[str, str] = {}
    for name, value in pairs:
        store.put(name, value)
        kept[name] = value
        assert store.read(()) == kept
    for name in list(kept):
        assert store.take_out(name)
        del kept[name]
        assert store.read(()) == kept


def test_two_configs_on_one_desktop_do_not_share(tmp_path: Path) -> None:
    drawer = Drawer()
    one = KeyringStore(drawer, tmp_path / "a.toml", "web")
    other = KeyringStore(drawer, tmp_path / "b.toml", "web")
    one.put("A", "1")
    assert other.read(["A"]) == {}
    assert KeyringStore(drawer, tmp_path / "a.toml", "db").read(["A"]) == {}


@pytest.mark.parametrize(
    "call",
    [lambda s: s.read(["A"]), lambda s: s.put("A", "hunter2"), lambda s: s.take_out("A")],
    ids=["read", "put", "take_out"],
)
def test_a_keyring_that_is_locked_says_so_and_quotes_nothing(
    tmp_path: Path, call: Callable[[SecretStore], object]
) -> None:
    with pytest.raises(ConfigError) as caught:
        call(KeyringStore(Locked(), tmp_path / "config.toml", "web"))
    assert caught.value.message.startswith("the keyring does not answer (RuntimeError); unlock it")
    assert "hunter2" not in caught.value.message


def test_a_package_that_is_not_installed_is_named_with_its_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError) as caught:
        the_keyring()
    assert caught.value.hint == "pip install 'occ-journal[keyring]'"
    assert caught.value.hint in caught.value.message


def test_the_first_that_has_a_value_counts_and_the_environment_last(tmp_path: Path) -> None:
    keyring = KeyringStore(Drawer(), tmp_path / "config.toml", "web")
    file = FileStore(tmp_path / "web.secrets")
    keyring.put("A", "keyring")
    for name in "AB":
        file.put(name, "file")
    found = locate("ABCD", [keyring, file], dict.fromkeys("ABC", "environ"))
    assert [(one.value, one.source) for one in found.values()] == [
        ("keyring", "keyring"),
        ("file", str(file.file)),
        ("environ", "environment"),
        ("", ""),
    ]
    assert "environ'" not in repr(found["C"])
