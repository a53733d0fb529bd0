"""The nouns of the stage: a config and secrets written by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from occ.app.config.config import Edited
from occ.app.config.secrets import SecretKept, SecretRow, SecretSeen
from occ.domain.operation import Operation
from tests.cli.props import (
    WRITING,
)


@dataclass
class StagedConfig:
    """The config of the stage."""

    stage: "Stage"
    table: dict[str, Any] = field(
        default_factory=lambda: {"image": "example.test/web:latest", "env": {"COLOUR": "blue"}}
    )
    differs: str = '-COLOUR = "grey"\n+COLOUR = "blue"'

    @property
    def place(self) -> tuple[str, bool]:
        self.stage.look()
        return WRITING.config, True

    def shown(self, _service: str) -> dict[str, Any]:
        self.stage.look()
        return self.table

    def get(self, key: str, _service: str) -> object:
        self.stage.look()
        return self.table[key]

    def validate(self) -> tuple[str, ...]:
        self.stage.look()
        return ("web",)

    def of_service(self, _key: str) -> bool:
        return True

    def _edited(self, *told: Any) -> Edited:
        self.stage.look()
        self.stage.calls.append(("edited", told))
        return Edited(config=WRITING.config, diff=self.differs)

    put = put_text = take_out = take_out_at = _edited


if TYPE_CHECKING:
    from tests.cli.stage import Stage


@dataclass
class StagedSecrets:
    """The secrets of the stage."""

    stage: "Stage"
    found: tuple[SecretRow, ...]

    def put(
        self, name: str, service: str, value: Callable[[], str], *, add: bool = False
    ) -> SecretKept:
        self.stage.look()
        self.stage.calls.append(("secret put", (name, service, value())))
        kept = _kept(name, service)
        return replace(kept, named=True, added=True) if add and not kept.named else kept

    def rows(self, _service: str) -> tuple[SecretRow, ...]:
        self.stage.look()
        return self.found

    def shown(self, operation: Operation) -> tuple[SecretSeen, ...]:
        assert operation.number == 3
        return (SecretSeen(name="API_TOKEN", by_it="changed", since="same"),)

    def take_out(self, name: str, service: str) -> SecretKept:
        self.stage.look()
        self.stage.calls.append(("secret taken out", (name, service)))
        return _kept(name, service)


def _kept(name: str, service: str) -> SecretKept:
    return SecretKept(
        service=service,
        name=name,
        where="/etc/occ/web.secrets",
        named=name == "API_TOKEN",
        changed=True,
    )
