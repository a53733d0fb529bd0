"""`[services.NAME]`: paths of the service's own, asked with the login of its health path."""

from typing import Final

from occ.settings.keys import forms
from occ.settings.keys.health import PATH, path
from occ.settings.keys.setting import Setting

ASKED: Final = (
    Setting(
        key="when_idle",
        form=forms.text(path, PATH),
        default_text="none; for opencode see below",
        meaning="A path that is asked before an update: an empty list or table in JSON lets it "
        "begin, all else puts it off, at most for `max_wait`.",
    ),
    Setting(
        key="count_path",
        form=forms.text(path, PATH),
        default_text="none; for opencode see below",
        meaning="A path whose JSON lists what the service keeps, such as its sessions: counted "
        "before and after a replacement, and told where they are fewer.",
    ),
)
