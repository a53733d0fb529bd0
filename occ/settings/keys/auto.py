"""`[services.NAME.auto]`: the keys, and how they become an Auto."""

from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from occ.domain.schedules.auto import Auto, Missed
from occ.domain.schedules.calendar import TIME, WINDOW, Time, Window, time_of, window_of
from occ.settings.keys import forms
from occ.settings.keys.setting import Form, Setting, Table
from occ.settings.toml.node import Node

_LONGEST_ZONE: Final = 64


def _time(node: Node) -> Time:
    found = time_of(node.text())
    if found is None:
        fix = 'write "03:00", "Sun 03:00" or "Mon..Fri 03:00"'
        raise node.bad("it is no time of a schedule", fix)
    return found


def _schedule(node: Node) -> tuple[Time, ...]:
    nodes = (node,) if isinstance(node.value, str) else tuple(node.elements())
    if not nodes:
        raise node.bad("it has no time", "write a time, or leave the key out")
    return tuple(dict.fromkeys(_time(one) for one in nodes))


def _schedule_text(value: tuple[Time, ...]) -> object:
    texts = [one.text for one in value]
    return texts[0] if len(texts) == 1 else texts


def _window(node: Node) -> Window:
    found = window_of(node.text())
    if found is None:
        fix = 'write "02:00-05:00" or "Sat,Sun 22:00-04:00"'
        raise node.bad("it is no window", fix)
    return found


def _window_text(value: Window | None) -> str:
    return value.text if value else ""


@cache
def _known(zone: str) -> bool:
    if len(zone) > _LONGEST_ZONE:
        return False
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder, or a path that leads elsewhere
        return False
    return True


def _zone(node: Node) -> str:
    found = node.text()
    if not _known(found):
        raise node.bad("there is no such time zone", 'write one as "Europe/Berlin" or "UTC"')
    return found


_SPAN: Final = forms.long_time('text such as `"3d"` or `"36h"`, or seconds')

AUTO: Final = (
    Setting(
        key="enabled",
        form=forms.FLAG,
        default_text="`false`",
        meaning="Whether `occ auto run` updates the service by itself. "
        "See [Unattended](unattended.md).",
    ),
    Setting(
        key="schedule",
        form=Form(
            'text such as `"Mon..Fri 03:00"`, or a list of these',
            _schedule,
            _schedule_text,
            shape={
                "anyOf": [
                    {"type": "string", "pattern": TIME},
                    {**forms.listed(TIME), "minItems": 1},
                ]
            },
        ),
        default_text='the opening of the window, or else `"03:00"`',
        meaning="When the registry is asked for a newer image, which is then taken: days as "
        "systemd writes them, and a time of `timezone`.",
    ),
    Setting(
        key="window",
        form=Form(
            'text such as `"02:00-05:00"` or `"Sat,Sun 22:00-04:00"`',
            _window,
            _window_text,
            shape={"type": "string", "pattern": WINDOW},
        ),
        default_text="always open",
        meaning="The hours in which an update may begin. It may end later.",
    ),
    Setting(
        key="timezone",
        form=Form("name of a time zone", _zone, shape=forms.TEXT),
        default_text="the machine's",
        meaning="The zone of both, as in `Europe/Berlin`.",
    ),
    Setting(
        key="min_age",
        field="min_age_ms",
        form=_SPAN,
        meaning="How long an image must be known here before it is taken, counted from when this "
        "journal first saw its digest, and never from the image's own date.",
    ),
    Setting(
        key="missed",
        form=forms.choice(Missed),
        default_text='`"run"`',
        meaning="What becomes of a time at which the machine was off: `run` makes up for it at the "
        "next opening of the window, `skip` waits for the next time of the schedule.",
    ),
    Setting(
        key="jitter",
        field="jitter_ms",
        form=forms.duration('seconds, or text such as `"30m"`'),
        meaning="By up to so much each run begins later, by another time on each host, and never "
        "after the window.",
    ),
    Setting(
        key="max_per_week",
        form=forms.whole(0, 1000),
        default_text="0: no bound",
        meaning="How many updates are made in seven days at most.",
    ),
    Setting(
        key="take_over",
        field="take_over_ms",
        form=_SPAN,
        default_text='`"1h"`',
        meaning="How long an operation that a person has left unfinished is let be while the old "
        "container serves; then it is put back.",
    ),
    Setting(
        key="apply",
        form=forms.FLAG,
        default_text="`false`",
        meaning="Whether a config that differs from what runs is brought into force too. Without "
        "it nothing is updated until a person has applied the config.",
    ),
)


def auto(node: Node) -> Auto:
    """How the service is kept up to date by itself.

    Raises:
        ConfigError: something in it cannot be used.
    """
    return Auto(**Table.of(node, AUTO, "auto = { enabled = true }").values_of(Auto))
