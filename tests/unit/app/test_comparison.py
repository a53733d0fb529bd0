"""What the config would change in the version that runs, line by line."""

from dataclasses import replace

from occ.app.view.comparison import spec_difference
from occ.domain.request import Version
from occ.domain.spec import Limits, Mount, Port, Spec, Volume
from occ.domain.versions import Ledger
from occ.settings import Service

SPEC = Spec(ports=(Port(container=80, host=8080),), env={"COLOUR": "blue"})
WEB = Service(name="web", reference="web:1", spec=SPEC, users=("ann", "bob"))
BROUGHT = Volume(name="web.data", path="/data")


def told(wanted: Service, *, runs: Spec = SPEC, users: tuple[str, ...] = ("bob", "ann")) -> str:
    version = Version(number=3, image="sha256:1", reference="web:1", spec=runs)
    ledger = Ledger(users=users)
    lines = spec_difference(wanted, version, ledger, "/etc/occ/config.toml").splitlines()
    return "\n".join(line for line in lines if line[0] in "+-")


def test_the_same_is_no_difference_in_whatever_order_users_are_named() -> None:
    assert told(WEB) == ""


def test_a_volume_that_the_image_brought_is_none() -> None:
    assert told(WEB, runs=replace(SPEC, volumes=(BROUGHT,))) == ""


def test_a_mount_in_its_place_is_one_and_so_is_a_volume_of_the_configs() -> None:
    there = replace(SPEC, volumes=(BROUGHT,))
    mounted = replace(SPEC, mounts=(Mount(source="/srv", path="/data"),))
    assert told(replace(WEB, spec=mounted), runs=there).splitlines()[2:] == [
        '-volumes = ["web.data:/data"]',
        '+mounts = ["/srv:/data"]',
    ]
    own = replace(SPEC, volumes=(Volume(name="mine", path="/data"),))
    assert '-volumes = ["mine:/data"]' in told(WEB, runs=own)


def test_values_are_shown_as_people_write_them() -> None:
    wanted = replace(SPEC, env={"COLOUR": "red"}, limits=Limits(memory_bytes=512 << 20))
    assert told(replace(WEB, spec=wanted, users=("ann",))).splitlines() == [
        "--- version 3",
        "+++ /etc/occ/config.toml",
        '-users = ["bob", "ann"]',
        '+users = ["ann"]',
        '-COLOUR = "blue"',
        '+COLOUR = "red"',
        "+",
        "+[services.web.limits]",
        '+memory = "512m"',
    ]


def test_the_name_of_the_container_is_a_difference_where_it_is_another_one() -> None:
    version = Version(number=3, image="sha256:1", reference="web:1", spec=SPEC)
    named = replace(WEB, called="A5")
    for ledger, service, lines in (
        (Ledger(users=WEB.users), named, ['+container = "A5"']),
        (Ledger(users=WEB.users, called="A5"), WEB, ['-container = "A5"']),
        (Ledger(users=WEB.users, called="A5"), named, []),
        (Ledger(users=WEB.users), replace(WEB, called="web"), []),
    ):
        told = spec_difference(service, version, ledger, "/etc/occ/config.toml").splitlines()
        assert [line for line in told[2:] if line[0] in "+-"] == lines
