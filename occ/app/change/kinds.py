"""From the kind of a change to what is asked for: one row each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never, get_args

from occ.app.change import requests, staging
from occ.app.change.adopt import adopt_request, adopted_as, forget_request, forgotten
from occ.app.change.drilling import snapshot_or_drill
from occ.app.change.observed import Observed
from occ.app.change.pruning import prune_request
from occ.app.change.requests import Wanted
from occ.app.change.users import user_request, users_service
from occ.app.desk import Desk
from occ.app.options import Options
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
    """The wish and its planner, from the options and from everything observed; Unchanged where
    there is nothing to write down either."""
    subject: Subject = configured
    """The service that it is about; the options may be made more exact with it."""


def _written_at_once(*_: object) -> Unchanged:
    raise TypeError("occ.app.change.holds writes it without a plan")


def _row(kind: Kind) -> Row:  # noqa: C901, PLR0911, PLR0912 - one case a kind, for the type checker
    match kind:
        case "start":
            return Row(request=requests.start_request)
        case "stop":
            return Row(request=requests.stop_request)
        case "restart":
            return Row(request=requests.restart_request)
        case "update":
            return Row(request=requests.update_request)
        case "apply":
            return Row(request=requests.apply_request)
        case "rollback":
            return Row(request=requests.rollback_request)
        case "repair":
            return Row(request=requests.repair_request)
        case "remove":
            return Row(request=requests.remove_request)
        case "adopt":
            return Row(request=adopt_request, subject=adopted_as)
        case "forget":
            return Row(request=forget_request, subject=forgotten)
        case "user":
            return Row(request=user_request, subject=users_service)
        case "snapshot":
            return Row(request=snapshot_or_drill)
        case "prune":
            return Row(request=prune_request)
        case "stage":
            return Row(request=staging.stage_request)
        case "hold" | "unhold":
            return Row(request=_written_at_once)
        case _:
            assert_never(kind)


ROWS: Final[Mapping[Kind, Row]] = {kind: _row(kind) for kind in get_args(Kind)}
