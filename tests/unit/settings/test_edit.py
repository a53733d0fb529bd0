"""Single values of a config, found, put in and taken out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.errors import ConfigError, NotFoundError, OccError, UsageMistakeError
from occ.settings.read import checked
from occ.settings.toml import edit

TEXT = """\
# my box
[services.web]  # the site
image = "nginx:1"   # pinned
ports = [
  "127.0.0.1:8080:80",   # http
  "127.0.0.1:8443:443",  # https
]

# when it is well
[services.web.health]
path = "/"  # the front page
port = 80

# beside it
[services.db]
image = "pg:1"
# end
"""


def ok(text: str) -> object:
    return checked(text, Path("/etc/occ/config.toml"), "/home/me")


def at(key: str) -> edit.KeyPath:
    return edit.path_of(key, lambda: "web")


def after(key: str, *words: str, check: Callable[[str], object] = ok) -> str:
    return edit.put(TEXT, at(key), words, check)


def test_only_the_value_changes() -> None:
    assert after("image", "nginx:2") == TEXT.replace("nginx:1", "nginx:2")
    assert after("services.web.health.path", "/up") == TEXT.replace('"/"', '"/up"')


def test_a_list_is_changed_element_by_element() -> None:
    assert after("ports", "127.0.0.1:81:80", "127.0.0.1:8443:443") == TEXT.replace(
        '"127.0.0.1:8080:80",   # http', '"127.0.0.1:81:80",   # http'
    )
    assert after("ports", '["127.0.0.1:8443:443"]') == TEXT.replace(
        '  "127.0.0.1:8080:80",   # http\n', ""
    )
    assert after("ports", "127.0.0.1:8080:80", "[::1]:80:80", "127.0.0.1:8443:443") == TEXT.replace(
        "# http\n", '# http\n  "[::1]:80:80",\n'
    )


@pytest.mark.parametrize(
    ("key", "word", "below", "lines"),
    [
        ("user", "web", "# https\n]\n", 'user = "web"\n'),
        ("health.interval", "2s", "port = 80\n", 'interval = "2s"\n'),
        ("limits.memory", "1g", "port = 80\n", '\n[services.web.limits]\nmemory = "1g"\n'),
        ("services.db.user", "db", 'image = "pg:1"\n', 'user = "db"\n'),
        ("services.db.env.A", "b", "# end\n", '\n[services.db.env]\nA = "b"\n'),
        ("secrets.store", "file", "# end\n", '\n[secrets]\nstore = "file"\n'),
    ],
)
def test_what_is_new_parts_no_comment_from_what_it_speaks_of(
    key: str, word: str, below: str, lines: str
) -> None:
    assert after(key, word) == TEXT.replace(below, below + lines)


def test_a_key_of_the_file_comes_before_all_tables() -> None:
    assert after("journal", "/var/lib/occ.db") == f'journal = "/var/lib/occ.db"\n\n{TEXT}'


def test_a_whole_key_needs_no_service() -> None:
    def nobody() -> str:
        raise NotFoundError("which one?")

    for key in ("services.db.user", "journal", "secrets.store"):
        assert edit.path_of(key, nobody) == tuple(key.split("."))


@pytest.mark.parametrize(
    "text",
    [
        'services.web = { image = "nginx:1", env = { A = "b" } }\n',
        'services.web.image = "nginx:1"\n',
        '[services]\nweb.image = "nginx:1" # pinned\nweb.env.A = "b"\n',
        '[services.web.env]\nA = "b"\n[services]\nweb.image = "nginx:1"\n',
        '[services."web"]\nimage = "nginx:1"',
    ],
)
@pytest.mark.parametrize("key", ["image", "user", "env.B", "limits.memory", "journal"])
def test_tables_that_are_written_otherwise(text: str, key: str) -> None:
    path = at(key)
    written = edit.with_value(text, path, "1g")
    assert edit.found(written, path) == "1g"
    assert edit.taken_out(written, path).count("1g") == 0


@pytest.mark.parametrize(
    ("key", "words", "line"),
    [
        ("health.expect_status", ["204"], "expect_status = 204"),
        ("stop_timeout", ["20s"], 'stop_timeout = "20s"'),
        ("user", ["1000"], 'user = "1000"'),
        ("networks", ["front"], 'networks = ["front"]'),
        ("command", ["sh", "-c", "exec web"], 'command = ["sh", "-c", "exec web"]'),
        ("networks", ['["front"]'], 'networks = ["front"]'),
        ("env.PORT", ["80"], 'PORT = "80"'),
        ("users", ["ann"], 'users = ["ann"]'),
        ("limits.cpus", ["1.5"], "cpus = 1.5"),
    ],
)
def test_words_mean_what_the_key_wants(key: str, words: list[str], line: str) -> None:
    assert line in after(key, *words).splitlines()


@pytest.mark.parametrize(
    ("key", "words", "says"),
    [
        ("image", ["no:t:good"], 'services.web.image = "no:t:good"'),
        ("ports", ["99999:1"], 'services.web.ports[0] = "99999:1"'),
        ("xyzzy", ["3"], "there is no such key"),
        ("health.min_healthy", ["often"], "it is no duration"),
        ("env.API_TOKEN", ["hunter2!"], 'env.API_TOKEN = "***": it looks like a secret'),
    ],
)
def test_a_bad_value_is_refused_and_never_repeated_if_secret(
    key: str, words: list[str], says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        after(key, *words)
    assert says in caught.value.message
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize("key", ["", "a b", "a..b", "a = 1\nb", "[a]", "a.", "image.x"])
def test_what_is_no_key(key: str) -> None:
    with pytest.raises(UsageMistakeError):
        after(key, "3")


def test_a_service_that_is_not_declared_is_not_begun() -> None:
    with pytest.raises(NotFoundError, match="declares no service other"):
        after("services.other.image", "a")


def test_found_and_taken_out() -> None:
    path = at("health.path")
    assert edit.found(TEXT, path) == "/"
    without = edit.taken_out(TEXT, path)
    assert 'path = "/"' not in without
    assert "# the site" in without
    for missing in (edit.found, edit.taken_out):
        with pytest.raises(NotFoundError, match=r"does not write services\.web\.user"):
            missing(TEXT, at("user"))


TABLES = """\
[services.web]
image = "nginx:1"
health.interval = "2s"

