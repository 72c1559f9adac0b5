"""A day of calls in a few seconds: nothing is lost, and nothing is kept of a call that is over."""

import gc

from support.long_day import run_day

MOST_OF_A_CALL = 1000  # objects: the report, which the test itself keeps; a call under way has twenty times as many


def test_a_day_of_calls_loses_no_sample_and_keeps_nothing_of_them(tmp_path):
    """Through the whole of a session: recorded, reported, and followed on the page."""
    counts: list[int] = []

    def look(seconds: float) -> None:
        counts.append(len(gc.get_objects()))

    soon = {"live.end_silence_s": 4.0}
    day = run_day(tmp_path, n_calls=3, call_s=12, day_s=3 * 30, every_s=29, look=look, overrides=soon)
    assert 3 == len(day.finished)
    assert [] == day.wrong
    assert all(() == call.failures for call in day.finished)
    assert all((call.folder / "report.json").exists() for call in day.finished if call.folder is not None)
    assert 3 * 30 * 8000 == day.n_samples
    assert day.n_views > 3
    assert counts[2] - counts[1] < MOST_OF_A_CALL, counts
