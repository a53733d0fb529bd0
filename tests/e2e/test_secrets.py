"""The values of secrets are in the container's environment, and nowhere else that anybody looks."""

import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.box import FAST, HEALTH, Box, Done
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import run

# What a program might do: everything that it knows goes into its log.
TALKS = 'command = ["/bin/sh", "-c", "env; echo token=$API_TOKEN; exec /usr/local/bin/service"]\n'


@dataclass
class Watch:
    """Everything that was said, and the words of every process that was seen."""

    box: Box
    said: dict[str, str] = field(default_factory=dict)
    argv: set[bytes] = field(default_factory=set)

    def occ(
        self,
        *words: str,
        status: int = 0,
        stdin: str = "",
        extra: Mapping[str, str] | None = None,
    ) -> Done:
        done = self.box.occ(*words, stdin=stdin, extra=extra)
        text = done.out + done.err
        assert done.status == status, f"occ {' '.join(words)}: {done.status}\n{text}"
        self.said[f"{len(self.said)} occ {' '.join(words)}"] = text
        return done

    @contextmanager
    def processes(self) -> Iterator[None]:
        """Look at all of them, over and over, until the end."""
        ended = threading.Event()

        def look() -> None:
            while not ended.wait(0.03):
                for line in Path("/proc").glob("[0-9]*/cmdline"):
                    with suppress(OSError):
                        self.argv.add(line.read_bytes())

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def where(self, value: str) -> list[str]:
        """Where a value was seen; the file of secrets is its place."""
        found = [name for name, text in self.said.items() if value in text]
        found += [repr(words) for words in self.argv if value.encode() in words]
        for path in self.box.folder.rglob("*"):
            own = path.name == f"{self.box.service}.secrets"
            if path.is_file() and not own and value.encode() in path.read_bytes():
                found.append(str(path))
        return found


def environment(engine: PrivateEngine, name: str) -> str:
    return run(["docker", "-H", engine.url, "inspect", "-f", "{{.Config.Env}}", name])


def adoptable(engine: PrivateEngine, name: str, ref: str, env: Mapping[str, str]) -> None:
    """A container that somebody made, without its values in any process's words."""
    client = engine.client()
    made = client.create_container(ref, name=name, environment=dict(env), detach=True)
    client.start(made["Id"])
    client.close()


def test_no_value_is_anywhere_but_in_its_file_and_the_container(  # noqa: PLR0915 - one life
    private_engine: PrivateEngine, box: Box, images: Images, port: int
) -> None:
    first, second, outside, adopted, linked = (f"v{secrets.token_hex(12)}" for _ in range(5))
    watch = Watch(replace(box, forked=False))  # whose arguments can be seen
    more = f'secrets = ["API_TOKEN", "DB_PASSWORD"]\n{TALKS}'
    ref = images.publish("good", "1.0", name=box.service).ref
    extra = {"DB_PASSWORD": outside}
    with watch.processes():
        watch.occ("setup", "--yes", "--no-start", "--image", ref, "--service", box.service)
        box.configure(ref, port, more=more, health=HEALTH + FAST)
        told = watch.occ("start", "--yes", status=4)
        assert "occ secret set API_TOKEN" in told.err
        watch.occ("secret", "set", "API_TOKEN", stdin=f"{first}\n")
        watch.occ("start", "--yes", extra=extra)
        inside = environment(private_engine, box.service)
        assert f"API_TOKEN={first}" in inside
        assert f"DB_PASSWORD={outside}" in inside
        listed = watch.occ("secret", "list", extra=extra).out
        assert [line.split()[-1] for line in listed.splitlines()[1:]] == ["no", "no"]
        logs = watch.occ("logs", extra=extra).out
        assert "API_TOKEN=***" in logs

        watch.occ("secret", "set", "API_TOKEN", stdin=second)
        assert "yes" in watch.occ("secret", "list", extra=extra).out
        images.publish("crash", "2.0", name=box.service)
        plan = watch.occ("update", "--plan", status=10, extra=extra)
        assert "secrets changed since version 1 was started: API_TOKEN" in plan.out
        bad = watch.occ("update", "--yes", status=6, extra=extra)
        assert "API_TOKEN=***" in bad.err
        assert f"API_TOKEN={first}" in environment(private_engine, box.service)
        images.publish("good", "3.0", name=box.service)
        watch.occ("update", "--yes", "-o", "json", extra=extra)
        assert f"API_TOKEN={second}" in environment(private_engine, box.service)

        back = watch.occ("rollback", "--to", "1", "--yes", extra=extra)
        assert "secrets changed since version 1: API_TOKEN" in back.err
        assert f"API_TOKEN={second}" in environment(private_engine, box.service)
        assert "yes" not in watch.occ("secret", "list", extra=extra).out
        shown = watch.occ("show", "1", extra=extra).out
        assert "API_TOKEN (new, changed since)" in shown

        (box.folder / "fingerprint.key").unlink()
        assert "unknown" in watch.occ("secret", "list", extra=extra).out
        for words in (("status",), ("history",), ("versions",), ("show", "3"), ("secret", "list")):
            watch.occ(*words, extra=extra)
            watch.occ(*words, "-o", "json", extra=extra)
        doctor = box.occ("doctor", "-o", "json", extra=extra)
        watch.said["doctor"] = doctor.out + doctor.err
        watch.occ("secret", "unset", "API_TOKEN", extra=extra)
        watch.occ("update", "--yes", status=4, extra=extra)

        other = f"{box.service}-other"
        url = f"postgres://web:{linked}@db/web"
        adoptable(private_engine, other, ref, {"MAIL_PASSWORD": adopted, "DB_URL": url})
        watch.occ("adopt", other, "--plan", "--service", other, status=10)
        watch.occ("adopt", other, "--yes", "--service", other)
        moved = box.folder / f"{other}.secrets"
        assert moved.read_text() == f"MAIL_PASSWORD={adopted}\nDB_URL={url}\n"
        moved.unlink()
    assert len(watch.said) > 25
    # Names are where values must not be: so the search does find things there.
    assert any(place.endswith("journal.db") for place in watch.where("API_TOKEN"))
    assert any(b"secret\0set\0API_TOKEN" in words for words in watch.argv)
    for value in (first, second, outside, adopted, linked):
        assert watch.where(value) == []
