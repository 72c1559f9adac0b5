"""A tape holds numbers for rules and kinds: another order would misread every older store without a word."""

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.analysis.rejudging import recorder
from cxaudio.analysis.rejudging.tape import TAPE_VERSION

OF_VERSION_1 = {
    "rules": "rushing dawdling talking_over left_waiting dead_air monologue",
    "overlaps": "backchannel early_reply simultaneous_start interruption butt_in pause_cut_in",
    "holds": "tone ringing music announcement paused not_recorded told",
    "tempos": "unknown neutral hurried relaxed",
    "states": "raised escalated ended",
    "severities": "note flag severe",
    "units": "s ratio count ",
}


def test_what_the_numbers_in_a_tape_stand_for_changes_only_with_its_version():
    """New kinds come last; any other change needs a new version, so that older tapes are refused and not misread."""
    assert 1 == TAPE_VERSION, "write down what the numbers of the new version stand for"
    found = {
        "rules": [rule.name for rule in RULES],
        "overlaps": recorder.OVERLAP_KINDS,
        "holds": recorder.HOLD_KINDS,
        "tempos": recorder.TEMPO_STATES,
        "states": recorder.FLAG_STATES,
        "severities": recorder.SEVERITIES,
        "units": recorder.UNITS,
    }
    assert OF_VERSION_1 == {name: " ".join(str(value) for value in values) for name, values in found.items()}
