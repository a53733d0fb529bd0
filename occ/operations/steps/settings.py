"""Steps that write what an adoption found out beside the journal: secrets, and the config."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from occ.domain import step_names
from occ.errors import NotFoundError
from occ.operations.derive import derive
from occ.operations.step_context import StepContext
from occ.operations.steps.step import Result, Step
from occ.settings.as_table import text_of
from occ.settings.keys.choices import Pull
from occ.settings.model import Service
from occ.settings.secret_values.secrets_file import remove, store
from occ.settings.toml.config_text import append, holds, take_out


@dataclass(frozen=True, slots=True)
class StoreSecrets(Step):
    """Have secrets of a container in the service's secrets file, mode 0600.

    The values are read from the container itself each time: a plan and a result hold names only.
    `names` are those that the file did not have; `secret` are variables that somebody said are
    secrets too.
    """

    name: ClassVar[str] = step_names.STORE_SECRETS
    container: str
    file: str
    names: tuple[str, ...]
    secret: tuple[str, ...] = ()

    def seen(self, context: StepContext) -> Result | None:
        """Storing them again is harmless."""
        return None

    def apply(self, context: StepContext) -> Result:
        """Write those that are missing."""
        there = context.engine.inspection(self.container)
        if there is None:
            raise NotFoundError(
                f"container {self.container[:12]} is gone, and its secrets with it",
                hint="occ abort",
            )
        found = derive(there, context.service, secret=self.secret, free=lambda _: True).secrets
        store(Path(self.file), {name: found[name] for name in self.names})
        return {"said": ", ".join(self.names)}

    def revert(self, context: StepContext) -> Result:
        """Take them out again."""
        remove(Path(self.file), self.names)
        return {"said": "taken out"}


@dataclass(frozen=True, slots=True)
class WriteConfig(Step):
    """Have a version declared in the config as a service of its own."""

    name: ClassVar[str] = step_names.WRITE_CONFIG
    file: str
    version: int
    pull: Pull
    secrets_file: str = ""
    called: str = ""
    """The container's name, where that is not the service's."""

    def seen(self, context: StepContext) -> Result | None:
        """Whether the config has the service."""
        there = holds(Path(self.file), ("services", context.service))
        return {"said": self.file} if there else None

    def apply(self, context: StepContext) -> Result:
        """Add its table at the end."""
        if self.seen(context) is None:
            append(Path(self.file), self.text(context))
        return {"said": self.file}

    def revert(self, context: StepContext) -> Result:
        """Take the table out again, if nobody has changed it since."""
        if take_out(Path(self.file), self.text(context)):
            return {"said": "taken out"}
        return {"said": "left: it was changed since"}

    def text(self, context: StepContext) -> str:
        """The table as it stands in the file."""
        version = context.versions[self.version]
        return text_of(
            Service(
                name=context.service,
                called=self.called,
                reference=version.reference,
                pull=self.pull,
                spec=version.spec,
                secrets_file=Path(self.secrets_file) if self.secrets_file else None,
            )
        )
