"""The flags that calls would have are those of a fresh analysis, also of rows in memory and of chosen calls only."""

from pathlib import Path

import numpy as np
import pytest

from cxaudio.archive.running.kept_settings import kept_settings
from cxaudio.archive.store.folder import Store
from cxaudio.archive.whatif.asking import answer_pieces, in_this_process, pieces_of, what_if
from cxaudio.archive.whatif.chunk import Piece
from cxaudio.archive.whatif.flags_then import flags_then
from cxaudio.archive.whatif.held import by_name, held_rows
from cxaudio.archive.whatif.question import make_question, question_of_no_change
from cxaudio.settings import load_settings
from support.drawn_policies import SHIPPED, drawn_policy
from support.drawn_store import drawn_calls, drawn_store, fresh_verdicts
from support.made_store import SETTINGS, call_id_of
from support.small_call import CLOCK

CALLS = drawn_calls(8)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return drawn_store(tmp_path_factory.mktemp("drawn") / "store", CALLS, SHIPPED)


def differences(settings) -> dict[str, object]:
    shipped, values = SHIPPED.as_dict(), settings.as_dict()
    return {
        f"{section}.{key}": value
        for section, keys in values.items()
        if isinstance(keys, dict)
        for key, value in keys.items()
        if shipped[section][key] != value
    }


def pieces_and_kept(path: Path, **options):
    with Store.open(path, read_only=True) as opened:
        return list(pieces_of(opened, **options)), kept_settings(opened.layout, SETTINGS)


@pytest.mark.parametrize("seed", range(4))
def test_the_flags_of_a_policy_are_those_of_fresh_analyses(store, seed):
    """Where a call or a rule is left out, nothing is other in it."""
    settings = drawn_policy(np.random.default_rng(seed))
    pieces, kept = pieces_and_kept(store)
    question = make_question(kept, overrides=differences(settings))
    found = {call.call_id: call for piece in pieces for call in flags_then(piece, question)}
    now, then = (fresh_verdicts(CALLS, each) for each in (SHIPPED, settings))
    rate = CLOCK.sample_rate
    assert found
    for call_id, verdicts in then.items():
        call = found.get(call_id)
        rules = frozenset() if call is None else call.rules
        wanted = [(f.rule, f.start / rate, f.severity.value) for f in verdicts.flags if f.rule in rules]
        said = [] if call is None else [(f.rule, f.start_s, f.severity) for f in call.flags if f.type == "flag"]
        assert wanted == said
        others = [(f.rule, f.start, f.end, f.severity) for f in now[call_id].flags if f.rule not in rules]
        assert others == [(f.rule, f.start, f.end, f.severity) for f in verdicts.flags if f.rule not in rules]
        if call is not None and call.whole_call:
            whole = [f.rule for f in call.flags if f.type == "whole_call"]
            assert whole == [f.rule for f in verdicts.whole_call]


def test_rows_in_memory_give_the_answer_of_the_files(store):
    overrides = {"left_waiting.flag_s": 3.5, "rushing.flag_ratio": 1.2, "nudges.any_kind_s": 5.0}
    with Store.open(store, read_only=True) as opened:
        question, wanted = what_if(opened, overrides=overrides)
        (piece,) = pieces_of(opened)
    rows = by_name([held_rows(piece.chunk, [6, 7]), held_rows(piece.chunk, range(6))])
    said = answer_pieces(question, [Piece(rows, frozenset())], spread=in_this_process(question))
    assert wanted.to_dict() == said.to_dict()
    assert sorted(rows.texts["call_id"]) == rows.texts["call_id"]


def test_only_chosen_calls_are_asked(store):
    chosen = [call_id_of(2), call_id_of(5), "ab" * 32]
    pieces, kept = pieces_and_kept(store, only=chosen)
    question = question_of_no_change(kept)
    answer = answer_pieces(question, pieces, spread=in_this_process(question))
    assert (2, 2, []) == (answer.calls, answer.judged, answer.changed)
    assert [] == pieces_and_kept(store, only=["ab" * 32])[0]


def test_the_question_of_no_change_has_what_is_so_now(store):
    pieces, kept = pieces_and_kept(store)
    question = question_of_no_change(kept)
    answer = answer_pieces(question, pieces, spread=in_this_process(question))
    now = fresh_verdicts(CALLS, load_settings(user_folder="/nonexistent"))
    assert sum(len(each.nudges) for each in now.values()) == answer.nudges_now == answer.nudges_then
    assert all(counts.now == counts.then for counts in answer.rules.values())
    assert sum(len(each.flags) for each in now.values()) == sum(sum(counts.now) for counts in answer.rules.values())
