"""A resolved model of Compose in the words of our config, key by key."""

import json
from typing import Any

import pytest

from occ.app.config.compose.tables import Tables, tables_of
from occ.domain.spec import Spec
from occ.errors import ConfigError, NotFoundError
from occ.settings import Service


def told(*, more: Any = None, top: Any = None, **keys: Any) -> Tables:
    """The project shop, with a service web of these keys and `more` services."""
    services = {"web": {"image": "a/b:1", **keys}, **(more or {})}
    return tables_of(json.dumps({"name": "shop", "services": services, **(top or {})}), "-")


def web(**keys: Any) -> Any:
    """The table of web, of which everything is said."""
    found = told(**keys)
    assert found.left == ()
    return found.tables["web"]


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        ({"command": ["a", "b c"]}, {"command": ["a", "b c"]}),
        ({"command": None, "entrypoint": None}, {}),
        ({"entrypoint": ["/x"]}, {"entrypoint": ["/x"]}),
        ({"container_name": "Shop_1"}, {"container": "Shop_1"}),
        ({"environment": {"A": "1", "B": ""}}, {"env": {"A": "1", "B": ""}}),
        ({"environment": {"A": "$$HOME $$$$"}}, {"env": {"A": "$HOME $$"}}),
        ({"environment": ["A=x=y"]}, {"env": {"A": "x=y"}}),
        ({"labels": {"a.b": "c"}}, {"labels": {"a.b": "c"}}),
        ({"restart": "on-failure:3"}, {"restart": "on-failure:3"}),
        ({"restart": "unless-stopped"}, {}),
        ({"user": "1000:1000"}, {"user": "1000:1000"}),
        ({"stop_grace_period": "1m30s"}, {"stop_timeout": "90s"}),
        ({"mem_limit": "536870912", "cpus": 0.5, "pids_limit": 64}, "limits"),
        (
            {"deploy": {"resources": {"limits": {"cpus": "0.50", "memory": "512m", "pids": 64}}}},
            "limits",
        ),
        ({"pull_policy": "never"}, {"pull": "never"}),
    ],
)
def test_keys_that_our_config_has(keys: Any, table: Any) -> None:
    wanted = (
        {"limits": {"memory": "512m", "cpus": "0.5", "pids": 64}} if table == "limits" else table
    )
    rest = {key: value for key, value in web(**keys).items() if key != "image"}
    if "restart" not in keys:
        assert rest.pop("restart") == "no"  # Compose's own default
    assert rest == wanted


@pytest.mark.parametrize(
    ("port", "text"),
    [
        ({"target": 80, "published": "8080", "protocol": "tcp", "mode": "ingress"}, "*:8080:80"),
        ({"target": 53, "published": "53", "protocol": "udp"}, "*:53:53/udp"),
        ({"target": 80, "published": 81, "host_ip": "127.0.0.1"}, "127.0.0.1:81:80"),
        ({"target": 80, "published": "81", "host_ip": "::1"}, "[::1]:81:80"),
    ],
)
def test_a_port_is_as_open_as_compose_has_it(port: Any, text: str) -> None:
    assert web(ports=[port])["ports"] == [text]


