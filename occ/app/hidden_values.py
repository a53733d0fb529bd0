"""The values of a service's secrets that nothing written about it may hold."""

from collections.abc import Mapping

from occ.app.ledgers import ledger_of
from occ.domain.spec import Spec
from occ.errors import ConfigError
from occ.journal.port import Journal
from occ.settings import Service, Settings
from occ.settings.secret_values.lookup import at_hand
from occ.settings.secret_values.stores import FileStore, stores_of


def hidden_values(
    settings: Settings, environ: Mapping[str, str], journal: Journal, service: str
) -> tuple[str, ...]:
    """All values in the service's secrets file, and those that other stores have now.

    The names are those of the config and of every version that was recorded. A store that cannot
    be read has nothing to hide: it keeps nobody from writing what happened.
    """
    if not service or ":" in service:  # a notice's, whose texts are all of our own making
        return ()
    known = settings.services.get(service) or Service(name=service, reference="", spec=Spec())
    versions = ledger_of(journal, service).versions.values()
    specs = (known.spec, *(record.version.spec for record in versions))
    names = tuple(dict.fromkeys(name for spec in specs for name in spec.secrets))
    names = tuple(dict.fromkeys((*names, *known.program_secrets)))
    found: dict[str, str] = {}
    try:
        found |= FileStore(settings.secrets_file(known)).read(())
        found |= at_hand(names, stores_of(settings, known), environ)
    except ConfigError:
        found |= at_hand(names, (), environ)
    return tuple(dict.fromkeys(found.values()))
