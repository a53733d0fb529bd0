"""Somebody who agrees to everything, listens to nothing and never asks for an end."""

from typing import TYPE_CHECKING, cast, get_args

from occ.app.app import App
from occ.app.change.unfinished import Way
from occ.app.operator import Operator
from occ.app.options import Options
from occ.app.results import Closed, Outcome

if TYPE_CHECKING:
    from occ.domain.events import Kind

YES = Operator(
    confirm=lambda _: True,
    listen=lambda _operation, _event: None,
    progress=lambda _: None,
    stop_requested=bool,
)


def do(
    app: App, verb: str, service: str | None, options: Options, people: Operator
) -> Closed | Outcome:
    """Have the app do what a command of this name does."""
    if verb in get_args(Way):
        return app.end(cast("Way", verb), service, people)
    return app.change(cast("Kind", verb), service, options, people)