@pytest.mark.parametrize(
    ("keys", "engine"),
    [
        (
            {"cap_add": ["NET_ADMIN"], "privileged": True},
            {"CapAdd": ["NET_ADMIN"], "Privileged": True},
        ),
        (
            {"shm_size": "134217728", "memswap_limit": "-1"},
            {"ShmSize": 134217728, "MemorySwap": -1},
        ),
        (
            {"devices": ["/dev/a:/dev/b:r"]},
            {
                "Devices": [
                    {"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": "r"}
                ]
            },
        ),
        (
            {"devices": [{"source": "/dev/a"}]},
            {
                "Devices": [
                    {
                        "PathOnHost": "/dev/a",
                        "PathInContainer": "/dev/a",
                        "CgroupPermissions": "rwm",
                    }
                ]
            },
        ),
        (
            {"ulimits": {"nproc": 9, "nofile": {"soft": 1, "hard": 2}}},
            {
                "Ulimits": [
                    {"Name": "nproc", "Soft": 9, "Hard": 9},
                    {"Name": "nofile", "Soft": 1, "Hard": 2},
                ]
            },
        ),
        (
            {"extra_hosts": ["db=10.0.0.9", "old:10.0.0.8"]},
            {"ExtraHosts": ["db:10.0.0.9", "old:10.0.0.8"]},
        ),
        (
            {
                "healthcheck": {
                    "test": ["CMD", "true"],
                    "interval": "1m0s",
                    "retries": 3,
                    "start_period": "500ms",
                }
            },
            {
                "Healthcheck": {
                    "Test": ["CMD", "true"],
                    "Retries": 3,
                    "Interval": 60_000_000_000,
                    "StartPeriod": 500_000_000,
                }
            },
        ),
        ({"healthcheck": {"disable": True}}, {"Healthcheck": {"Test": ["NONE"]}}),
        (
            {"healthcheck": {"test": "true || exit 1"}},
            {"Healthcheck": {"Test": ["CMD-SHELL", "true || exit 1"]}},
        ),
        (
            {"logging": {"driver": "local", "options": {"max-size": "1m"}}},
            {"LogConfig": {"Type": "local", "Config": {"max-size": "1m"}}},
        ),
        ({"tmpfs": ["/run:size=1m", "/tmp"]}, {"Tmpfs": {"/run": "size=1m", "/tmp": ""}}),
        ({"sysctls": {"net.core.somaxconn": 99}}, {"Sysctls": {"net.core.somaxconn": "99"}}),
        ({"gpus": [{"count": -1}]}, {"DeviceRequests": [{"Count": -1, "Capabilities": [["gpu"]]}]}),
        (
            {
                "deploy": {
                    "resources": {
                        "reservations": {
                            "devices": [
                                {"driver": "nvidia", "device_ids": ["0"], "capabilities": ["gpu"]}
                            ]
                        }
                    }
                }
            },
            {
                "DeviceRequests": [
                    {"Driver": "nvidia", "DeviceIDs": ["0"], "Capabilities": [["gpu"]]}
                ]
            },
        ),
        ({"expose": ["80", "53/udp"]}, {"ExposedPorts": {"80/tcp": {}, "53/udp": {}}}),
        ({"security_opt": ["seccomp:unconfined"]}, {"SecurityOpt": ["seccomp:unconfined"]}),
        (
            {"init": True, "tty": True, "stdin_open": True, "read_only": True},
            {"Init": True, "Tty": True, "OpenStdin": True, "ReadonlyRootfs": True},
        ),
        ({"ipc": "host", "pid": "host"}, {"IpcMode": "host", "PidMode": "host"}),
    ],
)
def test_keys_that_the_engine_has(keys: Any, engine: Any) -> None:
    assert web(**keys)["engine"] == engine


def test_volumes_folders_and_memory() -> None:
    found = told(
        top={"volumes": {"data": {"name": "shop_data"}, "old": {"name": "old", "external": True}}},
        volumes=[
            {"type": "volume", "source": "data", "target": "/data", "volume": {}},
            {"type": "volume", "source": "old", "target": "/old", "read_only": True},
            {"type": "volume", "target": "/var/own"},
            {"type": "bind", "source": "/srv/x", "target": "/x", "bind": {"selinux": "z"}},
            {"type": "bind", "source": "/srv/y", "target": "/y", "read_only": True},
            {"type": "tmpfs", "target": "/t", "tmpfs": {"size": "1048576", "mode": 1023}},
            {"type": "volume", "source": "data", "target": "/sub", "volume": {"subpath": "s"}},
        ],
    )
    table = found.tables["web"]
    assert table["volumes"] == ["shop_data:/data", "old:/old:ro", "web.var-own:/var/own"]
    assert table["mounts"] == ["/srv/y:/y:ro"]
    assert table["engine"]["Binds"] == ["/srv/x:/x:rw,z"]
    assert table["engine"]["Tmpfs"] == {"/t": "size=1048576,mode=1777"}
    (mount,) = table["engine"]["Mounts"]
    assert (mount["Source"], mount["VolumeOptions"]) == ("shop_data", {"Subpath": "s"})
    assert found.left == (
        "services.web.volumes[2].source: an anonymous volume gets a name, web.var-own",
    )


def test_networks_by_priority_with_what_is_said_of_each() -> None:
    networks = {"back": {"aliases": ["shop"], "ipv4_address": "10.1.0.9"}, "front": {"priority": 9}}
    found = told(
        networks=networks,
        top={
            "networks": {
                "back": {"name": "shop_back", "internal": True},
                "front": {"name": "proxy", "external": True},
            }
        },
    )
    assert found.tables["web"]["networks"] == ["proxy", "shop_back"]
    endpoints = {"shop_back": {"Aliases": ["shop"], "IPAMConfig": {"IPv4Address": "10.1.0.9"}}}
    assert found.tables["web"]["engine"] == {"EndpointsConfig": endpoints}
    assert found.left == (
        (
            "networks.back: occ makes no networks; before the start: "
            "docker network create --internal shop_back"
        ),
    )


