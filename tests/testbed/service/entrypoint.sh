#!/bin/sh
# Like the entrypoint of the project's default image: root makes ready, the service runs as a user.
set -eu
chown opencoder:opencoder /home/opencoder/.local/share/opencode
exec setpriv --reuid opencoder --regid opencoder --init-groups "$@"
