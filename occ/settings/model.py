"""What the settings are, once read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from occ.domain.spec import Build, Spec
from occ.errors import NotFoundError
from occ.settings.keys.accounts import Passwords
from occ.settings.keys.names import Pull, Store

DEFAULT_SERVICE = "opencode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One `[services.NAME]` table. `secrets_file` is None for the one beside the config.

    `users` belong to the service and not to its spec: one that is added today is still there
    after a rollback to a version from before. `passwords` says whether a replacement has theirs.
    With `build` the image is made, not pulled, and `reference` is its tag.
    """

    name: str
    reference: str
    pull: Pull = "always"
    spec: Spec = Spec()
    users: tuple[str, ...] = ()
    passwords: Passwords = "keep"
    secrets_file: Path | None = None
    build: Build | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the config and the environment say.

    `path` is the config, `exists` whether there is such a file; `journal` is a path or an
    SQLAlchemy URL; `data` is the folder of what must last.
    Nothing is created by reading them.
    """

    path: Path
    exists: bool
    services: Mapping[str, Service]
    journal: str
    data: Path
    secrets_store: Store = "file"

    def secrets_file(self, service: Service) -> Path:
        """The service's secrets file: the one it names, else `NAME.secrets` beside the config."""
        return service.secrets_file or self.path.parent / f"{service.name}.secrets"

    def service(self, name: str | None = None) -> Service:
        """The service of that name; without one the only one there is, else `opencode`.

        Raises:
            NotFoundError: there is none; the message names those there are.
        """
        if name is None and len(self.services) == 1:
            return next(iter(self.services.values()))
        wanted = DEFAULT_SERVICE if name is None else name
        if wanted in self.services:
            return self.services[wanted]
        there = ", ".join(self.services)
        where = self.path if self.exists else f"{self.path} (which does not exist)"
        if name is None:
            raise NotFoundError(
                f"which service? {where} declares {there}",
                hint=f"name one of them: --service {next(iter(self.services))}",
            )
        raise NotFoundError(
            f"there is no service {wanted!r} in {where}; there are: {there}",
            hint=f"name one of them: --service {next(iter(self.services))}",
        )