def test_services_stand_after_those_that_they_depend_on() -> None:
    found = told(
        depends_on={"db": {"condition": "service_healthy"}, "cache": {}},
        more={"cache": {"image": "a/c", "depends_on": ["db"]}, "db": {"image": "a/d"}},
    )
    assert [*found.tables] == ["db", "cache", "web"]
    assert found.left[-1].startswith(
        "services.web.depends_on: the tables stand in this order, by which occ start --all proves "
        "db, cache first"
    )


def test_a_circle_is_named() -> None:
    found = told(depends_on=["db"], more={"db": {"image": "a/d", "depends_on": ["web"]}})
    assert [*found.tables] == ["web", "db"]
    assert found.left[0].startswith("services: depends_on goes in a circle: ")


def test_what_others_wait_for_to_end_is_no_service() -> None:
    on = {"migrate": {"condition": "service_completed_successfully"}}
    found = told(depends_on=on, more={"migrate": {"image": "a/d"}})
    assert [*found.tables] == ["web"]
    assert found.left == (
        (
            "services.migrate: it is not imported: web waits until it has ended, and occ looks "
            "after what stays; run it by hand: docker compose run --rm migrate"
        ),
    )


def test_a_secret_is_named_and_its_value_is_nowhere() -> None:
    found = told(
        environment={
            "DB_PASSWORD": "hunter2hunter2",
            "DATABASE_URL": "postgres://shop:hunter2hunter2@db/shop",
            "API_KEY": "{{ a template }}",
        },
        healthcheck={"test": ["CMD-SHELL", "ping --password=hunter2hunter2"]},
        labels={"proxy.token": "t0psecretvalue"},
    )
    assert found.secrets == {"web": ("DB_PASSWORD", "DATABASE_URL", "PROXY_TOKEN")}
    assert found.tables["web"]["labels"] == {"proxy.token": "{{secret:PROXY_TOKEN}}"}
    assert "hunter2" not in repr(found)
    assert "t0psecret" not in repr(found)


def test_a_secret_of_no_name_is_told_and_no_command_is_made_of_it() -> None:
    found = told(environment={"; DB PASSWORD": "hunter2hunter2"})
    assert found.secrets == {}
    (line,) = found.left
    assert 'services.web.secrets[0] = "; DB PASSWORD": it is no name of a variable' in line


def test_files_of_secrets_and_configs_are_mounted_as_compose_does() -> None:
    found = told(
        secrets=[{"source": "mail", "target": "/run/secrets/mail"}, {"source": "raw"}],
        configs=[{"source": "motd"}],
        top={
            "secrets": {"mail": {"file": "/srv/mail"}, "raw": {"environment": "RAW"}},
            "configs": {"motd": {"file": "/srv/motd"}},
        },
    )
    assert found.tables["web"]["mounts"] == ["/srv/mail:/run/secrets/mail:ro", "/srv/motd:/motd:ro"]
    assert found.left == (
        "secrets.raw: it is no file of the host: write it into one, and mount that",
        "services.web.secrets[1].source: its secret is no file of the host",
    )


def test_what_is_built_here() -> None:
    build = {"context": "/srv/app", "dockerfile": "D", "args": {"A": "1"}, "cache_from": ["x"]}
    found = tables_of(json.dumps({"name": "shop", "services": {"web": {"build": build}}}), "-")
    assert found.tables["web"]["build"] == {
        "context": "/srv/app",
        "dockerfile": "D",
        "args": {"A": "1"},
    }
    assert found.left == ("services.web.build.cache_from: occ has no word for it in a build",)


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"image": None}, "web: it is not imported: it has no image that can be read"),
        ({"image": "A B"}, "web: it is not imported: it has no image that can be read"),
        ({"network_mode": "service:vpn"}, "network_mode service:vpn: that container is another"),
        ({"build": {"context": "https://x/y.git"}}, "web: it is not imported: it is built from no"),
        ({"deploy": {"replicas": 2}}, "web.deploy.replicas: occ runs one container a service"),
        ({"scale": 3}, "web.scale: occ runs one container a service"),
        ({"platform": "linux/arm64"}, "web.platform: the engine takes the image of its own"),
        ({"profiles": ["x"]}, "web.profiles: occ has no profiles"),
        ({"develop": {"watch": [1]}}, "web.develop: it is for `docker compose watch`"),
        ({"volumes_from": ["db"]}, "web.volumes_from: name those volumes here too"),
        ({"restart": "sometimes"}, 'web.restart = "sometimes": it is no restart policy'),
        ({"ports": ["80:80"]}, "web.ports[0]: a table is wanted, not text"),
        ({"ports": [{"target": 80}]}, "web.ports[0].published: the engine would choose it"),
        ({"ports": [{"target": 80, "published": "1-2"}]}, "it is a range of ports"),
        ({"volumes": [{"type": "cluster"}]}, "web.volumes[0].type: occ knows volume, bind and"),
        ({"cap_add": {"a": 1}}, "web.cap_add"),
        ({"cpus": "many"}, 'web.cpus = "many": it is no number of processors'),
        ({"shm_size": []}, "web.shm_size"),
        (
            {"environment": {"A B": "x"}},
            'services.web.env."A B" = "x": it is no name of a variable',
        ),
        ({"environment": {"A": None}}, "web.environment.A: it had no value when the model was"),
        ({"labels": {"occ.x": "1"}}, "labels under occ. are occ's own"),
        ({"frobnicate": 1}, "web.frobnicate: occ has no word for it"),
        ({"pid": "service:db"}, "web.pid: that container is another one after its update"),
        ({"security_opt": ["seccomp=./p.json"]}, "web.security_opt: the engine takes the profile"),
    ],
)
def test_what_cannot_be_said_is_told(keys: Any, why: str) -> None:
    left = told(**keys).left
    assert any(why in one for one in left), left


