"""All settings that can be tried on calls that were judged as shipped, and some values of them."""

from cxaudio.archive.running.kept_settings import KeptSettings
from cxaudio.workbench.policies.controls import controls_of, groups_of
from support.drawn_policies import SHIPPED

KEPT = KeptSettings(digest="5e" * 32, language="en", by_language={"en": SHIPPED.as_dict()})
CONTROLS = controls_of(groups_of(KEPT))
QUERY = [
    ("left_waiting.flag_s", "4.5"),
    ("left_waiting.hold_check_in_s", "30, 90"),
    ("dead_air.many_count", "4"),
    ("nudges.positive", "false"),
    ("nudges.disabled", "dead_air"),
]
