"""The config of the stage, and a secret that it keeps, written by hand."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from occ.app.config.config import Edited
from occ.app.config.secrets import SecretKept
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

    def service_of(self, _key: str) -> str:
        return "web"

    def _edited(self, *told: Any) -> Edited:
        self.stage.look()
        self.stage.calls.append(("edited", told))
        return Edited(config=WRITING.config, diff=self.differs)

    put = put_text = take_out = _edited


if TYPE_CHECKING:
    from tests.cli.stage import Stage


def kept(name: str, service: str) -> SecretKept:
    return SecretKept(
        service=service,
        name=name,
        where="/etc/occ/web.secrets",
        named=name == "API_TOKEN",
        changed=True,
    )
