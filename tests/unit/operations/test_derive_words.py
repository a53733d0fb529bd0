"""Single words of a container's declaration, each against what an engine fills in by itself."""

from typing import Any

import pytest

from occ.domain.secrets.places import filled
from occ.domain.spec import Mount, Volume
from occ.operations.derive import derive
from tests.unit.operations.declaring import ANONYMOUS, DATA, ID, IMAGE, declared, derived, reread


def _engine(host: dict[str, Any], **config: Any) -> Any:
    return derived(config, host).spec.engine


@pytest.mark.parametrize(
    "filled",
    [
        {"MemorySwappiness": -1},
        {"MemorySwap": 0},
        {"Memory": 1000, "MemorySwap": 0},
        {"Memory": 1000, "MemorySwap": 2000},
        {"ShmSize": 0},
        {"IpcMode": ""},
        {"IpcMode": "shareable"},
        {"CgroupnsMode": ""},
        {"Runtime": ""},
        {"LogConfig": {"Type": "", "Config": {}}},
        {"LogConfig": {"Config": {}}},
    ],
    ids=str,
)
def test_what_an_engine_fills_in_is_not_declared(filled: dict[str, Any]) -> None:
    assert _engine(filled) == {}


@pytest.mark.parametrize(
    "said",
    [
        {"MemorySwappiness": 1},
        {"MemorySwappiness": 0},
        {"MemorySwap": 2},
        {"ShmSize": 1},
        {"IpcMode": "host"},
        {"CgroupnsMode": "private"},
        {"Runtime": "runsc"},
        {"LogConfig": {"Type": "local", "Config": {}}},
    ],
    ids=str,
)
def test_what_was_said_is_declared(said: dict[str, Any]) -> None:
    assert _engine(said) == said


def test_paths_are_masked_by_hand_or_by_privilege() -> None:
    bare = {"MaskedPaths": ["/proc/a"], "ReadonlyPaths": ["/proc/b"]}
    assert _engine(bare) == bare
    assert _engine({**bare, "Privileged": True}) == {"Privileged": True}


@pytest.mark.parametrize(
    ("host", "kept"),
    [
        ({}, ["label=disable", "seccomp=unconfined"]),
        ({"PidMode": "host"}, ["seccomp=unconfined"]),
        ({"IpcMode": "host"}, ["seccomp=unconfined"]),
        ({"Privileged": True}, ["seccomp=unconfined"]),
    ],
    ids=str,
)
def test_the_option_that_an_engine_adds_for_the_host_is_not_declared(
    host: dict[str, Any], kept: list[str]
) -> None:
    options = ["label=disable", "seccomp=unconfined"]
    assert _engine({**host, "SecurityOpt": options})["SecurityOpt"] == kept


@pytest.mark.parametrize(
    ("shared", "name", "declared"),
    [
        ({"NetworkMode": "host"}, "machine", None),
        ({"NetworkMode": "host"}, "box", "box"),
        ({"UTSMode": "host"}, "machine", None),
        ({"UTSMode": "host"}, "what it was called then", None),
        ({}, "machine", "machine"),
        ({}, ID[:12], None),
        ({}, ID[:2], ID[:2]),
        ({}, ID[:13], ID[:13]),
    ],
)
def test_the_hosts_own_name_is_not_declared_and_another_is(
    shared: dict[str, str], name: str, declared: str | None
) -> None:
    assert _engine(shared, Hostname=name).get("Hostname") == declared


@pytest.mark.parametrize(("key", "what"), [("PidMode", "processes"), ("IpcMode", "memory")])
def test_a_container_that_it_shares_something_with_is_kept_and_told(key: str, what: str) -> None:
    found = derived({}, {key: f"container:{ID}"})
    assert found.spec.engine == {key: f"container:{ID}"}
    (note,) = found.notes
    assert f"the {what} of container {ID[:12]}, " in note
    assert f"change {key} in the config" in note


def test_no_name_of_a_host_is_none() -> None:
    assert _engine({}, Hostname="") == {}


@pytest.mark.parametrize(
    ("mode", "networks", "names"),
    [
        (None, {"bridge": {}}, ()),
        ("host", {"host": {}}, ("host",)),
        ("none", {"none": {}}, ("none",)),
        ("9f2c", {"back": {}, "front": {"NetworkID": "9f2c"}}, ("front", "back")),
        ("gone", {"back": {"NetworkID": "1"}}, ("gone", "back")),
        ("front", {"back": {}, "front": {}}, ("front", "back")),
    ],
    ids=str,
)
def test_the_network_that_it_was_made_with_comes_first(
    mode: str | None, networks: Any, names: tuple[str, ...]
) -> None:
    assert derived({}, {"NetworkMode": mode}, networks=networks).spec.networks == names


