"""What may be written in the config, and what it means."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from occ.domain.engine_keys import ENGINE_KEYS
from occ.domain.rules import Rules
from occ.domain.schedules.auto import Auto
from occ.domain.schedules.calendar import Time, Window
from occ.domain.spec import Build, Health, Limits, Login, Mount, Port, Spec, Volume
from occ.errors import ConfigError
from occ.settings import Service, load
from occ.settings.as_table import table_of
from occ.settings.catalogue import SETTINGS
from occ.settings.default_config import DEFAULT_CONFIG
from occ.settings.keys.accounts import USERS, Accounts
from occ.settings.keys.addresses import shown
from occ.settings.keys.auto import AUTO
from occ.settings.keys.build import BUILD
from occ.settings.keys.health import HEALTH
from occ.settings.keys.limits import LIMITS
from occ.settings.keys.service import SERVICE
from occ.settings.keys.setting import Setting
from occ.settings.model import NotifyTarget

WEB = '[services.web]\nimage = "web"\n'


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Service]:
    """Read a config whose one service has the lines given."""

    def service(lines: str) -> Service:
        path = tmp_path / "config.toml"
        path.write_text(WEB + lines, "utf-8")
        return load({"HOME": "/home/me", "OCC_CONFIG": str(path)}).service("web")

    return service


SPECS: list[tuple[str, Spec]] = [
    ("", Spec()),
    ('ports = ["127.0.0.1:3000:80"]', Spec(ports=(Port(container=80, host=3000),))),
    ('ports = ["3000:80"]', Spec(ports=(Port(container=80, host=3000, address="127.0.0.1"),))),
    (
        'ports = ["0.0.0.0:3000:80"]',
        Spec(ports=(Port(container=80, host=3000, address="0.0.0.0"),)),
    ),
    (
        'ports = ["[::1]:3000:80/udp"]',
        Spec(ports=(Port(container=80, host=3000, address="::1", protocol="udp"),)),
    ),
    (
        'ports = ["[0::1]:53:53/TCP"]',
        Spec(ports=(Port(container=53, host=53, address="::1"),)),
    ),
    (
        'ports = ["53:53/tcp", "53:53/udp", "[::1]:53:53", "192.0.2.1:53:53"]',
        Spec(
            ports=(
                Port(container=53, host=53),
                Port(container=53, host=53, protocol="udp"),
                Port(container=53, host=53, address="::1"),
                Port(container=53, host=53, address="192.0.2.1"),
            )
        ),
    ),
    ('volumes = ["data:/var/lib/web"]', Spec(volumes=(Volume(name="data", path="/var/lib/web"),))),
    (
        'volumes = ["data://a//b/./c/:ro"]',
        Spec(volumes=(Volume(name="data", path="/a/b/c", read_only=True),)),
    ),
    ('volumes = ["data:/a:rw"]', Spec(volumes=(Volume(name="data", path="/a"),))),
    (
        'mounts = ["/srv/web/:/a:ro"]',
        Spec(mounts=(Mount(source="/srv/web", path="/a", read_only=True),)),
    ),
    ('mounts = ["~/web:/a"]', Spec(mounts=(Mount(source="/home/me/web", path="/a"),))),
    ('mounts = ["~:/a"]', Spec(mounts=(Mount(source="/home/me", path="/a"),))),
    (
        'env = { A = "1", B_2 = "", "discovery.type" = "x y" }',
        Spec(env={"A": "1", "B_2": "", "discovery.type": "x y"}),
    ),
    ('env.TLS_KEY = "/etc/ssl/web.key"', Spec(env={"TLS_KEY": "/etc/ssl/web.key"})),
    ('labels = { "org.example.team" = "web" }', Spec(labels={"org.example.team": "web"})),
    ('labels = { "occupied" = "no" }', Spec(labels={"occupied": "no"})),
    ('secrets = ["DB_PASSWORD", "TOKEN"]', Spec(secrets=("DB_PASSWORD", "TOKEN"))),
    ('restart = "no"', Spec(restart="no")),
    ('restart = "on-failure:5"', Spec(restart="on-failure:5")),
    ('command = ["serve", "--port", "80", ""]', Spec(command=("serve", "--port", "80", ""))),
    ('command = "sh -c \'a b\' \\"c d\\""', Spec(command=("sh", "-c", "a b", "c d"))),
    (
        "command = ['sh', '-c', 'serve --password=\"$PASSWORD\"']",
        Spec(command=("sh", "-c", 'serve --password="$PASSWORD"')),
    ),
    ('entrypoint = "/init"', Spec(entrypoint=("/init",))),
    ('user = "1000:1000"', Spec(user="1000:1000")),
    ('user = "web"', Spec(user="web")),
    ('networks = ["backend", "edge"]', Spec(networks=("backend", "edge"))),
    ('networks = ["host"]', Spec(networks=("host",))),
    ("stop_timeout = 90", Spec(stop_timeout_ms=90_000)),
    ('stop_timeout = "90s"', Spec(stop_timeout_ms=90_000)),
    ('stop_timeout = "2m"', Spec(stop_timeout_ms=120_000)),
    ('stop_timeout = "1h2m3s4ms"', Spec(stop_timeout_ms=3_723_004)),
    ('stop_timeout = "500ms"', Spec(stop_timeout_ms=500)),
    ("stop_timeout = 0", Spec(stop_timeout_ms=0)),
    ('limits.memory = "512m"', Spec(limits=Limits(memory_bytes=512 << 20))),
    ('limits.memory = "2GB"', Spec(limits=Limits(memory_bytes=2 << 30))),
    ("limits.memory = 8388608", Spec(limits=Limits(memory_bytes=8 << 20))),
    ('limits.cpus = "1.5"', Spec(limits=Limits(nano_cpus=1_500_000_000))),
    ("limits.cpus = 0.1", Spec(limits=Limits(nano_cpus=100_000_000))),
    ("limits = { cpus = 2, pids = 100 }", Spec(limits=Limits(nano_cpus=2_000_000_000, pids=100))),
    ("engine = { ShmSize = 67108864 }", Spec(engine={"ShmSize": 67108864})),
    ("engine.Init = true", Spec(engine={"Init": True})),
    ('engine.CapAdd = ["NET_ADMIN"]', Spec(engine={"CapAdd": ["NET_ADMIN"]})),
    (
        'engine.Sysctls."net.core.somaxconn" = "1024"',
        Spec(engine={"Sysctls": {"net.core.somaxconn": "1024"}}),
    ),
    ('health = { interval = "500ms" }', Spec(health=Health(interval_ms=500))),
    (
        'health = { timeout = 300, min_healthy = "1m", restarts_allowed = 2 }',
        Spec(health=Health(timeout_ms=300_000, min_healthy_ms=60_000, restarts_allowed=2)),
    ),
    (
        'health = { path = "/h?deep=1", port = 81, expect_status = 204 }',
        Spec(health=Health(path="/h?deep=1", port=81, expect_status=204)),
    ),
    (
        'ports = ["80:80"]\nhealth = { path = "/", version_field = "a.b", version_label = "v" }',
        Spec(
            ports=(Port(container=80, host=80),),
            health=Health(path="/", port=80, version_field="a.b", version_label="v"),
        ),
    ),
    (
        (
            'ports = ["80:80"]\nsecrets = ["PIN", "NAME"]\n[services.web.health]\npath = "/"\n'
            'probe_timeout = "5s"\nscheme = "https"\nhost = "web.example.org:8443"\n'
            'ca_file = "~/tls/../ca.pem"\nexpect_body = "ready"\n'
            'auth = { user = "{{secret:NAME}}", secret = "PIN" }\n'
            'headers = { Accept = "text/plain", X-Api-Key = "{{secret:PIN}}" }\n'
        ),
        Spec(
            ports=(Port(container=80, host=80),),
            secrets=("PIN", "NAME"),
            health=Health(
                path="/",
                port=80,
                probe_timeout_ms=5_000,
                scheme="https",
                host="web.example.org:8443",
                ca_file="/home/me/ca.pem",
                expect_body="ready",
                auth=Login(user="{{secret:NAME}}", secret="PIN"),
                headers={"Accept": "text/plain", "X-Api-Key": "{{secret:PIN}}"},
            ),
        ),
    ),
    (
        'ports = ["80:80"]\nhealth = { path = "/", scheme = "https", insecure = true }',
        Spec(
            ports=(Port(container=80, host=80),),
            health=Health(path="/", port=80, scheme="https", insecure=True),
        ),
    ),
    (
        'ports = ["80:80", "[::1]:80:80", "53:53/udp"]\nhealth.path = "/h"',
        Spec(
            ports=(
                Port(container=80, host=80),
                Port(container=80, host=80, address="::1"),
                Port(container=53, host=53, protocol="udp"),
            ),
            health=Health(path="/h", port=80),
        ),
    ),
]


@pytest.mark.parametrize(("lines", "spec"), SPECS, ids=[lines for lines, _ in SPECS])
def test_what_is_written_becomes_the_spec(
    read: Callable[[str], Service], lines: str, spec: Spec
) -> None:
    assert read(lines).spec == spec


def test_users_belong_to_the_service_and_not_to_its_spec(read: Callable[[str], Service]) -> None:
    service = read('users = ["alice", "_svc", "machine$"]')
    assert service.users == ("alice", "_svc", "machine$")
    assert service.spec == Spec()


def test_every_spec_can_be_kept_by_the_journal(read: Callable[[str], Service]) -> None:
    digests = {read(lines).spec.digest() for lines, _ in SPECS}
    assert len(digests) > 40


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("web", "web:latest"),
        ("registry.example:5000/team/web:1.2", "registry.example:5000/team/web:1.2"),
        (f"web@sha256:{'a' * 64}", f"web@sha256:{'a' * 64}"),
    ],
)
def test_an_image_has_its_tag_in_full(tmp_path: Path, written: str, meant: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[services.web]\nimage = "{written}"\npull = "never"\n', "utf-8")
    service = load({"OCC_CONFIG": str(path)}).service()
    assert (service.reference, service.pull) == (meant, "never")


@pytest.mark.parametrize(
    ("written", "file"),
    [("web.env", "web.env"), ("~/web.env", "/home/me/web.env"), ("/etc/web.env", "/etc/web.env")],
)
def test_a_relative_secrets_file_lies_beside_the_config(
    read: Callable[[str], Service], tmp_path: Path, written: str, file: str
) -> None:
    service = read(f'secrets = ["TOKEN"]\nsecrets_file = "{written}"')
    assert service.secrets_file == tmp_path / file


def test_users_are_a_list_or_a_table_that_says_what_becomes_of_passwords(
    read: Callable[[str], Service],
) -> None:
    listed = read('users = ["ann", "bob"]\n')
    assert (listed.users, listed.passwords) == (("ann", "bob"), "keep")
    table = read('[services.web.users]\nnames = ["ann"]\npasswords = "reset"\n')
    assert (table.users, table.passwords) == (("ann",), "reset")


def test_an_image_is_built_where_that_is_declared(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        "[services.web.build]\n"
        'context = "image"\ndockerfile = "docker/Web"\nargs = { COLOUR = "blue" }\n'
        'target = "small"\npull = true\n'
    )
    service = load({"OCC_CONFIG": str(path)}).service("web")
    assert service.reference == "occ.local/build/web:latest"
    assert service.build == Build(
        context=str(tmp_path / "image"),
        dockerfile="docker/Web",
        args={"COLOUR": "blue"},
        target="small",
        pull=True,
    )


def test_every_key_of_the_table_is_read(read: Callable[[str], Service]) -> None:
    """A key in the table that the parser forgot would be accepted and do nothing."""
    elsewhere = "image pull build context dockerfile args target users names passwords "
    elsewhere += "secrets_file journal services store container "
    elsewhere += (
        "snapshot_volumes snapshot_timeout snapshot_dir snapshot snapshot_required put_back "
        "proven_timeout hold_after_rollback "
        "keep_last keep_within keep_healthy max_bytes min_free keep_images "
        "rehearse rehearse_required "
        "rehearse_data rehearse_binds rehearse_networks rehearse_env rehearse_secrets "
        "rehearse_check after auto enabled schedule window timezone min_age missed jitter "
        "max_per_week take_over apply "
        "notify webhook plain apprise sign token timeout events heartbeat metrics_file "
        "accept accept_timeout on_unknown defer max_wait after_wait program_env hooks pre_update "
        "when_idle count_path "
        "pre_stop post_start post_health run undo in timeout once"
        "pre_stop post_start post_health run undo in timeout once "
    )
    written = " ".join(lines for lines, _ in SPECS) + elsewhere
    assert [row.key for row in SETTINGS if row.key.rpartition(".")[2] not in written] == []


def test_the_keys_of_snapshots_are_read_and_are_no_part_of_the_spec(
    read: Callable[[str], Service],
) -> None:
    plain = read("")
    assert (plain.snapshot_volumes, plain.snapshot_timeout_ms) == ((), 3_600_000)
    chosen = read('snapshot_volumes = ["web-data", "/srv//web/"]\nsnapshot_timeout = "5m"')
    assert chosen.snapshot_volumes == ("web-data", "/srv/web")
    assert chosen.snapshot_timeout_ms == 300_000
    assert (plain.snapshot, plain.snapshot_required, plain.put_back) == ("", False, "restore")
    chosen = read('snapshot = "never"\nsnapshot_required = true\nput_back = "keep"')
    assert (chosen.snapshot, chosen.snapshot_required, chosen.put_back) == ("never", True, "keep")
    assert plain.hold_after_rollback == "until-newer"
    for word in ("until-newer", "until-released", "no"):
        chosen = read(f'hold_after_rollback = "{word}"')
        assert chosen.hold_after_rollback == word
    assert chosen.spec == plain.spec
    assert chosen.spec.digest() == plain.spec.digest()


def test_the_keys_of_rehearsals_are_read_and_are_no_part_of_the_spec(
    read: Callable[[str], Service],
) -> None:
    plain = read("")
    assert (plain.rehearse, plain.rehearse_required, plain.rehearse_data) == (False, False, "")
    assert (plain.rehearse_binds, plain.rehearse_networks) == ("", ())
    assert (plain.rehearse_env, plain.rehearse_secrets, plain.rehearse_check) == ({}, None, ())
    chosen = read(
        'rehearse = true\nrehearse_required = true\nrehearse_data = "live"\n'
        'rehearse_binds = "ro"\nrehearse_networks = ["db"]\nrehearse_env = { DB = "trial" }\n'
        'rehearse_secrets = []\nrehearse_check = "ask --all"'
    )
    assert (chosen.rehearse, chosen.rehearse_required, chosen.rehearse_data) == (True, True, "live")
    assert (chosen.rehearse_binds, chosen.rehearse_networks) == ("ro", ("db",))
    assert (chosen.rehearse_env, chosen.rehearse_secrets) == ({"DB": "trial"}, ())
    assert chosen.rehearse_check == ("ask", "--all")
    assert chosen.spec.digest() == plain.spec.digest()


def test_the_time_for_a_start_that_went_well_before_is_a_word_or_a_duration(
    read: Callable[[str], Service],
) -> None:
    plain = read("")
    assert plain.proven_timeout == "learned"
    assert read('proven_timeout = "timeout"').proven_timeout == "timeout"
    chosen = read('proven_timeout = "1m30s"')
    assert chosen.proven_timeout == 90_000
    assert read("proven_timeout = 20").proven_timeout == 20_000
    assert chosen.spec.digest() == plain.spec.digest()
    assert table_of(chosen)["proven_timeout"] == "90s"
    assert "proven_timeout" not in table_of(plain)


def test_the_rules_of_retention_are_read(read: Callable[[str], Service]) -> None:
    assert read("").rules == Rules(
        keep_last=5, keep_within_ms=0, keep_healthy=0, max_bytes=0, min_free=0, keep_images=0
    )
    chosen = read(
        'keep_last = 0\nkeep_within = "14d"\nkeep_healthy = 2\nmax_bytes = "50g"\nmin_free = 7\n'
        "keep_images = 3"
    )
    assert chosen.rules == Rules(
        keep_last=0,
        keep_within_ms=1_209_600_000,
        keep_healthy=2,
        max_bytes=53_687_091_200,
        min_free=7,
        keep_images=3,
    )
    assert read("keep_within = 90").rules.keep_within_ms == 90_000
    assert table_of(chosen)["keep_within"] == "14d"
    assert (table_of(chosen)["max_bytes"], table_of(chosen)["keep_last"]) == ("50g", 0)
    assert table_of(chosen)["keep_images"] == 3


def test_the_folder_of_snapshots_starts_at_the_config(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('snapshot_dir = "kept"\n[services.web]\nimage = "web"\n')
    assert load({"HOME": "/home/me"}, config=str(config)).snapshot_dir == tmp_path / "kept"
    config.write_text('[services.web]\nimage = "web"\n')
    assert load({"HOME": "/home/me"}, config=str(config)).snapshot_dir is None


@pytest.mark.parametrize(
    ("rows", "holders", "others"),
    [
        # No row names these: the service's name is in the header, `users` is two fields at once.
        (SERVICE, (Spec, Service), {"name", "spec", "users", "passwords"}),
        (LIMITS, (Limits,), set()),
        (HEALTH, (Health,), set()),
        (BUILD, (Build,), set()),
        (USERS, (Accounts,), set()),
        (AUTO, (Auto,), set()),
    ],
    ids=["service", "limits", "health", "build", "users", "auto"],
)
def test_every_row_names_a_field_and_every_field_has_a_row(
    rows: Sequence[Setting], holders: Sequence[Any], others: set[str]
) -> None:
    named = [row.field_name for row in rows if row.key != "users"]
    held = [field.name for holder in holders for field in fields(holder)]
    assert sorted(named) == sorted(set(held) - others)


@pytest.mark.parametrize(
    "row",
    [row for row in SETTINGS if row.default.startswith("`") and row.key.startswith("services.")],
    ids=lambda row: str(row.key),
)
def test_a_default_that_is_told_is_the_one_that_is_meant(
    read: Callable[[str], Service], row: tuple[str, str, str, str]
) -> None:
    key = row[0].removeprefix("services.NAME.")
    needed = 'ports = ["80:80"]\nhealth.path = "/"\n'
    if "hooks.PLACE" in key:
        needed += 'hooks.pre_stop.run = ["/on"]\n'
        key = key.replace("PLACE", "pre_stop")
    needed += 'build.context = "."\n' if key.startswith("build.") else ""
    assert read(f"{needed}{key} = {row[2].strip('`')}") == read(needed)


def test_the_default_service_is_opencode_on_loopback_with_its_seven_volumes(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(DEFAULT_CONFIG, "utf-8")
    written = load({"OCC_CONFIG": str(path)}).service()
    spec = written.spec
    assert (written.name, written.pull) == ("opencode", "always")
    assert written.reference == "ghcr.io/prizz/opencode-cloud-sandbox:latest"
    assert [str(port) for port in spec.ports] == ["127.0.0.1:3000:3000"]
    assert {volume.name: volume.path for volume in spec.volumes} == {
        "opencode-data": "/home/opencoder/.local/share/opencode",
        "opencode-state": "/home/opencoder/.local/state/opencode",
        "opencode-cache": "/home/opencoder/.cache/opencode",
        "opencode-workspace": "/home/opencoder/workspace",
        "opencode-config": "/home/opencoder/.config/opencode",
        "opencode-ssh": "/home/opencoder/.ssh",
        "opencode-users": "/var/lib/opencode-users",
    }
    assert (spec.health.path, spec.health.port) == ("/global/health", 3000)
    assert (spec.health.version_field, spec.health.version_label) == ("version", "")
    assert spec.engine == {"Init": True}


PROTECTED = 'ports = ["1:1"]\nhealth.path = "/global/health"\nsecrets = ["OPENCODE_SERVER_PASSWORD"'
OURS = Login(user="opencode", secret="OPENCODE_SERVER_PASSWORD")


@pytest.mark.parametrize(
    ("lines", "login"),
    [
        (f"{PROTECTED}]", OURS),
        (f'{PROTECTED}]\nenv.OPENCODE_SERVER_USERNAME = "ann"', replace(OURS, user="ann")),
        (
            f'{PROTECTED}, "OPENCODE_SERVER_USERNAME"]',
            replace(OURS, user="{{secret:OPENCODE_SERVER_USERNAME}}"),
        ),
        (f"{PROTECTED}]\nhealth.expect_status = 401", Login()),
        (
            f'{PROTECTED}, "PIN"]\nhealth.auth = {{ user = "ann", secret = "PIN" }}',
            Login(user="ann", secret="PIN"),
        ),
        (f"{PROTECTED}]".replace("/global/health", "/health"), Login()),
        (f"{PROTECTED}]".replace("PASSWORD", "PIN"), Login()),
        (f'{PROTECTED}]\nhealth.headers.Accept = "a/b"', OURS),
    ],
)
def test_the_password_of_opencode_s_server_goes_to_the_probe_by_itself(
    read: Callable[[str], Service], lines: str, login: Login
) -> None:
    assert read(lines).spec.health.auth == login


@pytest.mark.parametrize(("key", "kind"), ENGINE_KEYS.items(), ids=ENGINE_KEYS)
def test_every_key_of_the_engine_takes_its_kind(
    read: Callable[[str], Service], key: str, kind: str
) -> None:
    value = {"bool": "true", "int": "7", "str": '"a"', "list": '["a"]', "dict": '{ a = "b" }'}
    assert list(read(f"engine.{key} = {value[kind]}").spec.engine) == [key]
    others = {"bool", "int", "str", "list", "dict"} - {kind}
    for other in others:
        with pytest.raises(ConfigError, match=f"engine.{key} = .* is wanted, not"):
            read(f"engine.{key} = {value[other]}")


TARGETS = """
heartbeat = "https://hc.example/{{secret:PING}}"
metrics_file = "occ.prom"
[services.web]
image = "web"
[notify.phone]
plain = "https://ntfy.example/web-updates"
token = "{{secret:NTFY_TOKEN}}"
events = ["failed", "done"]
[notify.room]
webhook = "https://hooks.example/services/{{secret:ROOM}}"
sign = "{{secret:ROOM_KEY}}"
[notify.mail]
command = ["/usr/local/bin/occ-mail", "ops"]
secrets = ["SMTP_PASSWORD"]
timeout = "30s"
[notify.chat]
apprise = "{{secret:CHAT}}"
"""


def test_targets_are_read_with_the_places_of_their_secrets(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(TARGETS)
    read = load({"HOME": "/home/me"}, config=str(tmp_path / "config.toml"))
    assert read.notify == {
        "phone": NotifyTarget(
            name="phone",
            plain="https://ntfy.example/web-updates",
            token="{{secret:NTFY_TOKEN}}",
            events=("failed", "done"),
        ),
        "room": NotifyTarget(
            name="room",
            webhook="https://hooks.example/services/{{secret:ROOM}}",
            sign="{{secret:ROOM_KEY}}",
        ),
        "mail": NotifyTarget(
            name="mail",
            command=("/usr/local/bin/occ-mail", "ops"),
            secrets=("SMTP_PASSWORD",),
            timeout_ms=30_000,
        ),
        "chat": NotifyTarget(name="chat", apprise="{{secret:CHAT}}"),
    }
    assert read.notify["mail"].events == ("failed", "needs_person", "done_by_auto")
    assert read.heartbeat == "https://hc.example/{{secret:PING}}"
    assert read.metrics_file == tmp_path / "occ.prom"


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("https://hooks.example/a/b?c=d", "https://hooks.example"),
        ("http://10.0.0.1:8080/x", "http://10.0.0.1:8080"),
        ("{{secret:CHAT}}", "{{secret:CHAT}}"),
        ("https://{{secret:USER}}@mail.example/x", "https://mail.example"),
        ("mailto://mail.example", "mailto://mail.example"),
    ],
)
def test_an_address_is_shown_by_scheme_and_host_alone(address: str, wanted: str) -> None:
    assert shown(address) == wanted


def test_how_a_service_is_kept_up_to_date(read: Callable[[str], Service]) -> None:
    assert read("").auto == Auto()
    lines = (
        'schedule = ["Mon..Wed,Sat 03:30", "23:05"]\nwindow = "Sat,Sun 22:00-04:00"\n'
        'timezone = "Europe/Berlin"\nmin_age = "3d"\nmissed = "skip"\njitter = "30m"\n'
        'max_per_week = 2\ntake_over = "30m"\napply = true\nenabled = true\n'
    )
    chosen = read(f"[services.web.auto]\n{lines}")
    assert chosen.auto == Auto(
        enabled=True,
        schedule=(
            Time(days=frozenset({0, 1, 2, 5}), minute=210),
            Time(days=frozenset(range(7)), minute=1385),
        ),
        window=Window(opens=Time(days=frozenset({5, 6}), minute=1320), closes=240),
        timezone="Europe/Berlin",
        min_age_ms=3 * 24 * 3_600_000,
        missed="skip",
        jitter_ms=1_800_000,
        max_per_week=2,
        take_over_ms=1_800_000,
        apply=True,
    )
    assert table_of(chosen)["auto"] == {
        "enabled": True,
        "schedule": ["Mon..Wed,Sat 03:30", "23:05"],
        "window": "Sat,Sun 22:00-04:00",
        "timezone": "Europe/Berlin",
        "min_age": "3d",
        "missed": "skip",
        "jitter": "1800s",
        "max_per_week": 2,
        "take_over": "1800s",
        "apply": True,
    }
    assert table_of(read('auto.schedule = "Sun,Sat,Mon 04:00"'))["auto"] == {
        "schedule": "Mon,Sat,Sun 04:00"
    }


def test_services_are_ordered(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'{WEB}after = ["db"]\n[services.db]\nimage = "db"\n', "utf-8")
    services = load({"OCC_CONFIG": str(path)}).services
    assert (services["web"].after, services["db"].after) == (("db",), ())
    assert table_of(services["web"])["after"] == ["db"]
