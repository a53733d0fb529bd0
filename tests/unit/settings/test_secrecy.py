"""What counts as a secret, and that it does not come through."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from occ.domain.secrets.secrecy import (
    clean,
    clean_argv,
    holds_secret,
    looks_secret,
    redact,
    redact_bytes,
    suspects,
)

NAMES = st.sampled_from(["DB_PASSWORD", "password", "api-token", "X.Api-Key", "MYSQL_PWD"])
IN_A_URL = st.text("abcXYZ019-_~!*+,%^=.", min_size=8, max_size=30)
ANY_WORD = st.text("abcXYZ019-_~!*+,%^=.@:/#?", min_size=8, max_size=30)


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD",
        "DB_PASSWORD",
        "PGPASSWORD",
        "MYSQL_PWD",
        "GITHUB_TOKEN",
        "csrfToken",
        "CLIENT_SECRET",
        "AWS_SECRET_ACCESS_KEY",
        "X-Api-Key",
        "apikey",
        "splunk-token",
        "requirepass",
        "GOOGLE_CREDENTIALS",
        "SECRET_KEY_BASE",
        "AccountKey",
        "accessKey",
        "SharedAccessKey",
        "SECRETKEY",
        "privateKey",
        "DBPASS",
        "MYSQLPASS",
        "dbPwd",
        "ADMIN_PASSWORDS",
        "PASSWORD1",
        "API_TOKEN_2",
        "API_KEYS",
        "GITHUB_PAT",
        "SALT",
        "CREDS_IV",
        "APP_KEYS",
        "API_TOKEN_SALT",
        "PLEX_CLAIM",
        "PASSWORD_HASH",
        "DISCORD_WEBHOOK_URL",
        "WATCHTOWER_NOTIFICATION_URL",
        "REDISCLI_AUTH",
        "BASIC_AUTH",
        "NEO4J_AUTH",
        "RABBITMQ_ERLANG_COOKIE",
        "traefik.http.middlewares.a.basicauth.users",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "PWD",
        "PATH",
        "MAX_TOKENS",
        "AWS_ACCESS_KEY_ID",
        "DB_PASSWORD_FILE",
        "SSH_PUBLIC_KEY",
        "no-password",
        "ALLOW_EMPTY_PASSWORD",
        "MONKEY",
        "key",
        "compass",
        "bypass",
        "passwords",
        "users.passwords",
        "primaryKey",
        "SharedAccessKeyName",
        "spat",
        "WEBHOOK_URL",
        "AUTHORIZED_KEYS",
        "OAUTH",
        "POSTGRES_HOST_AUTH_METHOD",
        "sshd-public-key",
        "",
    ],
)
def test_names_that_only_sound_like_it(name: str) -> None:
    assert not looks_secret(name)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("--password=x", "--password=***"),
        ("--password x y", "--password *** y"),
        ('--password "x y" z', "--password *** z"),
        ('--password="x', "--password=***"),
        ("--password=a&b", "--password=***"),
        ("-e=DB_PASSWORD=x", "-e=DB_PASSWORD=***"),
        ("exec DB_PASSWORD=foo app", "exec DB_PASSWORD=*** app"),
        ("X-Api-Key: abc", "X-Api-Key: ***"),
        ("Authorization: Bearer abcdefghij", "Authorization: Bearer ***"),
        ("postgres://u:pw@h/x", "postgres://u:***@h/x"),
        ("redis://:p@ss@h", "redis://:***@h"),
        ("https://ghp_0123456789abcdefghij@github.com/x", "https://***@github.com/x"),
        ("sh -c 'app --password=\"$PW\"; exit'", "sh -c 'app --password=\"$PW\"; exit'"),
        ("TOKEN=$TOKEN; app", "TOKEN=$TOKEN; app"),
        ("postgres://u:${PW}@h/x", "postgres://u:${PW}@h/x"),
        ("--tls-key=/etc/ssl/web.pem", "--tls-key=/etc/ssl/web.pem"),
        ("--tls-key=c2VjcmV0", "--tls-key=***"),
        ("DB_PASSWORD=", "DB_PASSWORD="),
        ("--password --verbose", "--password --verbose"),
        ("http://npm:4873/@scope/x", "http://npm:4873/@scope/x"),
        ("http://secret:8080/", "http://secret:8080/"),
        ("ssh://git@github.com/x", "ssh://git@github.com/x"),
        ('{"password": "hunter22"}', '{"password": ***}'),
        ('{"password":"hun\\"ter","user":"x"}', '{"password":***,"user":"x"}'),
        ("{'api_key': 'x', 'b': 'y'}", "{'api_key': ***, 'b': 'y'}"),
        ('"{\\"apiKey\\":\\"x y\\",\\"b\\":1}"', '"{\\"apiKey\\":***,\\"b\\":1}"'),
        ('{"apiKeys": ["x", "y"], "b": 1}', '{"apiKeys": ***, "b": 1}'),
        ('{"password":\n  "x"}', '{"password":\n  ***}'),
        ('{"pin": 1, "password" : 1234}', '{"pin": 1, "password" : ***}'),
        ('"password": hunter22\nuser: x', '"password": ***\nuser: x'),
        ('got "password": "hunter22 and no', 'got "password": ***'),
        ('{password:"x",user:"y"}', '{password:***,user:"y"}'),
        ("'password' => 'x', 'b' => 'y'", "'password' => ***, 'b' => 'y'"),
        ('password = "x y" # z', "password = *** # z"),
        ("db.password : x", "db.password : ***"),
        ("AccountName=a;AccountKey=Zm9v/YmFy==;x=y", "AccountName=a;AccountKey=***"),
        ("REQUIRE_PASSWORD=hunter2", "REQUIRE_PASSWORD=***"),
        ("push ghp_0123456789abcdefghij now", "push *** now"),
        ("(github_pat_11ABCDEFG0123456789_abc)", "(***)"),
        ('"sk-ant-api03-abcdefghijkl"', '"***"'),
        ("xoxb-1234567890-abc, xoxp-1234567890-abc", "***, ***"),
        ("as AKIAIOSFODNN7EXAMPLE", "as ***"),
        ('{"apiKey":"{env:OPENAI_API_KEY}"}', '{"apiKey":"{env:OPENAI_API_KEY}"}'),
        ('{"token": null, "secret": {"a": 1}}', '{"token": null, "secret": {"a": 1}}'),
        ('env.DB_PASSWORD = "***": it is', 'env.DB_PASSWORD = "***": it is'),
        ('"DB_PASSWORD": it stands there', '"DB_PASSWORD": it stands there'),
        ('web.users.passwords = "keep"', 'web.users.passwords = "keep"'),
        (
            "a risk-averse, task-based-on-0123456789abc",
            "a risk-averse, task-based-on-0123456789abc",
        ),
        ("the sk-learn-pipeline-service", "the sk-learn-pipeline-service"),
        ("ALLOW_EMPTY_PASSWORD=1", "ALLOW_EMPTY_PASSWORD=1"),
        ("chpasswd: (line 1) no user", "chpasswd: (line 1) no user"),
        ('{"max_tokens": 4096}', '{"max_tokens": 4096}'),
        ("app:hunter2@tcp(db:3306)/x", "app:***@tcp(db:3306)/x"),
        ("say discord://t0ken@1234 now", "say discord://*** now"),
        ("https://discord.com/api/webhooks/12/abc", "https://discord.com/api/webhooks/***"),
        ("https://hooks.slack.com/services/T0/B0/x", "https://hooks.slack.com/services/***"),
        ("ann:$apr1$abcdefgh$0123456789,bob", "ann:***"),
        ("$2y$05$abcdefghijklmnop", "***"),
        ("--user=ann --password={{secret:A}}", "--user=ann --password={{secret:A}}"),
        ("ntfy sends over tcp(4)", "ntfy sends over tcp(4)"),
    ],
)
def test_text_is_cleaned(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("argv", "cleaned"),
    [
        (["occ", "--token", "abc"], ("occ", "--token", "***")),
        (["--password=correct horse"], ("--password=***",)),
        (["-p", "--password", "--x"], ("-p", "--password", "--x")),
        (["--no-password", "serve"], ("--no-password", "serve")),
        (["--journal", "postgresql://occ:pw@db/occ"], ("--journal", "postgresql://occ:***@db/occ")),
        ([], ()),
    ],
)
def test_words_are_cleaned(argv: list[str], cleaned: tuple[str, ...]) -> None:
    assert clean_argv(argv) == cleaned


@pytest.mark.parametrize(
    ("name", "value", "holds"),
    [
        ("DB_PASSWORD", "hunter2", True),
        ("DB_URL", "postgres://u:pw@h/x", True),
        ("JAVA_OPTS", "-Dx.password=abc", True),
        ("DB_PASSWORD", "", False),
        ("USE_TOKEN", "false", False),
        ("TLS_KEY", "/etc/ssl/web.key", False),
        ("DB_PASSWORD", "/run/secrets/db", False),
        ("DB_URL", "postgres://h/x", False),
        ("REQUIRE_PASSWORD", "hunter2", True),
        ("REQUIRE_PASSWORD", "yes", False),
        ("ALLOW_EMPTY_PASSWORD", "1", False),
        ("SSH_PUBLIC_KEY", "ssh-ed25519 AAAA", False),
        ("homepage.widget.key", "{{HOMEPAGE_VAR_KEY}}", False),
        ("homepage.widget.key", "{{ HOMEPAGE_VAR_KEY }}x", True),
        ("NEO4J_AUTH", "none", False),
        ("NEO4J_AUTH", "neo4j/{{secret:DB}}", False),
        ("API_TOKEN", "Bearer {{secret:A}}", False),
        ("API_TOKEN", "Bearer {{secret:A}}x", True),
        ("CONTENT", '{"provider":{"x":{"options":{"apiKey":"sk-1"}}}}', True),
        ("CONTENT", '{"provider":{"x":{"options":{"apiKey":"{env:X_KEY}"}}}}', False),
    ],
)
def test_a_named_value_holds_a_secret(name: str, value: str, holds: bool) -> None:
    assert holds_secret(name, value) is holds


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("curl --token 'a b' x", [("token", "a b")]),
        ("redis-cli --pass hunter2 ping", [("pass", "hunter2")]),
        ('{"apiKey": "x", "url": "http://u:p@h"}', [("apiKey", "x"), ("", "p")]),
        ("nothing here", []),
    ],
)
def test_what_looks_like_a_secret_is_found_without_its_quotes(
    text: str, found: list[tuple[str, str]]
) -> None:
    assert [(one.name, text[one.start : one.end]) for one in suspects(text)] == found


def test_redact_takes_out_every_value_and_its_lines() -> None:
    text = "login with hunter22 failed\nBEGIN-KEY\nabcdefgh\nEND-KEY"
    hidden = redact(text, ["hunter22", "BEGIN-KEY\nabcdefgh\nEND-KEY\n", "in"])
    assert hidden == "login with *** failed\n***\n***\n***"


@given(st.text(), st.lists(st.text(alphabet="abc.*+[", min_size=4)))
def test_no_value_comes_through_redact(text: str, values: list[str]) -> None:
    hidden = redact(text + "".join(values) + text, values)
    assert not [value for value in values if value in hidden.replace("***", "\0")]


@given(NAMES, ANY_WORD, st.sampled_from(["{}={}", "--{}={}", "say {}={} x", "{}: {}"]))
def test_no_value_of_a_secret_name_comes_through(name: str, value: str, form: str) -> None:
    assume(holds_secret(name, value))
    assert value not in clean(form.format(name, value))


@given(NAMES, st.text(min_size=8))
def test_no_word_of_a_secret_option_comes_through(name: str, value: str) -> None:
    assume(holds_secret(name, value) and value.strip() == value and value[0] not in "-\"'$")
    assert value not in "\0".join(clean_argv(["run", f"--{name}", value, "x"]))


@given(IN_A_URL, st.sampled_from(["postgres://web:{}@db/web", "see redis://:{}@h:1/0 now"]))
def test_no_password_of_a_url_comes_through(value: str, form: str) -> None:
    text = form.format(value)
    assert value not in clean(text)
    assert holds_secret("ADDRESS", text)


@given(st.binary(), st.lists(st.text("abcü\x85", min_size=4), max_size=3), st.binary())
def test_no_value_comes_through_bytes(before: bytes, values: list[str], after: bytes) -> None:
    line = before + b"".join(value.encode() for value in values) + after
    hidden = redact_bytes(line, values)
    assert not [value for value in values if value.encode() in hidden.replace(b"***", b"\0")]
    assert redact_bytes(line, []) == line


@given(st.text())
def test_any_text_can_be_cleaned_and_is_clean_then(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(
    st.sampled_from(["password", "apiKey", "DB_PASSWORD"]),
    st.text(min_size=4),
    st.sampled_from(["{{{}: {}}}", '{{"a": 1, {}:{}, "b": [1]}}', "got {} : {}"]),
)
def test_no_value_of_a_key_of_json_comes_through(name: str, value: str, form: str) -> None:
    assume(holds_secret(name, value) and value.strip("\\\"'[] ") == value)
    text = form.format(json.dumps(name), json.dumps(value))
    assert json.dumps(value)[1:-1] not in clean(text)
    assert json.dumps(json.dumps(value))[3:-3] not in clean(json.dumps(text))


@pytest.mark.parametrize(
    "part",
    [
        "token=",
        "token = ",
        '"token":"',
        "'token': ",
        '\\"token\\":\\"',
        '"token":[',
        '"token":"\\',
        "token:" + " " * 50,
        "password1",
        "ghp_",
        "sk-",
        "a:",
        "a.webhook.",
        "$2y$",
        "discord://",
        "{{a",
        "xoxb-",
        "A" * 9 + "KIA",
        "\\",
        '"',
        "'\n",
    ],
)
def test_long_text_of_any_kind_is_cleaned_in_a_line_of_time(part: str) -> None:
    # Each would be minutes if its length counted twice.
    assert clean(part * (1_000_000 // len(part)))


def test_long_text_is_cleaned_in_a_line_of_time() -> None:
    # Would be minutes if any pattern went back over the text for each of its characters.
    assert clean("a.-" * 200_000 + "a=" * 50_000 + "://a:" * 50_000)
