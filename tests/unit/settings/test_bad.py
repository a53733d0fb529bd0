"""What cannot be used, and what is said about it: whole messages, because people act on them."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from occ.errors import ConfigError
from occ.settings import load
from occ.settings.catalogue import SETTINGS
from tests.another_user import another_user

_KEY = re.compile(r"DIR/config\.toml(?::\d+)*: ([\w.-]+)")
ROWS = tomllib.loads(Path(__file__).with_name("bad.toml").read_text("utf-8"))


def complaint(config: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load({"HOME": "/home/me"}, config=str(config))
    assert caught.value.exit_status == 2
    return caught.value.message.replace(str(config.parent), "DIR")


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_bad_value_is_named_with_line_and_fix(tmp_path: Path, row: dict[str, str]) -> None:
    (tmp_path / "config.toml").write_text(row["config"], "utf-8")
    assert complaint(tmp_path / "config.toml") == row["says"]


def test_every_key_has_at_least_three_rows() -> None:
    named = [_KEY.match(row["says"]) for row in ROWS.values()]
    keys = [re.sub(r"^(services|notify)\.[\w-]+", r"\1.NAME", one[1]) for one in named if one]
    keys += [re.sub(r"\.hooks\.\w+\.", ".hooks.PLACE.", key) for key in keys]
    few = {
        row.key: count
        for row in SETTINGS
        if (count := sum(key == row.key or key.startswith(f"{row.key}.") for key in keys)) < 3
    }
    assert few == {}
    assert len(ROWS) >= 120


def test_no_message_of_the_table_holds_the_secret() -> None:
    secrets = [row for row in ROWS.values() if "hunter2" in row["config"]]
    assert len(secrets) >= 6
    assert not [row for row in secrets if "hunter2" in row["says"]]


# What tomllib says differs between versions of Python; where it says it does not.
@pytest.mark.parametrize(
    ("config", "where"),
    [
        (b"image\n", "DIR/config.toml:1:6: not TOML: "),
        (b"\n\njournal = journal.db\n", "DIR/config.toml:3:11: not TOML: "),
        (b'journal = "a"\njournal = "b"\n', "DIR/config.toml:2:14: not TOML: "),
        (b"[services.web\n", "DIR/config.toml:1:14: not TOML: "),
        (b'ports = [\n  "80:80",\n', "DIR/config.toml:3: not TOML: "),
        (b"x = " + b"9" * 5000, "DIR/config.toml: not TOML: "),
        (b"x = " + b"[" * 100_000, "DIR/config.toml: lists or tables within each other go too"),
        (b"# caf\xe9\n", "DIR/config.toml:1: byte 5 (0xe9) is not UTF-8; save the file as UTF-8"),
        (b"a = 1\n\xff", "DIR/config.toml:2: byte 6 (0xff) is not UTF-8; save the file as UTF-8"),
        (b"#" * (1 << 20) + b"\n", "DIR/config.toml: it is larger than 1048576 bytes; name"),
    ],
    ids=range(10),
)
def test_what_is_not_toml_is_named_with_its_place(
    tmp_path: Path, config: bytes, where: str
) -> None:
    (tmp_path / "config.toml").write_bytes(config)
    assert complaint(tmp_path / "config.toml").startswith(where)


def test_a_config_that_was_named_must_be_there(tmp_path: Path) -> None:
    assert complaint(tmp_path / "config.toml") == (
        "DIR/config.toml: there is no such file; "
        "write it, or name another file with --config or OCC_CONFIG"
    )


def test_a_folder_is_no_config(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    assert complaint(tmp_path / "config.toml") == (
        "DIR/config.toml: it is a folder, not a file; name another file with --config or OCC_CONFIG"
    )


def test_a_file_is_no_folder_of_a_config(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert complaint(tmp_path / "file" / "config.toml").startswith(
        "DIR/config.toml: it cannot be read (Not a directory); "
    )


def test_a_config_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch(mode=0)
    with another_user():
        said = complaint(tmp_path / "config.toml")
    assert said == (
        "DIR/config.toml: you may not read it; name another file with --config or OCC_CONFIG"
    )


def test_a_name_with_a_nul_is_no_file(tmp_path: Path) -> None:
    assert "it cannot be read (embedded null byte)" in complaint(tmp_path / "a\0b")


def test_a_declaration_longer_than_the_journal_takes(tmp_path: Path) -> None:
    long = f'[services.web]\nimage = "web"\nenv = {{ TEXT = "{"x" * 8192}" }}\n'
    (tmp_path / "config.toml").write_text(long, "utf-8")
    assert complaint(tmp_path / "config.toml").endswith(
        "bytes, and the journal holds 8192; put long values into a file and mount it"
    )


def test_engine_tables_within_each_other(tmp_path: Path) -> None:
    deep = "[" * 20 + "]" * 20
    text = f'[services.web]\nimage = "web"\nengine = {{ CapAdd = {deep} }}\n'
    (tmp_path / "config.toml").write_text(text, "utf-8")
    assert "go too deep; take some out" in complaint(tmp_path / "config.toml")


HUGE = "0x" + "f" * 5000  # Python refuses to print it in decimal

PIECES = st.sampled_from(
    [
        *"[]{}.,=\"'#\n \\",
        "[[",
        '"""',
        "'''",
        "services",
        "[services.web]\n",
        'image = "web"\n',
        "ports = [",
        '"80:80"',
        "health",
        "engine",
        "limits",
        "cpus = ",
        "env",
        "1e400",
        "nan",
        "-inf",
        HUGE,
        "2024-01-01",
        "true",
        "\x00",
        "\\u0000",
        "\ufeff",
        "\r\n",
    ]
)
TEXTS = st.lists(PIECES).map(lambda pieces: "".join(pieces).encode())
SCALARS = st.sampled_from(
    [
        *('""', '"a"', '"/x"', '"a:/b"', '"~"', '"~/x:/y"', '"[::"', '"80:80"', '"::1"'),
        *("0", "-1", "1.5", "nan", "true", "2024-01-01", "07:32:00", '"\\u0000"', HUGE),
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda values: f"[{', '.join(values)}]")
        | inner.map(lambda value: f"{{ A = {value}, path = {value}, cpus = {value} }}")
    ),
)
KEYS = st.sampled_from(
    [row.key.removeprefix("services.NAME.") for row in SETTINGS if row.key.startswith("services.")]
    + ["engine.ShmSize", "engine.Nope", "nope"]
)
CONFIGS = st.dictionaries(KEYS, VALUES).map(
    lambda values: "[services.web]\n" + "".join(f"{key} = {values[key]}\n" for key in values)
)


@given(st.binary() | TEXTS | CONFIGS.map(str.encode))
@example(b'journal = """a"""""\n[[services]]\n[services.x.y]\n"a\\tb".c = 1\n')
@example(b"[services.web]\nimage = 'web'\nlimits.cpus = " + HUGE.encode())
@example(b"[services.web]\nimage = 'web'\nports = [" + HUGE.encode() + b"]")
@example(b"[services.web]\nimage = 'web'\nenv.A_TOKEN = " + HUGE.encode())
def test_any_bytes_are_settings_or_a_config_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    try:
        read = load({"HOME": "/home/me", "OCC_CONFIG": str(path)})
    except ConfigError as error:
        said = error.message
    else:
        said = f"{path}: fine"
        assert all(service.spec.digest() for service in read.services.values())
    assert said.startswith(str(path))
    assert said.isprintable()
