"""`[services.NAME]`: the keys that say how long data and images of another day are kept."""

from typing import Final

from occ.settings.keys import forms
from occ.settings.keys.setting import Setting

_MOST: Final = 1_000_000

RETENTION: Final = (
    Setting(
        key="keep_last",
        form=forms.whole(0, _MOST),
        default_text="`5`",
        meaning="How many of the newest verified snapshots stay, and as many data sets that a "
        "rollback has left; 0 keeps all. See [The service's data](data.md).",
    ),
    Setting(
        key="keep_within",
        field="keep_within_ms",
        form=forms.long_time('text such as `"14d"` or `"36h"`, or seconds'),
        meaning="Those that are younger stay beside them.",
    ),
    Setting(
        key="keep_healthy",
        form=forms.whole(0, _MOST),
        meaning="So many of the newest that are data of proven versions stay beside them.",
    ),
    Setting(
        key="max_bytes",
        form=forms.room('bytes, or text such as `"50g"`'),
        meaning="All of them together take no more: the oldest go first.",
    ),
    Setting(
        key="min_free",
        form=forms.room('bytes, or text such as `"20g"`'),
        meaning="So much stays free on the disk of the snapshots, the next one counted in: the "
        "oldest go first. Where it cannot be kept, an update takes no snapshot and says so, or "
        "ends before the stop where `snapshot` or `snapshot_required` asks for one.",
    ),
    Setting(
        key="keep_images",
        form=forms.whole(0, _MOST),
        default_text="0: all",
        meaning="How many of the newest versions keep their image on the host, beside the versions "
        "that a rollback needs. Those of older ones go if their registry has them still.",
    ),
)
