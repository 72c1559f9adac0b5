"""Trackers that are told the truth of a made call find what its script put there: both were written apart."""

from pathlib import Path

import numpy as np
import pytest

from cxaudio.analysis.tick import Tick
from cxaudio.analysis.trackers import make_trackers
from cxaudio.made.script import chance_script
from cxaudio.made.synthetic import SyntheticCall, make_call
from cxaudio.model.events import Event, FlagState, Overlap, OverlapKind, PacingFlag, Severity
from cxaudio.settings import load_settings
from support.demo_call import demo_call

pytestmark = pytest.mark.slow

TICK = 80
LOUD = 10**-2.6  # mean square, -26 dBov


def judge(call: SyntheticCall) -> list[Event]:
    """Step all trackers by what is true, as if every detector were perfect."""
    truth = call.truth
    n = truth.n_samples // TICK
    speaking = np.zeros((2, n), bool)
    nuclei = np.zeros((2, n), int)
    held = np.zeros(n, bool)
    for row, side in enumerate(truth.sides):
        for start, end in side.speech:
            speaking[row, round(start / TICK) : round(end / TICK)] = True
        np.add.at(nuclei[row], np.array(side.nuclei) // TICK, 1)
    for hold in truth.holds:
        held[hold.start // TICK : hold.end // TICK] = True
    counts = np.cumsum(nuclei * speaking, axis=1)
    speech = np.cumsum(speaking, axis=1)
    settings = load_settings(language="en", user_folder=Path("/nonexistent"))
    trackers = [tracker for tracker, _ in make_trackers(settings.analysis, settings.pacing, call.info)]
    events: list[Event] = []
    changed = np.diff(np.vstack((speaking, held)), axis=1, prepend=False).any(axis=0)
    for k in range(n):
        if not changed[k] and k < min(tracker.due for tracker in trackers):
            continue  # nothing to say here, as trackers promise
        count = (int(counts[0, k]), int(counts[1, k]))
        length = (int(speech[0, k]), int(speech[1, k]))
        tick = Tick(
            number=k,
            at=(k + 1) * TICK,
            speaking=(bool(speaking[0, k]), bool(speaking[1, k])),
            nuclei=count,
            speech=length,
            energy=(length[0] * LOUD, length[1] * LOUD),
            held=bool(held[k]),
        )
        fresh: list[Event] = []
        for tracker in trackers:
            fresh.extend(tracker.step(tick, fresh))
        events.extend(fresh)
    for tracker in trackers:
        events.extend(tracker.close(truth.n_samples))
    return events


def flags(events: list[Event]) -> list[PacingFlag]:
    """Each flag as it stood when it ended."""
    ended = [e for e in events if isinstance(e, PacingFlag) and e.state is FlagState.ENDED]
    return [flag for flag in ended if flag.severity is not Severity.NOTE]


@pytest.fixture(scope="module")
def demo() -> tuple[SyntheticCall, list[Event]]:
    return demo_call(), judge(demo_call())


def test_each_fault_of_the_demo_is_flagged_in_its_phase_and_nothing_else_is(demo):
    call, events = demo
    found = flags(events)
    faults = [phase for phase in call.truth.phases if phase.rule != "neutral"]
    assert {phase.rule for phase in faults} == {flag.rule for flag in found}
    for flag in found:
        (phase,) = (phase for phase in faults if phase.rule == flag.rule)
        assert flag.start < phase.end
        assert flag.end is None or flag.end > phase.start


def test_each_overlap_of_the_demo_is_told_for_what_it_is(demo):
    call, events = demo
    found = [e for e in events if isinstance(e, Overlap)]
    for overlap in call.truth.overlaps:
        near = [e for e in found if e.entrant == overlap.entrant and abs(e.start - overlap.start) < 0.3 * 8_000]
        assert [overlap.kind] == [e.kind for e in near]
    assert len(call.truth.overlaps) == len(found)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_calls_drawn_by_chance_hold_the_interruptions_they_say_and_no_fault(seed):
    call = make_call(chance_script(np.random.default_rng([seed, 7]), seconds=90), seed=seed)
    events = judge(call)
    kinds = (OverlapKind.INTERRUPTION, OverlapKind.EARLY_REPLY)
    expected = [(o.kind, o.entrant) for o in call.truth.overlaps if o.kind in kinds and o.end - o.start >= 800]
    found = [
        (e.kind, e.entrant)
        for e in events
        if isinstance(e, Overlap) and e.kind is not OverlapKind.BACKCHANNEL and (e.end or 0) - e.start >= 800 - 2 * TICK
    ]
    assert expected == found
    assert [] == flags(events)
