"""Containers in memory that carry the labels of Compose."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from occ.domain.spec import Spec
from occ.engine.values import ContainerRequest
from tests.faults.memory import IMAGE
from tests.unit.app.theirs import Theirs

LABEL = "com.docker.compose."


@dataclass
class Composed:
    """A host with a project, whose containers are made one by one."""

    folder: Path
    theirs: Theirs = field(init=False)
    project: ClassVar[str] = "shop"

    def __post_init__(self) -> None:
        self.theirs = Theirs(self.folder)

    def made(
        self,
        service: str,
        on: str = "",
        *,
        number: int = 1,
        called: str = "",
        runs: bool = True,
        once: bool = False,
        spec: Spec | None = None,
    ) -> str:
        """A container as Compose makes one, which depends on those in `on`; its id."""
        engine = self.theirs.world.engine
        labels = {
            f"{LABEL}project": self.project,
            f"{LABEL}service": service,
            f"{LABEL}container-number": str(number),
            f"{LABEL}oneoff": str(once),
            **({f"{LABEL}depends_on": on} if on else {}),
        }
        name = called or f"{self.project}-{service}-{number}"
        wanted = spec or Spec(restart="no")
        asked = ContainerRequest(
            name=name, image=engine.pull(IMAGE).id, spec=wanted, labels=labels, alias=name
        )
        made = engine.create(asked)
        if runs:
            engine.start(made)
        return made
