"""The config's own programs at a change: planned by their digests, and ready to be run."""

from collections.abc import Mapping
from dataclasses import replace

from occ.app.desk import Desk
from occ.app.ledgers import operations_of
from occ.app.options import Options
from occ.domain.deferral import goes_on, put_off_since
from occ.domain.hooks import Declared
from occ.domain.kinds import KINDS
from occ.domain.secrets.places import filled, placed_in
from occ.errors import ConfigError, SecretMissingError
from occ.operations.plan import PlanInput
from occ.operations.step_context import OwnPrograms
from occ.settings import Service
from occ.settings.secret_values.lookup import at_hand
from occ.settings.secret_values.stores import stores_of


def with_programs(desk: Desk, service: Service, given: PlanInput, options: Options) -> PlanInput:
    """The input of a plan with the programs that have a say in it.

    Raises:
        UntrustedProgramError: root would run one that somebody else can replace.
        SecretMissingError: a secret of theirs has no value.
    """
    facts, declared = KINDS[given.kind], service.programs
    takes_image = given.request.spec is not None and not facts.leads_back
    if facts.works != "on the container" or not (facts.hooks or takes_image):
        return given
    if not takes_image:
        declared = replace(declared, accept=())
    if declared == Declared():
        return given
    for program in declared.on_host():
        desk.programs.refuse_untrusted(program)
    _refuse_missing(desk, service)
    if "gate_unknown" in options.overridden:
        declared = replace(declared, on_unknown="pass")
    planned = declared.planned(
        hooks=facts.hooks,
        defers=facts.may_wait,
        anyway="deferred" in options.overridden or _waited_enough(desk, service, options),
    )
    return replace(given, request=replace(given.request, programs=planned))


def _waited_enough(desk: Desk, service: Service, options: Options) -> bool:
    """Whether updates of the service have been put off for as long as the config allows."""
    since = (
        put_off_since(operations_of(desk.journal, service.name))
        if service.defer or service.when_idle
        else 0
    )
    window = options.window_at if service.after_wait == "window" else 0
    return goes_on(since, service.max_wait_ms, desk.clock.now(), opened_at=window)


def own_programs(desk: Desk, service: Service) -> OwnPrograms:
    """The programs of today's config; a secret that is not at hand is left out.

    A store that cannot be read counts as empty: it holds no way back up.
    """
    declared = service.programs
    values = _values(desk, service)
    return OwnPrograms(
        port=desk.programs,
        hooks=declared.hooks,
        gates=declared.gates(),
        asker=declared.asker(),
        told={"OCC_CONFIG": str(desk.settings.path), "OCC_JOURNAL": desk.settings.journal},
        secrets={
            name: filled(text, values)
            for name, text in service.program_env.items()
            if placed_in(text) <= values.keys()
        },
    )


def _values(desk: Desk, service: Service) -> Mapping[str, str]:
    names = service.program_secrets
    try:
        return at_hand(names, stores_of(desk.settings, service), desk.environ) if names else {}
    except ConfigError:
        return {}


def _refuse_missing(desk: Desk, service: Service) -> None:
    names = service.program_secrets
    if not names:
        return
    there = at_hand(names, stores_of(desk.settings, service), desk.environ)
    missing = [name for name in names if name not in there]
    if missing:
        raise SecretMissingError(
            f"the secret {missing[0]} of program_env of service {service.name} has no value",
            hint=f"occ secret set {missing[0]} --service {service.name}",
        )
