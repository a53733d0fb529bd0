"""The step that has an image accepted by the config's gate commands, before it is pulled."""

from dataclasses import dataclass, replace
from typing import ClassVar

from occ.domain import step_names
from occ.domain.acceptance import ImageJudged, verdict_of
from occ.domain.events import Event
from occ.domain.hooks import gate_name
from occ.domain.programs import Program, the_planned
from occ.domain.values import Json, Reference
from occ.errors import GateRefusedError, GateUnknownError, OccError
from occ.operations.hook_body import gate_body, told
from occ.operations.step_context import StepContext
from occ.operations.steps.step import Result, Step, ticking_end


@dataclass(frozen=True, slots=True)
class AcceptImage(Step):
    """Have every gate command say yes to exactly one image, which is pulled afterwards.

    Refusing is no verdict on a version: the commands are asked again at the next try.
    """

    name: ClassVar[str] = step_names.ACCEPT_IMAGE
    reference: str
    pull: str
    current: str
    """REPOSITORY@DIGEST of the image that runs; empty where it has none."""
    gates: tuple[str, ...]
    """The digests of the commands' words."""
    on_unknown: str

    def seen(self, context: StepContext) -> Result | None:
        """An answer that the journal has counts for the whole operation."""
        return context.operation.result(self.name) or None

    def apply(self, context: StepContext) -> Result:
        """Ask them, one after the other, until one does not accept it.

        Raises:
            HookChangedError: the config has other words now.
            GateRefusedError: a command refused it.
            GateUnknownError: a command gave no answer, and that keeps it away.
            RegistryError: the registry did not tell the image's digest.
        """
        image = self._image(context)
        judged: list[ImageJudged] = []
        for number, digest in enumerate(self.gates):
            name = gate_name(number)
            known = context.programs.gates
            program = the_planned(known[number] if number < len(known) else None, name, digest)
            judged.append(self._asked(context, program, image, judged))
        unknown = [one.command for one in judged if one.verdict == "unknown"]
        warning = f"{', '.join(unknown)} gave no answer about {image or self.reference}"
        return {
            "said": "accepted" if not unknown else "nobody knows",
            "accepted": image,
            "judged": [dict[str, Json](one.to_json()) for one in judged],
            **({"warning": warning} if unknown else {}),
        }

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The answers, one event each."""
        answers = result.get("judged")
        listed = answers if isinstance(answers, list) else ()
        return tuple(ImageJudged.from_json(one) for one in listed if isinstance(one, dict))

    def blame(self, context: StepContext, error: OccError) -> tuple[Event, ...]:
        """The same, where one of them did not accept it."""
        judged = error.judged if isinstance(error, GateRefusedError) else ()
        return tuple(map(ImageJudged.from_json, judged))

    def _image(self, context: StepContext) -> str:
        """REPOSITORY@DIGEST of the image that the name means now; empty where it has none."""
        parsed = Reference.parse(self.reference)
        if parsed.digest:
            return f"{parsed.repository}@{parsed.digest}"
        here = None if self.pull == "always" else context.engine.image(self.reference)
        if here is not None or self.pull == "never":
            known = here.digests if here is not None else ()
            return next((one for one in known if one.startswith(f"{parsed.repository}@")), "")
        return f"{parsed.repository}@{context.engine.registry_digest(self.reference)}"

    def _asked(
        self, context: StepContext, program: Program, image: str, before: list[ImageJudged]
    ) -> ImageJudged:
        if not image:
            said = ImageJudged(
                image="",
                verdict="unknown",
                command=program.name,
                ended=f"was not asked: {self.reference} has no digest of a registry",
            )
            tail: tuple[str, ...] = ()
        else:
            ended = context.programs.port.run(
                replace(program, words=(*program.words, image, self.current)),
                body=gate_body(context, image, self.current),
                told={**context.programs.told, **told(context, "accept")},
                secrets=context.programs.secrets,
                hidden=tuple(context.secrets.values()),
                tick=ticking_end(context, "a gate command ran"),
            )
            tail = ended.tail
            said = ImageJudged(
                image=image,
                verdict=verdict_of(ended),
                command=program.name,
                ended=ended.words,
                output=ended.output,
            )
        judged = tuple(one.to_json() for one in (*before, said))
        hint = f"occ show {context.operation.number}"
        if said.verdict == "refused":
            message = f"{said.command} refused {image}: it {said.ended}"
            raise GateRefusedError(message, hint=hint, log_tail=tail, judged=judged)
        if said.verdict == "unknown" and self.on_unknown != "pass":
            message = f"{said.command} gave no answer about {image or self.reference}: it "
            raise GateUnknownError(message + said.ended, hint=hint, log_tail=tail, judged=judged)
        return said
