"""Config file and environment -> one frozen Settings. `catalogue.py` lists every key."""

from occ.settings.model import Service, Settings
from occ.settings.read import load
from occ.settings.secret_values.fingerprints import fingerprint, fingerprint_key
from occ.settings.secret_values.lookup import resolve_secrets

__all__ = [
    "Service",
    "Settings",
    "fingerprint",
    "fingerprint_key",
    "load",
    "resolve_secrets",
]
