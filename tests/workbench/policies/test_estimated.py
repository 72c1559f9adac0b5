"""What a sample means for all calls: exact where it is all of them, and inside its interval elsewhere."""

import pytest

from cxaudio.archive.running.kept_settings import kept_settings
from cxaudio.archive.store.folder import Store
from cxaudio.archive.whatif.answer import Answer, NudgeSample
from cxaudio.archive.whatif.chunk import Piece
from cxaudio.archive.whatif.question import make_question
from cxaudio.workbench.policies.basis import read_basis, read_calls
from cxaudio.workbench.policies.estimated import estimated
from cxaudio.workbench.policies.trial import answer_whole
from support.drawn_policies import SHIPPED
from support.drawn_store import drawn_calls, drawn_store
from support.made_store import SETTINGS, call_id_of

CALLS = drawn_calls(40, seconds=40.0)
TRIED = {"left_waiting.flag_s": 3.0, "whole_call.silence_share": 0.4, "nudges.any_kind_s": 2.0}


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    path = drawn_store(tmp_path_factory.mktemp("drawn") / "store", CALLS, SHIPPED)
    with Store.open(path, read_only=True) as store:
        yield store


@pytest.fixture(scope="module")
def kept(opened):
    return kept_settings(opened.layout, SETTINGS)


@pytest.fixture(scope="module")
def whole(opened, kept):
    basis = read_basis(opened, kept)
    answer = answer_whole(Piece(basis.sample, frozenset()), make_question(kept, overrides=TRIED))
    return estimated(answer, now=basis.now), answer, basis


def test_a_sample_of_all_calls_is_exact(whole):
    found, answer, basis = whole
    assert found.is_exact
    assert found.flags_then.low == found.flags_then.value == found.flags_then.high
    flags = sum(sum(each.then[1:]) for each in (*answer.rules.values(), *answer.whole_call.values()))
    assert flags / basis.now.hours == pytest.approx(found.flags_then.value)
    assert answer.nudges_then / basis.now.hours == pytest.approx(found.nudges_then.value)
    assert len(answer.changed) == found.calls_changed.value == found.calls_changed.high
    waiting = next(each for each in found.rules if each.rule == "left_waiting")
    assert sum(answer.rules["left_waiting"].then[1:]) / basis.now.hours == pytest.approx(waiting.then.value)
    assert answer.rules["left_waiting"].calls_gained == waiting.gained.value
    assert answer.rules["left_waiting"].then[2] / basis.now.hours == pytest.approx(waiting.severities["severe"][1])
    assert answer.changed, "nothing changes, so this says nothing"


def test_samples_hold_the_truth_in_their_interval(opened, kept, whole):
    """Of forty samples of twenty calls, each of other calls, at most five miss what all calls give."""
    truth, _, basis = whole
    question = make_question(kept, overrides=TRIED)
    held = {"flags": 0, "nudges": 0, "changed": 0, "waiting": 0}
    rows = basis.sample
    for start in range(40):
        places = [(start + step * (3 if start % 2 else 7)) % 40 for step in range(20)]
        chosen = read_calls(opened, kept, [rows.texts["call_id"][place] for place in set(places)])
        found = estimated(answer_whole(Piece(chosen, frozenset()), question), now=basis.now)
        assert not found.is_exact
        for name, mine, true in (
            ("flags", found.flags_then, truth.flags_then),
            ("nudges", found.nudges_then, truth.nudges_then),
            ("changed", found.calls_changed, truth.calls_changed),
            ("waiting", found.rules[3].then, truth.rules[3].then),
        ):
            held[name] += mine.low - 1e-9 <= true.value <= mine.high + 1e-9
    assert all(n >= 35 for n in held.values()), held


def test_the_sample_is_of_the_smallest_names_and_chosen_calls_only(opened, kept):
    basis = read_basis(opened, kept, most=7)
    assert sorted(call_id_of(n) for n in range(40))[:7] == basis.sample.texts["call_id"]
    assert (40, 7) == (basis.now.judged, len(basis.sample))
    few = read_basis(opened, kept, only=[call_id_of(3), call_id_of(4)])
    assert {call_id_of(3), call_id_of(4)} == set(few.sample.texts["call_id"])
    assert few.now.judged == 2
    nothing = read_basis(opened, kept, only=["ab" * 32])
    assert (0, None) == (nothing.now.judged, nothing.sample)
    assert read_calls(opened, kept, []) is None


def test_nothing_is_estimated_of_no_calls():
    found = estimated(Answer(), now=Answer())
    assert (0, None, None, ()) == (found.of, found.flags_then, found.nudges_now, found.rules)


def test_nudges_of_a_sample_within_all_calls_keep_their_interval():
    answer = Answer(judged=100, hours=10.0, nudges_now=50, nudges_then=40)
    answer.nudge_sample = NudgeSample(n=20, of=80, more=-10.0, more_off=4.0, other=10.0, other_off=2.0)
    found = estimated(answer, now=Answer(judged=100, hours=10.0, nudges_now=50, nudges_then=50))
    assert (4.0, 3.6, 4.4) == (found.nudges_then.value, found.nudges_then.low, found.nudges_then.high)
