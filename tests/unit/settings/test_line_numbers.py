"""On which line a key stands: against texts whose lines are known because the test laid them."""

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.settings.toml.line_numbers import KeyPath, key_lines

TEXT = '''\
# a comment with [brackets] and = signs
journal = """
  [services.not]
  image = "no" \\
"""

[services . "web app"]   # a table
image = 'its'
ports = [ # list
  "80:80", # one

  "81:81",
  ["deep", { a = 1, b = [
    2] }],
]
health.path = "/#"
"quoted \\u0041".x = {}

[[many]]
a = 1
[many.below]
b = 2
[[many]]
a = """x""\\""""
[[many.inner]]
c = 1979-05-27 07:32:00 # a date with a blank
d = []
'''


def test_every_key_and_element_has_its_line() -> None:
    tomllib.loads(TEXT)
    assert key_lines(TEXT) == {
        ("journal",): 2,
        ("services",): 7,
        ("services", "web app"): 7,
        ("services", "web app", "image"): 8,
        ("services", "web app", "ports"): 9,
        ("services", "web app", "ports", 0): 10,
        ("services", "web app", "ports", 1): 12,
        ("services", "web app", "ports", 2): 13,
        ("services", "web app", "ports", 2, 0): 13,
        ("services", "web app", "ports", 2, 1): 13,
        ("services", "web app", "ports", 2, 1, "a"): 13,
        ("services", "web app", "ports", 2, 1, "b"): 13,
        ("services", "web app", "ports", 2, 1, "b", 0): 14,
        ("services", "web app", "health"): 16,
        ("services", "web app", "health", "path"): 16,
        ("services", "web app", "quoted A"): 17,
        ("services", "web app", "quoted A", "x"): 17,
        ("many",): 19,
        ("many", 0): 19,
        ("many", 0, "a"): 20,
        ("many", 0, "below"): 21,
        ("many", 0, "below", "b"): 22,
        ("many", 1): 23,
        ("many", 1, "a"): 24,
        ("many", 1, "inner"): 25,
        ("many", 1, "inner", 0): 25,
        ("many", 1, "inner", 0, "c"): 26,
        ("many", 1, "inner", 0, "d"): 27,
    }


def test_windows_ends_of_lines_count_once() -> None:
    assert key_lines("a = 1\r\n\r\nb = [\r\n1,\r\n]\r\n") == {("a",): 1, ("b",): 3, ("b", 0): 4}


SCALARS = st.sampled_from(
    ["1", "-1.5", "true", '"a # [ { = b"', "'\\'", '"""a\n"b""c"""', "'''it's\n'''", "07:32:00"]
)
NAMES = st.sampled_from(["a", "b-1", '"c d"', "'e.f'", '"g\\"h"'])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda values: "[\n" + " ,#,\n".join(values) + "\n]")
        | st.dictionaries(NAMES, inner, max_size=2).map(
            lambda table: "{" + ", ".join(f"{key} = {table[key]}" for key in table) + "}"
        )
    ),
)
TABLES = st.dictionaries(NAMES, VALUES)


def paths(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Every path of a parsed document."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from paths(entry, (*path, key))
    if isinstance(value, list):
        for index, element in enumerate(value):
            yield from paths(element, (*path, index))


@given(TABLES, st.lists(st.tuples(NAMES, st.booleans(), TABLES), unique_by=lambda row: row[0]))
def test_what_the_parser_finds_the_scan_finds(
    top: dict[str, str], below: list[tuple[str, bool, dict[str, str]]]
) -> None:
    text = "".join(f"{key} = {top[key]}\n" for key in top)
    for name, listed, table in below:
        header = f"x.{name}"
        text += f"\n[[{header}]]\n[[{header}]]\n" if listed else f"\n[{header}] # [no]\n"
        text += "".join(f"{key} = {table[key]}\n" for key in table)
    assert set(key_lines(text)) == set(paths(tomllib.loads(text)))


@pytest.mark.parametrize("text", ["=", "[", "a = [1", "a = {b", "]", '"""', "a b c", "\\"])
def test_what_is_not_toml_ends_the_scan(text: str) -> None:
    assert len(key_lines(text)) <= 3
