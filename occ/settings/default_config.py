"""opencode: the service that exists without a config, and the login that its server wants."""

from dataclasses import replace
from typing import Final

from occ.domain.secrets.places import place
from occ.domain.spec import Health, Login, Spec

DEFAULT_CONFIG: Final = """\
[services.opencode]
image = "ghcr.io/prizz/opencode-cloud-sandbox:latest"
ports = ["127.0.0.1:3000:3000"]
volumes = [
    "opencode-data:/home/opencoder/.local/share/opencode",
    "opencode-state:/home/opencoder/.local/state/opencode",
    "opencode-cache:/home/opencoder/.cache/opencode",
    "opencode-workspace:/home/opencoder/workspace",
    "opencode-config:/home/opencoder/.config/opencode",
    "opencode-ssh:/home/opencoder/.ssh",
    "opencode-users:/var/lib/opencode-users",
]
env = { OPENCODE_DISABLE_AUTOUPDATE = "true", OPENCODE_CONFIG_CONTENT = '{"autoupdate":false}' }
snapshot_volumes = ["opencode-data", "opencode-state", "opencode-config", "opencode-users"]
rehearse = true
when_idle = "/session/status"
count_path = "/session"

[services.opencode.health]
path = "/global/health"
version_field = "version"

[services.opencode.engine]
Init = true
"""

# opencode serve asks everyone for this password once it is set, also those who ask its health.
HEALTH_PATH: Final = "/global/health"
PASSWORD: Final = "OPENCODE_SERVER_PASSWORD"  # noqa: S105 - the name of a secret
_USER: Final = "OPENCODE_SERVER_USERNAME"
_USUAL_USER: Final = "opencode"


def lacks_password(spec: Spec) -> str:
    """The name of the password that opencode's server would have, and has not; else empty.

    It is opencode's by its health path, and the password may be in an environment of its own.
    """
    named = PASSWORD in spec.secrets or PASSWORD in spec.env
    return PASSWORD if spec.health.path == HEALTH_PATH and not named else ""


def with_login(spec: Spec) -> Spec:
    """The spec with the login of opencode's server, where its health path would want one.

    That is a service which has the server's password among its secrets, and declares no login, nor
    another answer than a good one.
    """
    health = spec.health
    asked = (health.path, health.expect_status) == (HEALTH_PATH, Health().expect_status)
    if not asked or health.auth.secret or PASSWORD not in spec.secrets:
        return spec
    user = place(_USER) if _USER in spec.secrets else spec.env.get(_USER, _USUAL_USER)
    return replace(spec, health=replace(health, auth=Login(user=user, secret=PASSWORD)))
