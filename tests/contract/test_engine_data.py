"""Volumes, files and probes, on every engine."""

from dataclasses import replace

from occ.domain.spec import Spec, Volume
from occ.engine.values import Answer, File, NoAnswer, Question
from tests.contract.asked import MINE, ended, made, published, request, running, seen
from tests.contract.lab import Lab


def asking(port: int, path: str) -> Question:
    """A question without a login."""
    return Question(port=port, path=path, timeout_ms=1_000)


def test_a_volume_keeps_its_labels_and_is_made_once(lab: Lab) -> None:
    name = lab.name("vol")
    assert lab.engine.volume(name) is None
    lab.engine.create_volume(name, MINE)
    lab.engine.create_volume(name, {"other": "x"})
    assert lab.engine.volume(name) == MINE


def test_only_a_fresh_volume_is_filled_from_the_image(lab: Lab) -> None:
    spec = Spec(volumes=(Volume(name=lab.name("etc"), path="/etc"),))
    asked = replace(request(lab), spec=spec)
    lab.engine.create_volume(lab.name("etc"), MINE)
    empty = lab.engine.create(asked)
    assert lab.files(empty, "/etc") == {}
    lab.engine.remove(empty)
    full = lab.engine.create(replace(asked, fresh=frozenset({lab.name("etc")})))
    assert "passwd" in lab.files(full, "/etc")


def test_a_named_volume_stays_when_its_container_goes(lab: Lab) -> None:
    container = running(lab)
    lab.engine.write_files(container, [File(path="/data/marker", data=b"precious")])
    lab.engine.stop(container, 5_000)
    lab.engine.remove(container)
    again = made(lab)
    assert lab.files(again, "/data")["marker"] == b"precious"


def test_two_on_one_volume_do_not_both_run(lab: Lab) -> None:
    first = running(lab)
    second = lab.engine.create(replace(request(lab), name=lab.name("twin")))
    lab.engine.start(second)
    assert ended(lab, second).exit_code == 3
    assert seen(lab, first).running


def test_files_are_read_and_written_whether_it_runs_or_not(lab: Lab) -> None:
    container = made(lab)
    passwd = lab.engine.read_file(container, "/etc/passwd")
    assert passwd is not None
    assert passwd.data.startswith(b"root:")
    lab.engine.write_files(
        container,
        [
            replace(passwd, data=passwd.data + b"ann:x:1234:1234::/home/ann:/bin/sh\n"),
            File(path="/srv/ann", mode=0o750, uid=1234, gid=1234, folder=True),
        ],
    )
    lab.engine.start(container)
    for _ in ("running", "stopped"):
        there = lab.engine.read_file(container, "/etc/passwd")
        assert there is not None
        assert there.data.endswith(b"ann:x:1234:1234::/home/ann:/bin/sh\n")
        assert (there.mode, there.uid, there.gid) == (passwd.mode, passwd.uid, passwd.gid)
        folder = lab.engine.read_file(container, "/srv/ann")
        assert folder is not None
        assert folder.folder
        lab.engine.stop(container, 5_000)
    assert lab.engine.read_file(container, "/no/such/file") is None


def test_a_link_is_read_to_its_end_and_replaced_by_what_is_written(lab: Lab) -> None:
    container = lab.engine.create(replace(request(lab), image=lab.image("linked")))
    there = lab.engine.read_file(container, "/etc/shadow")
    assert there is not None
    assert (there.path, there.data) == ("/etc/shadow", b"root:*:1::::::\n")
    assert lab.engine.real_path(container, "/etc/shadow") == "/usr/lib/accounts/shadow"
    assert lab.engine.real_path(container, "/etc/passwd") == "/etc/passwd"
    assert lab.engine.real_path(container, "/etc/nothing") == "/etc/nothing"
    assert lab.engine.read_file(container, "/etc/gshadow") is None
    assert lab.engine.real_path(container, "/etc/gshadow") == "/data/gshadow"
    lab.engine.write_files(container, [replace(there, path="/usr/lib/accounts/shadow", data=b"a")])
    assert lab.engine.real_path(container, "/etc/shadow") == "/usr/lib/accounts/shadow"
    lab.engine.write_files(container, [replace(there, data=b"b")])
    assert lab.engine.real_path(container, "/etc/shadow") == "/etc/shadow"
    old = lab.engine.read_file(container, "/usr/lib/accounts/shadow")
    assert old is not None
    assert old.data == b"a"


def test_shadow_lines_keep_their_mode_and_owner(lab: Lab) -> None:
    shadow = lab.engine.read_file(made(lab), "/etc/shadow")
    assert shadow is not None
    assert (shadow.mode, shadow.uid, shadow.gid) == (0o640, 0, 42)


def test_a_probe_goes_to_the_published_port(lab: Lab) -> None:
    port = lab.free_port()
    container = lab.engine.create(published(request(lab), port))
    assert lab.engine.route(container, 3000) == "published"
    assert lab.engine.probe(container, asking(3000, "/health")) == NoAnswer()
    lab.engine.start(container)
    lab.until(lambda: isinstance(lab.engine.probe(container, asking(3000, "/health")), Answer))
    answer = lab.engine.probe(container, asking(3000, "/health"))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.route) == (200, "published")
    assert b'"version"' in answer.body
    missing = lab.engine.probe(container, asking(3000, "/nope"))
    assert isinstance(missing, Answer)
    assert missing.status == 404


def test_without_a_published_port_a_probe_goes_to_the_container(lab: Lab) -> None:
    container = running(lab)
    assert lab.engine.route(container, 3000) == "address"
    answer = lab.engine.probe(container, asking(3000, "/health"))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.route) == (200, "address")


def test_a_port_that_is_published_and_not_listened_on_is_no_answer(lab: Lab) -> None:
    """A proxy of the engine takes the connection, so a TCP connect says nothing."""
    asked = published(request(lab), lab.free_port())
    port = replace(asked.spec.ports[0], container=3001)
    container = lab.engine.create(replace(asked, spec=replace(asked.spec, ports=(port,))))
    lab.engine.start(container)
    lab.until(lambda: b"ready" in tuple(lab.engine.logs(container)))
    assert lab.engine.probe(container, asking(3001, "/health")) == NoAnswer()


def test_one_that_is_sick_answers_so(lab: Lab) -> None:
    container = running(lab, "sick")
    answer = lab.engine.probe(container, asking(3000, "/health"))
    assert isinstance(answer, Answer)
    assert answer.status == 503


def test_an_image_s_own_healthcheck_is_told(lab: Lab) -> None:
    container = running(lab, "healthcheck")
    assert seen(lab, container).health == "starting"
    lab.until(lambda: seen(lab, container).health == "healthy")
    assert seen(lab, running(lab, what="plain")).health == ""


def test_nobody_has_no_route(lab: Lab) -> None:
    assert lab.engine.info().local
    assert lab.engine.route(lab.name("nobody"), 3000) is None
