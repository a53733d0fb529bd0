"""From the kind of a change to what is asked for: one row each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from occ.app.change import requests
from occ.app.change.adopt import adopt_request, adopted_as, forget_request, forgotten
from occ.app.change.observed import Observed
from occ.app.change.requests import Wanted
from occ.app.change.users import user_request, users_service
from occ.app.desk import Desk
from occ.app.results import Options
from occ.domain.events import Kind
from occ.operations.plan import Unchanged
from occ.settings import Service

Request: TypeAlias = Callable[[Desk, Service, Options, Observed], Wanted | Unchanged]
Subject: TypeAlias = Callable[[Desk, str | None, Options], tuple[Service, Options]]


def configured(desk: Desk, service: str | None, options: Options) -> tuple[Service, Options]:
    """The service of this name in the config; without a name the only one, or the default.

    Raises:
        NotFoundError: the config has no service of this name.
    """
    return desk.settings.service(service), options


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How a kind of change begins."""

    request: Request
    """What is wanted, from the options and from what was observed; the planner is named there.
    Unchanged where there is nothing to write down either."""
    subject: Subject = configured
    """Which service it is about; the options may be made more exact with it."""


ROWS: Final[Mapping[Kind, Row]] = {
    "start": Row(request=requests.start_request),
    "stop": Row(request=requests.stop_request),
    "restart": Row(request=requests.restart_request),
    "update": Row(request=requests.update_request),
    "apply": Row(request=requests.apply_request),
    "rollback": Row(request=requests.rollback_request),
    "repair": Row(request=requests.repair_request),
    "remove": Row(request=requests.remove_request),
    "adopt": Row(request=adopt_request, subject=adopted_as),
    "forget": Row(request=forget_request, subject=forgotten),
    "user": Row(request=user_request, subject=users_service),
}
