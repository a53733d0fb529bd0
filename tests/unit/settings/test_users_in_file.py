"""The users that a config names, put in and taken out by `occ user`."""

from pathlib import Path

import pytest

from occ.errors import ConfigError
from occ.settings.users_in_file import set_user, users_in

DB = '\n# the database: keep its port\n[services.db]\nimage = "db:1"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'users = ["bob"]\n'),
        ("users = [] # nobody\n", 'users = ["bob"] # nobody\n'),
        ('users = ["ann"] # who\n', 'users = ["ann", "bob"] # who\n'),
        (
            'users = [\n  "ann", # first\n]\n',
            'users = [\n  "ann", # first\n  "bob",\n]\n',
        ),
        (
            'users = { names = ["ann"], passwords = "reset" }\n',
            'users = { names = ["ann", "bob"], passwords = "reset" }\n',
        ),
        (
            '\n# who\n[services.web.users]\nnames = ["ann"]\n',
            '\n# who\n[services.web.users]\nnames = ["ann", "bob"]\n',
        ),
        (
            '\n# who\n[services.web.users]\npasswords = "reset"\n',
            '\n# who\n[services.web.users]\npasswords = "reset"\nnames = ["bob"]\n',
        ),
    ],
)
def test_a_user_is_named_below_the_keys_of_its_service(
    tmp_path: Path, before: str, after: str
) -> None:
    file, web = tmp_path / "config.toml", '[services.web]\nimage = "a/b:1"\n'
    file.write_text(f"{web}{before}{DB}")
    assert set_user(file, "web", "bob", present=True)
    assert file.read_text() == f"{web}{after}{DB}"
    assert not set_user(file, "web", "bob", present=True)
    assert set_user(file, "web", "bob", present=False)
    assert "bob" not in (users_in(file, "web") or ())
    assert file.read_text().endswith(DB)


@pytest.mark.parametrize(("text", "says"), [("services = 3\n", "there is no"), ("[", "not TOML")])
def test_where_there_is_no_such_service_none_is_begun(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=says):
        set_user(file, "web", "bob", present=True)
    assert file.read_text() == text
