"""The numbers of a live session: checked, settable, and of no weight in what is measured."""

import pytest

from cxaudio.errors import ConfigError
from cxaudio.settings import load_settings, settings_from_values


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("feed_s", 0.001),
        ("feed_s", 5.0),
        ("start_level_dbov", 3.0),
        ("end_silence_s", -1.0),
        ("start_sound_s", 3.0),  # longer than start_window_s
    ],
)
def test_a_number_that_cannot_work_is_told_with_its_key(key, value):
    with pytest.raises(ConfigError, match=rf"live\.{key}"):
        load_settings(overrides={f"live.{key}": value})


def test_how_calls_are_found_changes_nothing_of_what_is_measured():
    assert load_settings().digest == load_settings(overrides={"live.end_silence_s": 60.0}).digest
    assert 60.0 == load_settings(overrides={"live.end_silence_s": 60.0}).live.end_silence_s


def test_settings_stored_before_there_was_a_live_session_are_read():
    values = load_settings().as_dict()
    assert values.pop("live")
    assert load_settings().digest == settings_from_values(values).digest
