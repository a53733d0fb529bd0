"""The service that exists without a config: opencode's own image, as its users run it."""

DEFAULT_CONFIG = """\
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

[services.opencode.health]
path = "/global/health"
version_field = "version"
"""