def test_what_was_said_of_a_network_is_kept_and_links_are_refused() -> None:
    options = {"DriverOpts": {"mtu": "9"}, "GwPriority": 7}
    front = {**options, "Links": ["db:db"]}
    found = derived({}, {"NetworkMode": "front"}, networks={"front": front})
    assert found.spec.engine["EndpointsConfig"] == {"front": options}
    assert found.obstacles == ("it has links in network front: use network aliases",)
    assert found.notes == ()


NFS = {"type": "nfs", "o": "addr=10.0.0.9,rw", "device": ":/srv"}
CIFS = {"type": "cifs", "o": "username=ann,password=hunter2", "device": "//10.0.0.9/srv"}


@pytest.mark.parametrize(
    ("mount", "verbatim"),
    [
        ({"Type": "bind", "BindOptions": {"Propagation": "rprivate"}}, False),
        ({"Type": "bind", "BindOptions": {"Propagation": ""}}, False),
        ({"Type": "bind", "BindOptions": {"CreateMountpoint": True}}, False),
        ({"Type": "bind", "BindOptions": {"NonRecursive": True}}, True),
        ({"Type": "volume", "VolumeOptions": {"Subpath": "a"}}, True),
        ({"Type": "volume", "VolumeOptions": {"NoCopy": True}}, False),
        ({"Type": "volume", "VolumeOptions": {"DriverConfig": {}, "Labels": {}}}, False),
        ({"Type": "volume", "VolumeOptions": {"Labels": {"team": "a"}}}, True),
        ({"Type": "volume", "VolumeOptions": {"DriverConfig": {"Name": "local"}}}, True),
        ({"Type": "volume", "VolumeOptions": {"DriverConfig": {"Options": NFS}}}, True),
        ({"Type": "volume", "VolumeOptions": {"DriverConfig": {"Options": CIFS}}}, True),
        ({"Type": "image"}, True),
    ],
    ids=str,
)
def test_a_mount_that_says_more_than_a_config_can_is_kept_as_it_is(
    mount: dict[str, Any], verbatim: bool
) -> None:
    asked = {**mount, "Source": "a", "Target": "/a"}
    there = {**mount, "Source": "a", "Name": "a", "Destination": "/a", "RW": True}
    found = derived({}, {"Mounts": [asked]}, (there,))
    assert ("Mounts" in found.spec.engine) is verbatim
    assert found.spec.covers("/a")


def _volume(name: str, options: Any, source: str = "") -> Any:
    asked = {"Type": "volume", "Target": "/a", "VolumeOptions": {"DriverConfig": options}}
    there = {"Type": "volume", "Name": name, "Destination": "/a", "RW": True}
    return derived({}, {"Mounts": [asked | ({"Source": source} if source else {})]}, (there,))


@pytest.mark.parametrize("name", ["nfs", "cifs"])
def test_how_a_volume_is_made_is_kept_with_a_place_for_its_secret(name: str) -> None:
    options = {"nfs": NFS, "cifs": CIFS}[name]
    found = _volume("files", {"Options": options}, "files")
    (mount,) = found.spec.engine["Mounts"]
    kept = mount["VolumeOptions"]["DriverConfig"]["Options"]
    assert (found.spec.volumes, found.notes[1:]) == ((), ())
    assert "hunter2" not in f"{found}"
    assert kept == {**options, "o": options["o"].replace("hunter2", "{{secret:PASSWORD}}")}
    assert filled(kept, found.secrets) == options
    assert reread(found).spec == found.spec


def test_an_anonymous_volume_of_a_driver_is_copied_into_a_plain_one_and_that_is_said() -> None:
    found = _volume(ANONYMOUS, {"Options": NFS})
    assert found.copies == {ANONYMOUS: "web.a"}
    assert found.spec.engine == {}
    (note,) = found.notes
    assert note.endswith("is a plain volume, without the driver of that one")


def test_one_place_is_known_by_all_its_spellings() -> None:
    found = derived(
        {},
        {
            "Binds": ["named:/n/", "/srv/z://z/:z", "/srv/a:/a/../b"],
            "Mounts": [{"Type": "volume", "Source": "other", "Target": "/o/"}],
        },
        (
            {"Type": "volume", "Name": "named", "Destination": "/n", "RW": True},
            {"Type": "bind", "Source": "/srv/z", "Destination": "/z", "RW": True},
            {"Type": "bind", "Source": "/srv/a", "Destination": "/b", "RW": True},
            {"Type": "volume", "Name": "other", "Destination": "/o", "RW": True},
        ),
    )
    assert found.copies == {}
    assert found.spec.volumes == (Volume(name="named", path="/n"), Volume(name="other", path="/o"))
    assert found.spec.engine["Binds"] == ["/srv/z://z/:z"]
    assert all(found.spec.covers(path) for path in ("/n", "/z", "/b", "/o"))


