"""The kinds of service images: how each is built, and how it behaves."""

from dataclasses import dataclass

BASE = "occ.test/base"
GROUND = "occ.test/ground"
LABEL = "occ.test"  # of every image that the test bed makes

HOME = "/home/opencoder"
DEFAULT_VOLUMES = (
    f"{HOME}/.local/share/opencode",
    f"{HOME}/.local/state/opencode",
    f"{HOME}/.cache/opencode",
    f"{HOME}/workspace",
    f"{HOME}/.config/opencode",
    f"{HOME}/.ssh",
    "/var/lib/opencode-users",
)

_SERVICE = f"""\
FROM {BASE}
COPY service /usr/local/bin/service
EXPOSE 3000
CMD ["/usr/local/bin/service"]
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the images of a kind have in common (`ground`) and what a version adds (`top`)."""

    ground: str
    top: str = ""


_PLAIN = _SERVICE + "VOLUME /data\n"
_CLASH = f"{_SERVICE}RUN useradd --uid 1000 --create-home --shell /bin/bash other\nVOLUME /data\n"
# /etc/shadow by way of two links, and /etc/gshadow a link to nothing
_LINKED = f"""\
{_SERVICE}RUN mkdir /usr/lib/accounts && echo 'root:*:1::::::' > /usr/lib/accounts/shadow \
 && chmod 640 /usr/lib/accounts/shadow && chgrp 42 /usr/lib/accounts/shadow \
 && ln -s accounts/shadow /usr/lib/hop && ln -sf /usr/lib/hop /etc/shadow \
 && ln -sf /data/gshadow /etc/gshadow
VOLUME /data
"""
_MOVED = f"{_SERVICE}ENV DATA=/newdata\nVOLUME /newdata\n"
_BARE = f"""\
FROM scratch
LABEL {LABEL}=1
COPY busybox /bin/busybox
EXPOSE 3000
VOLUME /data
# As the first process of a container it has no handler for SIGTERM, so the kernel drops that.
STOPSIGNAL SIGKILL
CMD ["/bin/busybox", "httpd", "-f", "-p", "3000", "-h", "/www"]
"""
_DEFAULT = f"""\
{_SERVICE}COPY entrypoint.sh /usr/local/bin/entrypoint.sh
RUN useradd --uid 1000 --create-home --shell /bin/bash opencoder \
 && mkdir -p {" ".join(DEFAULT_VOLUMES)} && chown -R opencoder:opencoder {HOME}
VOLUME {" ".join(DEFAULT_VOLUMES)}
ENV HEALTH_PATH=/global/health DATA={DEFAULT_VOLUMES[0]}
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
CMD ["/usr/local/bin/service"]
HEALTHCHECK CMD busybox wget -q -O /dev/null http://127.0.0.1:3000/global/health || exit 1
LABEL org.opencontainers.image.version=24.04
"""
_FAST_CHECK = (
    "HEALTHCHECK --interval=1s --timeout=2s --retries=2"
    " CMD busybox wget -q -O /dev/null http://127.0.0.1:3000/health || exit 1\n"
)

KINDS = {
    # answers, guards its data, stops at once
    "good": Kind(_PLAIN),
    # runs, and its health is 503 for ever
    "sick": Kind(_PLAIN),
    # exits 1 at start, with last words that are not all UTF-8
    "crash": Kind(_PLAIN),
    # good for five seconds, then exits 1
    "brief": Kind(_PLAIN),
    # takes six seconds to stop
    "slow": Kind(_PLAIN),
    # ignores SIGTERM
    "deaf": Kind(_PLAIN),
    # writes its version into the data; whatever is older is sick on that data from then on
    "migrates": Kind(_PLAIN),
    # keeps a list, moves it into its form, and is sick on one of a later form
    "diary": Kind(_PLAIN),
    # the same, but begins anew on a list of a later form, and is well
    "blind": Kind(_PLAIN),
    # the same, and sees no list of another major form, earlier or later: its sessions vanish
    "anew": Kind(_PLAIN),
    # moves the list into its form, and is never well
    "ruins": Kind(_PLAIN),
    # good, with a HEALTHCHECK every second
    "healthcheck": Kind(_PLAIN, _FAST_CHECK),
    # good, with a user "other" of uid 1000 in the image
    "clash": Kind(_CLASH),
    # good, with links in the places of account files
    "linked": Kind(_LINKED),
    # good, with its data in /newdata
    "moved": Kind(_MOVED),
    # an empty image with busybox: no useradd, no shell of its own
    "bare": Kind(_BARE, "COPY health /www/health\n"),
    # the shape of the default image: entrypoint, user, seven VOLUMEs, slow HEALTHCHECK, odd label
    "default": Kind(_DEFAULT),
}


def top(kind: str, version: str, ground: str, *, ballast: bool) -> str:
    """The Dockerfile of one version, upon the ground of its kind."""
    lines = [
        f"FROM {ground}\n",
        f"ENV VERSION={version} BEHAVIOUR={kind}\n",
        "COPY version /etc/service-version\n",
        KINDS[kind].top,
        "COPY ballast /var/lib/ballast\n" if ballast else "",
    ]
    return "".join(lines)
