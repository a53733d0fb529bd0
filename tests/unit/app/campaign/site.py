"""One host, one journal and one config, where commands are typed; all that is said is noted."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from occ.app.app import App
from occ.app.operator import Operator
from occ.app.options import AdoptWish, Options
from occ.app.results import Proposal
from occ.domain.spec import Spec
from occ.engine.values import ContainerRequest
from occ.errors import OccError
from occ.operations.kinds.user import UserWish
from occ.operations.labels import MAKING
from tests.clock import FakeClock
from tests.doubles.engine.container import MemoryContainer
from tests.doubles.engine.engine import MemoryEngine
from tests.doubles.journal import MemoryJournal
from tests.people import do
from tests.unit.app.campaign import notes
from tests.unit.app.campaign.images import Named, image
from tests.unit.app.campaign.seam import CONFIG, app_at, memory_journal, stored_journal
from tests.unit.app.campaign.weather import EngineClock, Exposed, Fault, PowerCutError, Weather

WEB, IMAGE, PORT = "web", "example.test/web:latest", 3000
KEY = bytes(range(32))
HASH = "$6$rounds=100000$salt$hash"


def table(
    name: str = WEB,
    more: str = "",
    *,
    reference: str = IMAGE,
    port: int = PORT,
    volumes: str = "",
    timeout: str = "3s",
    health: str = "",
) -> str:
    """A service's table in the config."""
    return (
        f'[services.{name}]\nimage = "{reference}"\nports = ["127.0.0.1:{port}:3000"]\n'
        f'volumes = ["{name}-data:/data"{volumes}]\nsnapshot = "never"\n{more}'
        f'[services.{name}.health]\npath = "/health"\nversion_field = "version"\n'
        f'interval = "100ms"\nmin_healthy = "100ms"\ntimeout = "{timeout}"\n{health}'
    )


