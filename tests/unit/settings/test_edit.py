"""Single values of a config, found, put in and taken out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.errors import ConfigError, NotFoundError, OccError, UsageMistakeError
from occ.settings import edit
from occ.settings.read import checked

TEXT = """\
# my box
[services.web]  # the site
image = "nginx:1"   # pinned
ports = ["127.0.0.1:8080:80"]

[services.web.health]
path = "/"  # the front page
"""


def ok(text: str) -> object:
    return checked(text, Path("/etc/occ/config.toml"), "/home/me")


def after(key: str, *words: str, check: Callable[[str], object] = ok) -> str:
    return edit.put(TEXT, edit.path_of(key, "web"), words, check)


def test_only_the_value_changes() -> None:
    assert after("image", "nginx:2") == TEXT.replace("nginx:1", "nginx:2")
    assert after("services.web.health.path", "/up") == TEXT.replace('"/"', '"/up"')


@pytest.mark.parametrize(
    ("key", "words", "line"),
    [
        ("health.expect_status", ["204"], "expect_status = 204"),
        ("stop_timeout", ["20s"], 'stop_timeout = "20s"'),
        ("user", ["1000"], 'user = "1000"'),
        ("ports", ["127.0.0.1:81:80"], 'ports = ["127.0.0.1:81:80"]'),
        ("command", ["sh", "-c", "exec web"], 'command = ["sh", "-c", "exec web"]'),
        ("networks", ['["front"]'], 'networks = ["front"]'),
        ("env.PORT", ["80"], 'PORT = "80"'),
        ("users", ["ann"], 'users = ["ann"]'),
        ("journal", ["/var/lib/occ.db"], 'journal = "/var/lib/occ.db"'),
        ("secrets.store", ["file"], 'store = "file"'),
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
    path = edit.path_of("health.path", "web")
    assert edit.found(TEXT, path) == "/"
    without = edit.taken_out(TEXT, path)
    assert 'path = "/"' not in without
    assert "# the site" in without
    for missing in (edit.found, edit.taken_out):
        with pytest.raises(NotFoundError, match=r"does not write services\.web\.user"):
            missing(TEXT, edit.path_of("user", "web"))


@given(st.text(), st.lists(st.text(), min_size=1, max_size=3))
def test_whatever_is_typed_is_a_good_config_or_an_error_of_ours(key: str, words: list[str]) -> None:
    try:
        written = after(key, *words)
    except OccError:
        return
    ok(written)


@given(st.text())
def test_a_text_comes_back_as_it_was_put(value: str) -> None:
    path = edit.path_of("env.WORDS", "web")
    assert edit.found(edit.put_text(TEXT, path, value), path) == value
