"""A toy engine, for what the loop and its steps do with one: containers, and what was called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, cast

from occ.engine.port import Engine
from occ.engine.values import Container, ContainerRequest, EngineInfo, Image
from occ.errors import EngineUnreachableError, FailedError

State: TypeAlias = Literal["created", "running", "exited"]


@dataclass
class Toy:
    """Containers by id. `fails` and `silent` say how often a call fails or gets no answer.

    `before` is told every call that changes something, before it is carried out.
    """

    there: dict[str, Container] = field(default_factory=dict)
    fails: dict[str, int] = field(default_factory=dict)
    silent: dict[str, int] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None

    @property
    def engine(self) -> Engine:
        """As the port that steps take; they call no more of it than there is."""
        return cast("Engine", self)

    def put(self, name: str, *, state: State = "running", policy: str = "no", **more: str) -> str:
        """Have a container, labelled as `more` says; its id."""
        labels = {f"occ.{key}": value for key, value in more.items()}
        found = Container(
            id=f"id-{name}", name=name, image="i", state=state, policy=policy, labels=labels
        )
        self.there[found.id] = found
        return found.id

    def image(self, reference: str) -> Image | None:
        """Every image is on this host."""
        return Image(id=reference)

    def info(self) -> EngineInfo:
        """An engine that does not tell its time."""
        return EngineInfo(id="e", root="/", address="", version="", api="", local=True)

    def inspect(self, container: str) -> Container | None:
        """One container by its id or name."""
        by_name = {c.name: c for c in self.there.values()}
        return self.there.get(container) or by_name.get(container)

    def names(self) -> Mapping[str, str]:
        """Ids by name."""
        return {c.name: c.id for c in self.there.values()}

    def containers(self, labels: Mapping[str, str]) -> tuple[Container, ...]:
        """Those that carry all these labels."""
        return tuple(c for c in self.there.values() if labels.items() <= c.labels.items())

    def create(self, request: ContainerRequest) -> str:
        """Have one more, not started."""
        self._call("create", request.name)
        made = f"id-{request.name}"
        self.there[made] = Container(
            id=made,
            name=request.name,
            image=request.image,
            state="created",
            labels=dict(request.labels),
        )
        return made

    def start(self, container: str) -> None:
        """Have it running."""
        self._change("start", container, "running")

    def stop(self, container: str, grace_ms: int) -> None:
        """Have it stopped."""
        assert grace_ms > 0
        self._change("stop", container, "exited")

    def set_policy(self, container: str, policy: str) -> None:
        """Have it under this policy."""
        self._call(f"policy {policy}", container)
        self.there[container] = replace(self.there[container], policy=policy)

    def remove(self, container: str, *, volumes: bool = True) -> None:  # noqa: ARG002 - it has none
        """Have it gone."""
        self._call("remove", container)
        del self.there[container]

    def volume(self, name: str) -> Mapping[str, str] | None:
        """None is there."""
        return {"": {}}.get(name)

    def _change(self, verb: str, container: str, state: State) -> None:
        self._call(verb, container)
        self.there[container] = replace(self.there[container], state=state)

    def _call(self, verb: str, container: str) -> None:
        call = f"{verb} {container.removeprefix('id-')}"
        self.before(call)
        self.calls.append(call)
        if self.silent.get(call, 0) > 0:
            self.silent[call] -= 1
            raise EngineUnreachableError("no answer")
        if self.fails.get(call, 0) > 0:
            self.fails[call] -= 1
            raise FailedError("no")


class Sand:
    """A clock that runs when somebody sleeps, and a little when asked."""

    def __init__(self) -> None:
        self._ms = 1_000_000

    def now(self) -> int:
        """The time."""
        return self.monotonic()

    def monotonic(self) -> int:
        """The time, one ms later than the last."""
        self._ms += 1
        return self._ms

    def sleep(self, ms: int) -> None:
        """Be that much later."""
        self._ms += ms
