"""A container of `web` that runs in the memory engine, for the steps that work inside of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from occ.domain.events import OperationPlanned
from occ.domain.operation import Operation, StepState
from occ.domain.request import Found, Request, StepPlan, Version
from occ.domain.spec import Build, Spec
from occ.domain.values import Actor, Json
from occ.engine.progress import BuildProgress
from occ.engine.values import Container, ContainerRequest, File, Image, Ran
from occ.journal.port import Head
from occ.operations import labels
from occ.operations.accounts import GROUP, GSHADOW, PASSWD, SHADOW
from occ.operations.step_context import OwnPrograms, Passwords, StepContext
from tests.clock import FakeClock
from tests.doubles.engine.container import MemoryContainer
from tests.doubles.engine.engine import MemoryEngine
from tests.doubles.engine.image import BuiltImage
from tests.doubles.programs import MemoryPrograms

JOURNAL, OPERATION = "0123456789abcdef", 7
FILES = (
    File(path=PASSWD, data=b"root:x:0:0::/root:/bin/sh\nann:x:1004:100::/home/ann:/bin/sh\n"),
    File(path=GROUP, data=b"root:x:0:\nann:x:100:\nstaff:x:50:\n"),
    File(path=SHADOW, data=b"root:*:1::::::\nann:$y$ann:1::::::\n", mode=0o640, gid=42),
    File(path=GSHADOW, data=b"root:*::\n", mode=0o640),
    File(path="/home/ann", folder=True),
    *(
        File(path=f"/usr/sbin/{name}", data=b"\x7fELF", mode=0o755)
        for name in ("useradd", "userdel", "usermod", "chpasswd")
    ),
)
IMAGE = BuiltImage(files=FILES)
VERSION = Version(number=1, image=IMAGE.id, reference="example.test/web:1", spec=Spec())


class Heard(MemoryEngine):
    """An engine that notes what it was asked to make, and what was run in its containers.

    `ran` are the words, and what they were told through their standard input.
    `looks` are the containers that were inspected.
    `broken` are programs that end with a status, and what they say, instead of doing their work.
    """

    def __init__(self, *, local: bool = True) -> None:
        self.clock = FakeClock()
        super().__init__(self.clock, local=local)
        self.requests: list[ContainerRequest] = []
        self.builds: list[Build] = []
        self.written: list[str] = []
        self.ran: list[tuple[tuple[str, ...], str]] = []
        self.broken: dict[str, Ran] = {}
        self.looks: list[str] = []

    def image(self, reference: str) -> Image | None:
        assert reference, "a real engine would list its images"
        return super().image(reference)

    def inspect(self, container: str) -> Container | None:
        assert container, "a real engine would list its containers"
        self.looks.append(container)
        return super().inspect(container)

    def read_file(self, container: str, path: str) -> File | None:
        assert path not in {"", "/"}, "a real engine would hand out all there is"
        return super().read_file(container, path)

    def write_files(self, container: str, files: Sequence[File]) -> None:
        self.written += [file.path for file in files]
        super().write_files(container, files)

    def create(self, request: ContainerRequest) -> str:
        self.requests.append(request)
        return super().create(request)

    def build(
        self, build: Build, progress: Callable[[BuildProgress], None] = lambda _: None
    ) -> Image:
        self.builds.append(build)
        return super().build(build, progress)

    def exec(self, container: str, words: Sequence[str], *, stdin: bytes = b"") -> Ran:
        self.ran.append((tuple(words), stdin.decode()))
        return self.broken.get(words[0]) or super().exec(container, words, stdin=stdin)


@dataclass
class Inn:
    """An engine with `web` running in it, and the context of an operation on it."""

    image: BuiltImage = IMAGE
    engine: Heard = field(default_factory=Heard)
    web: str = ""

    def __post_init__(self) -> None:
        self.web = self.put("web", self.image)
        self.engine.start(self.web)

    def put(
        self,
        name: str,
        image: BuiltImage = IMAGE,
        role: labels.Role | None = None,
        spec: Spec | None = None,
    ) -> str:
        """Have one more container, not started; with a role it is this operation's."""
        self.engine.host.images.add(image)
        mine = labels.made_by(JOURNAL, "web", OPERATION, role) if role else {}
        made = ContainerRequest(
            name=name, image=image.id, spec=spec or Spec(), labels=mine, alias=name
        )
        return self.engine.create(made)

    def gone(self) -> None:
        """Have `web` gone."""
        self.engine.stop(self.web, 1_000)
        self.engine.remove(self.web)

    def context(
        self,
        *,
        wanted: str = "",
        found: Found | None = None,
        request: Request | None = None,
        results: Mapping[str, Mapping[str, Json]] | None = None,
    ) -> StepContext:
        """What a step of this operation works on, in a process of its own.

        `results` are those of steps that are done, by the steps' names.
        """
        ann = Actor(operator="ann")
        planned = OperationPlanned(
            kind="update",
            actor=ann,
            request=request or Request(),
            found=found or Found(container=self.web, version=1, state="running"),
            steps=(),
            current=1,
        )
        done = tuple(
            StepState(plan=StepPlan(name=name, inputs={}), state="done", result=result)
            for name, result in (results or {}).items()
        )
        operation = Operation(
            number=OPERATION, service="web", planned=planned, at=0, steps=done, driver=ann
        )
        return StepContext(
            engine=self.engine,
            clock=self.engine.clock,
            operation=operation,
            versions={1: VERSION},
            journal=JOURNAL,
            owner="ann@here:journal",
            head=lambda: Head(1, "ab"),
            passwords=Passwords(wanted=wanted),
            programs=OwnPrograms(port=MemoryPrograms(self.engine)),
        )

    @property
    def inside(self) -> MemoryContainer:
        """The container as the engine has it."""
        return self.engine.host.there(self.web)

    def line(self, path: str, name: str) -> str:
        """The line of a name in an account file; empty without one."""
        there = self.engine.read_file(self.web, path)
        lines = there.data.decode().splitlines() if there else []
        return next((line for line in lines if line.split(":")[0] == name), "")

    def write(self, path: str, text: str) -> None:
        """Have a file of the container hold this and nothing else."""
        there = self.engine.read_file(self.web, path) or File(path=path)
        self.engine.write_files(self.web, [replace(there, data=text.encode())])

    @property
    def words(self) -> list[str]:
        """The commands that were run, oldest first."""
        return [" ".join(words) for words, _ in self.engine.ran]