@dataclass
class Site:
    """The working directory is its folder. `lines` are what was noted.

    The journal is the one in a file; with `memory` it is in memory, which costs no time.
    """

    memory: bool = False
    clock: FakeClock = field(default_factory=FakeClock)
    lines: list[str] = field(default_factory=list)
    weather: Weather = field(default_factory=Weather)
    environ: dict[str, str] = field(default_factory=dict)
    published: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._ticks = EngineClock(self.clock)
        self.engine = MemoryEngine(self._ticks)
        self.kept: MemoryJournal | None = memory_journal() if self.memory else None
        key = Path("fingerprint.key")
        key.touch(mode=0o600)
        key.write_bytes(KEY)
        self.configure(table())

    def configure(self, text: str) -> None:
        """Write the config."""
        CONFIG.write_text(text, "utf-8")

    def publish(self, kind: str, version: str, reference: str = IMAGE, **more: Any) -> None:
        """Let the reference be this image at the registry."""
        self.have(image(kind, version, **more), reference)

    def have(self, there: Named, reference: str = IMAGE) -> None:
        """Let the reference be an image that was made beforehand."""
        self.published.add(there.id)
        self.engine.host.registry.publish(reference, there)

    def elsewhere(self, number: str) -> None:
        """Have another engine answer, with the same registry."""
        registry = self.engine.host.registry
        self.engine = MemoryEngine(self._ticks, number=number)
        self.engine.host.registry = registry

    def there(self, container: str = WEB) -> MemoryContainer:
        """A container of the host."""
        return self.engine.host.there(container)

    def made(self, name: str, labels: Mapping[str, str], spec: Spec, reference: str) -> str:
        """A container that somebody else made, and that runs."""
        there = self.engine.pull(reference)
        request = ContainerRequest(name=name, image=there.id, spec=spec, labels=labels, alias=name)
        number = self.engine.create(request)
        self.engine.start(number)
        return number

    def note(self, text: str) -> None:
        """Write something down."""
        here = str(Path.cwd())
        self.lines.extend(line.replace(here, "<folder>").rstrip() for line in text.split("\n"))

    def typed(
        self,
        verb: str,
        service: str | None = WEB,
        *,
        fault: Fault | None = None,
        answer: bool = True,
        **options: Any,
    ) -> None:
        """Type a command."""
        words = [verb, *([service] if service not in {None, WEB} else [])]

        def ask(app: App, people: Operator) -> object:
            return do(app, verb, service, Options(**options), people)

        self._type(words, options, ask, fault, answer=answer)

    def adopt(
        self,
        container: str,
        *,
        service: str | None = None,
        take: bool = False,
        secret: tuple[str, ...] = (),
        fault: Fault | None = None,
        answer: bool = True,
        **options: Any,
    ) -> None:
        """Type `occ adopt`."""
        wish = AdoptWish(container=container, take=take, secret=secret)
        named = {"service": service or "", "take": take, "secret": ",".join(secret), **options}

        def ask(app: App, people: Operator) -> object:
            return app.change("adopt", service, Options(wish=wish, **options), people)

        self._type(["adopt", container], named, ask, fault, answer=answer)

    def user(
        self,
        wish: UserWish,
        *,
        fault: Fault | None = None,
        answer: bool = True,
        **options: Any,
    ) -> None:
        """Type `occ user`."""

        def ask(app: App, people: Operator) -> object:
            hashed = replace(wish, hashed=HASH)
            return app.change("user", WEB, Options(wish=hashed, **options), people)

        named = {"shell": wish.shell, "groups": ",".join(wish.groups), "uid": wish.uid, **options}
        self._type(["user", wish.verb, wish.user], named, ask, fault, answer=answer)

    def advance(self, service: str, *, answer: bool = True) -> None:
        """Type `occ journal advance`."""

        def ask(app: App, people: Operator) -> object:
            return app.journal_advance(service, people)

        self._type(["journal", "advance", service], {}, ask, None, answer=answer)

    def head(self) -> str:
        """The end of the journal's chain."""
        journal = self.kept or stored_journal()
        try:
            return notes.head(journal.head())
        finally:
            if not isinstance(journal, MemoryJournal):
                journal.close()

    def host(self) -> str:
        """What is on the host: a digest of all that occ has a say in."""
        host = self.engine.host
        containers = [
            (c.id, c.name, c.state, c.policy, c.image.id, dict(c.labels), c.body, c.networks)
            for c in host.containers.values()
        ]
        volumes = [
            (n, {k: x for k, x in v.labels.items() if k != MAKING}, sorted(v.files))
            for n, v in sorted(host.volumes.items())
        ]
        known = sorted({*self.published, *(c.image.id for c in self._all())})
        images = {number: tuple(host.images.references(number)) for number in known}
        paths = sorted((*Path().glob("*.toml"), *Path().glob("*.secrets")))
        files = [(path.name, path.read_text("utf-8")) for path in paths]
        everything = json.dumps([containers, volumes, images, files], sort_keys=True)
        number = hashlib.sha256(everything.encode()).hexdigest()[:12]
        told = ", ".join(f"{c.name} {c.state} {c.policy}" for c in self._all())
        return f"{number} {told or 'nothing'}"

    def _all(self) -> list[MemoryContainer]:
        return list(self.engine.host.containers.values())

    def _type(
        self,
        words: list[str],
        options: Mapping[str, Any],
        ask: Callable[[App, Operator], object],
        fault: Fault | None,
        *,
        answer: bool,
    ) -> None:
        said = [f"--{key}={value}" for key, value in options.items() if value]
        self.note(f"> {' '.join([*words, *said])}{f' ({fault})' if fault else ''}")
        self.weather = Weather(fault)

        def confirm(proposal: Proposal) -> bool:
            self.note(notes.proposal("asked" if answer else "declined", proposal))
            return answer

        people = Operator(
            confirm=confirm,
            listen=lambda _operation, _event: None,
            progress=lambda _: None,
            stop_requested=lambda: self.weather.asked,
        )
        self.note(self._carried_out(ask, people))
        if fault is not None and not self.weather.given:
            self.note(f"  the fault was not met: {fault}")

    def _carried_out(self, ask: Callable[[App, Operator], object], people: Operator) -> str:
        journal = self.kept or stored_journal()
        ports = (
            Exposed(self.engine, "engine", self.weather, self._ticks.called),
            Exposed(journal, "journal", self.weather, lambda _: None),
        )
        try:
            app = app_at(*ports, self.clock, self.environ)
            return notes.result(ask(app, people))
        except PowerCutError:
            return "  died"
        except OccError as error:
            return notes.failure(error)
        finally:
            self._ticks.called("stop")
            if not isinstance(journal, MemoryJournal):
                journal.close()
