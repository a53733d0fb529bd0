"""The answers to the question before a change, where there is nobody to ask."""

from dataclasses import dataclass, replace

from occ.app.desk import Desk
from occ.app.ledgers import ledger_of
from occ.app.operator import Operator
from occ.app.results import Proposal
from occ.domain.reasons import REASONS, Reason, ReasonName
from occ.settings import Service


@dataclass(slots=True)
class Asked:
    """Agrees to a newer image, and to nothing else; keeps the reasons of a refusal."""

    desk: Desk
    service: Service
    reasons: tuple[Reason, ...] = ()

    def answering(self, operator: Operator) -> Operator:
        """The operator, with these answers."""
        return replace(operator, confirm=self._agrees, ask_large=lambda _service, _taking: None)

    def _agrees(self, proposal: Proposal) -> bool:
        self.reasons = proposal.reasons or tuple(self._against(proposal))
        return not self.reasons

    def _against(self, proposal: Proposal) -> list[Reason]:
        found = []
        if proposal.difference and not self.service.auto.apply:
            found.append(reason_of("config_pending"))
        if proposal.asks or proposal.by_name:
            text = "it would open a port to others than this machine, which a person agrees to"
            found.append(reason_of("config_pending", text))
        if failed := self._failed_beside(proposal):
            text = f"operation {failed} rehearsed it, and it did not pass"
            found.append(reason_of("known_bad", text))
        return found

    def _failed_beside(self, proposal: Proposal) -> int:
        """The operation whose rehearsal the same image failed last; 0 where it did not."""
        digest = proposal.destination.digest if proposal.destination else ""
        ledger = ledger_of(self.desk.journal, self.service.name)
        for number, rehearsal in sorted(ledger.rehearsals.items(), reverse=True):
            known = ledger.versions[number].version.digests
            if digest and any(one.endswith(f"@{digest}") for one in known):
                failed = rehearsal.event.verdict == "failed" and not ledger.proven(number)
                return rehearsal.operation if failed else 0
        return 0


def reason_of(name: ReasonName, text: str = "") -> Reason:
    """A reason in the words of the catalogue, or in others."""
    row = REASONS[name]
    return Reason(name=name, hard=row.hard, since=0, text=text or row.meaning, ends=row.ends)
