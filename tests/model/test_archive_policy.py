"""The numbers of an archive: checked, settable, and of no weight in what is measured."""

import pytest

from cxaudio.errors import ConfigError
from cxaudio.settings import load_settings, settings_from_values


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("call_limit_s", 0.0),
        ("call_limit_s_per_mb", float("nan")),
        ("call_memory_mb", 1),
        ("max_hours", 0.0),
        ("max_attempts", 0),
        ("quiet_s", -1.0),
        ("keep_days", -1),
        ("min_group", 0),
    ],
)
def test_a_number_that_cannot_work_is_told_with_its_key(key, value):
    with pytest.raises(ConfigError, match=rf"archive\.{key}"):
        load_settings(overrides={f"archive.{key}": value})


def test_what_a_recording_may_cost_changes_nothing_of_what_is_measured():
    longer = load_settings(overrides={"archive.max_hours": 24.0})
    assert load_settings().digest == longer.digest
    assert 24.0 == longer.archive.max_hours


def test_settings_stored_before_there_was_an_archive_are_read():
    values = load_settings().as_dict()
    assert values.pop("archive")
    assert load_settings().digest == settings_from_values(values).digest