def test_a_volume_of_another_driver_is_to_be_made_and_its_password_is_masked() -> None:
    options = {"type": "cifs", "o": "username=a,password=hunter2hunter2"}
    found = told(top={"volumes": {"nas": {"name": "shop_nas", "driver_opts": options}}})
    (line,) = found.left
    assert line.startswith("volumes.nas.driver_opts: make it before the start: docker volume")
    assert "hunter2" not in line


def test_extensions_and_empty_keys_say_nothing() -> None:
    assert told(**{"x-note": {"a": 1}, "links": [], "deploy": {"placement": {}}}).left == ()


def test_a_name_of_another_project_is_left_to_it() -> None:
    model = json.dumps(
        {
            "name": "shop",
            "services": {"db": {"image": "a/d", "networks": {"default": None}}},
            "networks": {"default": {"name": "shop_default"}},
        }
    )
    other = Service(name="db", reference="a/d:latest", spec=Spec(networks=("blog_default",)))
    own = Service(name="db", reference="a/d:latest", spec=Spec(networks=("shop_default",)))
    moved = tables_of(model, "-", lambda name: other if name == "db" else None)
    assert [*moved.tables] == ["shop-db"]
    # by its name in Compose the others still find it
    endpoints = {"shop_default": {"Aliases": ["db"]}}
    assert moved.tables["shop-db"]["engine"] == {"EndpointsConfig": endpoints}
    assert [*tables_of(model, "-", lambda name: own if name == "db" else None).tables] == ["db"]


def test_names_that_ours_cannot_be() -> None:
    assert [*told(more={"My_App": {"image": "a/b"}}).tables] == ["web", "my_app"]
    assert [*told(more={"x": {"image": "a/b"}}).tables] == ["web", "shop-x"]


def test_one_service_alone() -> None:
    text = json.dumps({"name": "s", "services": {"web": {"image": "a/b"}, "db": {"image": "c/d"}}})
    assert [*tables_of(text, "-", only="db").tables] == ["db"]
    with pytest.raises(NotFoundError, match="project s has no service api; there are: web, db"):
        tables_of(text, "-", only="api")


RAW = "services:\n  web:\n    image: a/b\nvolumes:\n  data:\n"


@pytest.mark.parametrize(
    ("text", "called", "says", "hint"),
    [
        (RAW, "my stack.yml", "this is a raw Compose file", "-f 'my stack.yml' config"),
        (RAW, "-", "this is a raw Compose file", "docker compose -f FILE config --format json | "),
        ("hello", "x", "x: it is not JSON", "-f x config"),
        ("[]", "x", "x: it is no resolved model of Compose", "-f x config"),
        ('{"services": {}}', "x", "it has no name and services", "-f x config"),
        ("[" * 100_000, "x", "it is not JSON", "-f x config"),
        ('{"name": "\\ud800", "services": {}}', "x", "it is not JSON", "-f x config"),
    ],
)
def test_what_is_no_model(text: str, called: str, says: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        tables_of(text, called)
    assert says in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.hint.endswith("config --format json | occ import-compose -")


def test_what_nobody_filled_in_is_told() -> None:
    found = told(environment={"A": "${HOME}", "B": "$${fine}"})
    assert found.left[0].startswith("the model: it has ${...} that nothing was filled in for")
    assert told(environment={"B": "$${fine}"}).left == ()
