"""Known values of secrets: where they are replaced, where they stay, where they are named."""

import pytest

from occ.domain.secrets.known import identifiers, is_sure, namesakes, strays, without_known
from occ.domain.spec import Mount, Port, Spec, Volume

LONG = "k8s-hunter2-x9"


def replaced(spec: Spec, value: str, *called: str) -> Spec:
    return without_known(spec, {"PW": value}, identifiers(spec, *called))


def test_a_long_value_is_taken_out_wherever_it_stands() -> None:
    found = replaced(
        Spec(
            env={"OPTS": f"-x {LONG}"},
            labels={"note": f"{LONG}!"},
            command=("sh", "-c", f"exec web --user u:{LONG} {LONG}"),
            entrypoint=(LONG,),
            engine={
                "Healthcheck": {"Test": ["CMD-SHELL", f"mysqladmin ping -uroot -p{LONG}"]},
                "LogConfig": {"Type": "json-file", "Config": {"tag": LONG}},
                "Annotations": {"a": f"{LONG}{{{{secret:PW}}}}"},
                "EndpointsConfig": {"front": {"Aliases": ["db"]}},
            },
        ),
        LONG,
    )
    assert LONG not in str(found)
    assert found.command[2] == "exec web --user u:{{secret:PW}} {{secret:PW}}"
    assert found.engine["Annotations"] == {"a": "{{secret:PW}}{{secret:PW}}"}
    assert found.engine["EndpointsConfig"] == {"front": {"Aliases": ["db"]}}


def test_of_two_values_the_longer_is_taken_out_first() -> None:
    spec = Spec(command=("hunter2-hunter2-long", "hunter2-hunter2"))
    values = {"SHORT": "hunter2-hunter2", "LONG": "hunter2-hunter2-long"}
    found = without_known(spec, values, frozenset())
    assert found.command == ("{{secret:LONG}}", "{{secret:SHORT}}")


def test_a_place_that_is_there_is_left_alone() -> None:
    spec = Spec(command=("{{secret:COMMAND_SECRET}}",))
    assert without_known(spec, {"PW": "COMMAND_SECRET"}, frozenset()) == spec


def test_postgres_keeps_its_user_database_and_checks() -> None:
    spec = Spec(
        env={"POSTGRES_USER": "postgres", "POSTGRES_DB": "postgres"},
        command=("postgres", "-c", "search_path=postgres"),
        volumes=(Volume(name="postgres", path="/var/lib/postgresql"),),
        engine={"Healthcheck": {"Test": ["CMD-SHELL", "pg_isready -U postgres"]}},
    )
    words = identifiers(spec, "postgres:15", "db")
    assert without_known(spec, {"PW": "postgres"}, words) == spec
    assert list(strays(spec, {"PW": "postgres"}, "postgres:15")) == []
    assert list(namesakes(spec, {"PW": "postgres"}, words)) == [
        ("PW", ("env.POSTGRES_USER", "env.POSTGRES_DB", "command", "engine.Healthcheck"))
    ]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("ab12", "{{secret:PW}}"),
        ("x ab12 y", "x ab12 y"),
        ("mysqladmin -uroot -pab12 ping", "mysqladmin -uroot -p{{secret:PW}} ping"),
        ("redis-cli -a ab12 ping", "redis-cli -a {{secret:PW}} ping"),
        ("curl -u 'ann:ab12' x", "curl -u 'ann:{{secret:PW}}' x"),
        ("curl --user ann:ab12", "curl --user ann:{{secret:PW}}"),
        ("curl --user ann:ab123", "curl --user ann:ab123"),
        ("cat -ab12", "cat -ab12"),
    ],
)
def test_a_short_value_is_told_by_where_it_stands(text: str, after: str) -> None:
    assert replaced(Spec(command=("sh", text)), "ab12").command == ("sh", after)


def test_a_word_of_the_declaration_is_the_password_behind_its_option_only() -> None:
    spec = Spec(command=("redis", "-a", "redis", "--port", "redis"))
    assert replaced(spec, "redis", "redis:7").command[1:3] == ("-a", "{{secret:PW}}")
    assert replaced(spec, "redis", "redis:7").command[4] == "redis"


def test_words_of_the_engine_are_no_passwords_by_chance() -> None:
    spec = Spec(engine={"IpcMode": "host", "LogConfig": {"Config": {"tag": "host"}}})
    assert replaced(spec, "host").engine == {
        "IpcMode": "host",
        "LogConfig": {"Config": {"tag": "{{secret:PW}}"}},
    }


@pytest.mark.parametrize(
    ("value", "sure"),
    [
        (LONG, True),
        ("correcthorsebattery", True),
        ("changeme", False),
        ("hunter2", False),
        ("12345678", True),
        ("web-data-1", False),
        ("/srv/web-1", False),
        ("example.test/shop:15", False),
        ("10.231.9.7", False),
        ("front-net-1", False),
        ("1000:1000", False),
        ("db_user_1", False),
        ("30008080", True),
    ],
)
def test_what_is_sure_to_be_a_secret(value: str, sure: bool) -> None:
    spec = Spec(
        ports=(Port(container=3000, host=8080),),
        volumes=(Volume(name="web-data-1", path="/data"),),
        mounts=(Mount(source="/srv/web-1", path="/web"),),
        env={"DB_USER": "db_user_1"},
        user="1000:1000",
        networks=("front-net-1",),
        engine={
            "EndpointsConfig": {"front": {"IPAMConfig": {"IPv4Address": "10.231.9.7"}}},
            "Mounts": [{"Source": "files", "Target": "/files"}],
        },
    )
    words = identifiers(spec, "example.test/shop:15", "shop")
    assert is_sure(value, words) is sure
    assert {"8080", "shop", "files", "15"} <= words


def test_what_stands_in_clear_for_sure_is_named_by_its_field() -> None:
    spec = Spec(env={"A": f"x{LONG}"}, labels={"b.c": LONG}, engine={"Annotations": {"d": LONG}})
    assert list(strays(spec, {"PW": LONG, "PIN": "1234"}, "web:1")) == [
        ("env.A", "PW"),
        ("labels.b.c", "PW"),
        ("engine.Annotations", "PW"),
    ]