# how it is proven
[services.web.limits]  # few
memory = "1g"  # enough
# pids = 100

# a word for all that follows

# the colour
[services.web.env]
COLOUR = "blue"
# the database: keep its port
[services.db]
image = "pg:1"

[services.db.env]
A = "b"
# the end of it
"""


def test_a_table_goes_with_what_is_said_of_it_and_of_nothing_else() -> None:
    assert edit.taken_out(TABLES, at("limits")) == TABLES.replace(
        '# how it is proven\n[services.web.limits]  # few\nmemory = "1g"  # enough\n'
        "# pids = 100\n\n",
        "",
    )
    assert edit.taken_out(TABLES, at("env")) == TABLES.replace(
        '# the colour\n[services.web.env]\nCOLOUR = "blue"\n', ""
    )
    assert edit.taken_out(TABLES, at("services.db.env")) == TABLES.replace(
        '\n[services.db.env]\nA = "b"\n# the end of it\n', ""
    )
    assert edit.taken_out(TABLES, at("services.web")) == (
        "# a word for all that follows\n\n" + TABLES[TABLES.index("# the database") :]
    )


def test_of_a_dotted_key_nothing_stays_when_its_last_part_goes() -> None:
    assert edit.taken_out(TABLES, at("health.interval")) == TABLES.replace(
        'health.interval = "2s"\n', ""
    )
    only = "[services]\n\n[services.web.env]\nA = 'b'\n"
    assert edit.taken_out(only, at("env")) == "[services]\n"


def test_a_table_goes_with_its_last_key_unless_a_comment_is_left_in_it() -> None:
    one = '[services.web]\nimage = "a"\n\n# when it is well\n[services.web.health]\npath = "/"\n'
    two = '\n# who\n[services.web.users]\nnames = ["ann"]\n'
    bare = '[services.web]\nimage = "a"\n'
    assert edit.taken_out(one, at("health.path")) == bare
    assert edit.taken_out(one + two, at("health.path")) == bare + two
    assert edit.taken_out(one + two, at("users.names")) == one
    kept = one.replace('path = "/"\n', 'path = "/"\n# port = 80\n')
    assert edit.taken_out(kept, at("health.path")) == kept.replace('path = "/"\n', "")
    assert edit.taken_out(bare, at("image")) == "[services.web]\n"  # the service is declared still


def test_a_table_that_is_written_anew_keeps_its_comments_and_its_place() -> None:
    written = edit.with_value(TABLES, at("env"), {"COLOUR": "red", "SIZE": "2"})
    assert written == TABLES.replace('"blue"\n', '"red"\nSIZE = "2"\n')
    assert edit.with_value(TABLES, at("env"), {"SIZE": "2"}) == TABLES.replace(
        'COLOUR = "blue"\n', 'SIZE = "2"\n'
    )
    assert edit.with_value(TABLES, at("limits"), {}) == TABLES.replace(
        'memory = "1g"  # enough\n', ""
    )
    listed = '[services.web]\nimage = "a"\n\n# who\n[services.web.users]\nnames = ["ann"]\n'
    assert edit.with_value(f"{listed}\n# db\n[services.db]\n", at("users"), ["bob"]) == (
        '[services.web]\nimage = "a"\nusers = ["bob"]\n\n# db\n[services.db]\n'
    )


def test_what_cannot_be_taken_out_as_it_is_written_is_left() -> None:
    within = 'services.web = { image = "nginx:1", env.A = "b" }\n'
    with pytest.raises(ConfigError, match=r"services\.web\.env\.A can be taken out by hand alone"):
        edit.taken_out(within, at("env.A"))


@given(st.text(), st.lists(st.text(), min_size=1, max_size=3))
def test_whatever_is_typed_is_a_good_config_or_an_error_of_ours(key: str, words: list[str]) -> None:
    try:
        written = after(key, *words)
    except OccError:
        return
    ok(written)


@given(st.text())
def test_a_text_comes_back_as_it_was_put(value: str) -> None:
    path = at("env.WORDS")
    assert edit.found(edit.with_value(TEXT, path, value), path) == value


COMMENTS = sorted(line.partition("#")[2] for line in TEXT.splitlines() if "#" in line)


@given(
    st.lists(st.sampled_from(["127.0.0.1:8080:80", "a", "b", "127.0.0.1:8443:443"]), unique=True)
)
def test_any_list_is_written_and_takes_only_its_own_comments_along(ports: list[str]) -> None:
    written = edit.with_value(TEXT, at("ports"), ports)
    assert edit.found(written, at("ports")) == ports
    left = [line.partition("#")[2] for line in written.splitlines() if "#" in line]
    assert set(COMMENTS) - set(left) <= {" http", " https"}


@pytest.mark.parametrize(
    ("key", "wrong", "made"),
    [
        (
            "services.日本.image",
            "'日本' cannot be in it; the name of a service is made of 2 to 63 lower-case letters",
            "with single '-', '_' or '.' between",
        ),
        ("env.a b", "'a b' cannot be in it; a name is made of letters a-z", "digits, - and _"),
        ("health.", "a name is missing; a name is made of letters a-z", "digits, - and _"),
    ],
)
def test_a_key_that_is_none_is_answered_with_what_a_name_is_made_of(
    key: str, wrong: str, made: str
) -> None:
    with pytest.raises(UsageMistakeError) as error:
        edit.path_of(key, lambda: "web")
    assert error.value.message.startswith(f"{key!r} is no key: {wrong}")
    assert error.value.message.endswith(made)
