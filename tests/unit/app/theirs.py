"""A host in memory with a container that somebody else made, and a journal in a file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from occ.app.app import App
from occ.app.desk import Desk
from occ.app.options import AdoptWish, Options
from occ.app.results import Outcome, Proposal
from occ.domain.spec import Spec
from occ.engine.values import ContainerRequest
from occ.journal.open import open_journal
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, MemoryWorld
from tests.people import YES, do

NAME = "shop"


@dataclass
class Theirs:
    """The host, its folder with config, journal and secrets, and the proposals so far."""

    folder: Path
    world: MemoryWorld = field(init=False)
    proposals: list[Proposal] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = MemoryWorld(self.folder)
        self.publish("good", "1.0")
        self.config.touch()

    @property
    def config(self) -> Path:
        """The config's file."""
        return self.folder / "config.toml"

    @property
    def secrets(self) -> str:
        """The text of the secrets file."""
        return (self.folder / f"{NAME}.secrets").read_text()

    def publish(self, kind: str, version: str) -> None:
        """Let the image's reference be this one at the registry."""
        self.world.engine.host.registry.publish(IMAGE, built(kind, version))

    def made(self, spec: Spec) -> None:
        """Have somebody else's container running."""
        image = self.world.engine.pull(IMAGE).id
        asked = ContainerRequest(name=NAME, image=image, spec=spec, labels={}, alias=NAME)
        self.world.engine.start(self.world.engine.create(asked))

    def desk(self) -> Desk:
        """A new process's desk, with the journal in the file."""
        path = str(self.folder / "journal.db")
        return replace(self.world.desk(), open_journal=lambda _: open_journal(path))

    def typed(self, verb: str, *, agrees: bool = True) -> Outcome:
        """Type a command; `adopt` takes the container on."""

        def confirm(proposal: Proposal) -> bool:
            self.proposals.append(proposal)
            return agrees

        desk, people = self.desk(), replace(YES, confirm=confirm)
        options = Options(wish=AdoptWish(container=NAME)) if verb == "adopt" else Options()
        try:
            outcome = do(App(desk), verb, NAME, options, people)
        finally:
            desk.close()
        assert isinstance(outcome, Outcome)
        return outcome

    def declared(self) -> Mapping[str, object]:
        """The container's own words, as the engine has them."""
        body = self.world.engine.host.there(NAME).body
        labels = {k: v for k, v in body["Labels"].items() if not k.startswith("occ.")}
        return {"Env": sorted(body["Env"]), "Cmd": body.get("Cmd"), "Labels": labels}

    def in_clear(self, values: Iterable[str], *said: object) -> list[str]:
        """The values that stand in a file but that of the secrets, or in what was said."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        texts = {path.name: path.read_bytes() for path in files if path.suffix != ".secrets"}
        assert {"config.toml", "journal.db"} <= texts.keys()
        texts["said"] = repr((*self.proposals, *said)).encode()
        known = [value.encode() for value in values]
        return [f"{v!r} in {name}" for name, text in texts.items() for v in known if v in text]