def test_several_places_of_each_kind_are_kept_each_with_its_mode() -> None:
    other = "cd" * 32
    found = derived(
        {},
        {"Binds": ["/b:/b:Z", "/c:/c", "v:/v:nocopy,ro"]},
        (
            {"Type": "bind", "Source": "/b", "Destination": "/b", "RW": True},
            {"Type": "bind", "Source": "/c", "Destination": "/c"},
            {"Type": "bind", "Source": "/cc", "Destination": "/cc"},
            {"Type": "volume", "Name": ANONYMOUS, "Destination": "/d", "RW": False},
            {"Type": "volume", "Name": other, "Destination": "/e", "RW": True},
            {"Type": "volume", "Name": "v", "Destination": "/v", "RW": False},
        ),
    )
    assert found.spec.engine["Binds"] == ["/b:/b:Z"]
    assert found.spec.mounts == (Mount(source="/c", path="/c"), Mount(source="/cc", path="/cc"))
    assert found.spec.volumes == (
        Volume(name="web.d", path="/d", read_only=True),
        Volume(name="web.e", path="/e"),
        Volume(name="v", path="/v", read_only=True),
    )
    copied = "at the first replacement, while nothing runs"
    assert found.notes == (
        f"the anonymous volume at /d is copied into web.d {copied}",
        f"the anonymous volume at /e is copied into web.e {copied}",
    )


def test_the_first_free_name_is_taken() -> None:
    found = derive(declared(mounts=(DATA,)), "web", free=lambda name: name != "web.data")
    assert found.copies == {ANONYMOUS: "web.data.2"}


def test_lists_in_a_mount_are_kept_whole() -> None:
    options = {"Options": [["noexec"], ["size", "1m"]], "Mode": None}
    found = derived({}, {"Mounts": [{"Type": "tmpfs", "Target": "/t", "TmpfsOptions": options}]})
    assert found.spec.engine["Mounts"] == [
        {
            "Type": "tmpfs",
            "Target": "/t",
            "TmpfsOptions": {"Options": [["noexec"], ["size", "1m"]]},
        }
    ]


def test_several_volumes_from_another_container_are_each_told() -> None:
    mounts = (DATA, {**DATA, "Name": "cd" * 32, "Destination": "/e"})
    assert derived({}, {"VolumesFrom": ["other"]}, mounts).notes == (
        "volume abababababab at /data is named, instead of --volumes-from",
        "volume cdcdcdcdcdcd at /e is named, instead of --volumes-from",
    )


@pytest.mark.parametrize("value", ["'quoted'", '"x y"', "''", "two\nlines", "a\rb"])
def test_a_value_with_quotes_or_several_lines_is_carried(value: str) -> None:
    found = derived({"Env": [f"TOKEN={value}"]})
    assert (found.secrets, found.obstacles) == ({"TOKEN": value}, ())


@pytest.mark.parametrize("value", ["'", "'a", "a'", "XaX", "it's", "x"])
def test_a_value_that_only_holds_quotes_is_none(value: str) -> None:
    assert derived({"Env": [f"TOKEN={value}"]}).obstacles == ()


def test_secrets_of_the_same_name_get_numbers() -> None:
    words = ["--api.token=a", "--api-token=b", "--api_token=c"]
    found = derived({"Cmd": words})
    assert found.spec.secrets == ("API_TOKEN", "API_TOKEN_2", "API_TOKEN_3")


@pytest.mark.parametrize("state", ["removing", "dead"])
def test_a_container_that_is_going_is_an_obstacle(state: str) -> None:
    assert derived(state=state).obstacles == (f"it is {state}",)


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_short_time_to_stop_is_none(seconds: int) -> None:
    found = derived({"StopTimeout": seconds})
    assert (found.spec.stop_timeout_ms, found.obstacles) == (seconds * 1000, ())


def test_a_helper_and_a_container_without_its_image_are_obstacles() -> None:
    (why,) = derived({"Labels": {"occ.helper": "1"}}).obstacles
    assert "helper" in why
    (why,) = derived(image=None).obstacles
    assert "its image is gone" in why


def test_an_image_that_is_in_no_registry_is_never_pulled() -> None:
    local = type(IMAGE)(id="sha256:one", references=("local:1",), digests=())
    found = derived({"Image": "local:1"}, image=local)
    assert (found.reference, found.pull) == ("local:1", "never")
    assert derived({"Image": ID}, image=None).reference == ""
