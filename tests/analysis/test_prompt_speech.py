"""Who speaks and who owes an answer, as a display is given it with the block itself."""

import numpy as np
import pytest

from cxaudio.analysis.pacing_rules.left_waiting import LeftWaitingRule
from cxaudio.analysis.prompt_speech import PromptSpeech
from cxaudio.model.blocks import Analysed, AudioBlock
from cxaudio.model.events import Hold, HoldKind, Side
from cxaudio.model.prompt import PromptFacts
from cxaudio.settings import load_settings

SETTINGS = load_settings(language="en", user_folder="/nonexistent")


def analysed(speaking, *events) -> Analysed:
    return Analysed(
        heard_to=0,
        clean=AudioBlock(start=0, samples=np.zeros((2, 0), np.float32)),
        events=events,
        first_tick=0,
        level_dbov=np.zeros(speaking.shape, np.float32),
        speaking=speaking,
        probability=speaking.astype(np.float32),
    )


def drawn(agent: str, customer: str):
    """A letter for each 100 ms."""
    n = max(len(agent), len(customer))
    rows = np.array([[letter != "." for letter in line.ljust(n, ".")] for line in (agent, customer)])
    return np.repeat(rows, 10, axis=1)


@pytest.mark.parametrize("length", [1, 7, 64, 1000])
def test_the_facts_do_not_depend_on_how_the_sound_was_cut(length):
    speaking = drawn("AAAA....AAAAAAAAAAAAAA...........", "....CC..............CC")
    expected = PromptSpeech(SETTINGS.analysis, SETTINGS.pacing).update(analysed(speaking))
    speech = PromptSpeech(SETTINGS.analysis, SETTINGS.pacing)
    for start in range(0, speaking.shape[1], length):
        facts = speech.update(analysed(speaking[:, start : start + length]))
    assert expected == facts


def test_a_side_speaks_from_its_second_tick_of_speech_on():
    speech = PromptSpeech(SETTINGS.analysis, SETTINGS.pacing)
    tick = np.array([[True], [False]])
    assert [(False, False), (True, False), (True, False)] == [speech.update(analysed(tick)).speaking for _ in range(3)]


def test_a_gap_of_the_bridges_length_ends_a_spurt_as_it_does_in_reports():
    """The customer needs 1 s alone: 0.6 s and 0.6 s make it where the gap is shorter than 0.20 s."""
    owed = []
    for gap in (19, 20):
        speaking = np.zeros((2, 120 + gap), bool)
        speaking[Side.CUSTOMER, :60] = speaking[Side.CUSTOMER, 60 + gap :] = True
        facts = PromptSpeech(SETTINGS.analysis, SETTINGS.pacing).update(analysed(speaking))
        owed.append(facts.owed_by)
    assert [Side.AGENT, None] == owed


def test_a_silence_is_counted_from_the_last_speech_and_not_in_a_hold():
    speech = PromptSpeech(SETTINGS.analysis, SETTINGS.pacing)
    assert PromptFacts() == speech.update(analysed(np.zeros((2, 100), bool)))
    assert 1.5 == speech.update(analysed(drawn("", "C" * 20 + "." * 15))).silence_s
    begun = Hold(start=0, end=None, decided_at=0, kind=HoldKind.MUSIC, side=Side.CUSTOMER)
    assert speech.update(analysed(drawn(".", "."), begun)).silence_s is None


def test_the_agent_is_late_from_the_rules_limit_on():
    speech = PromptSpeech(SETTINGS.analysis, SETTINGS.pacing)
    speech.update(analysed(drawn("", "C" * 20)))
    limit = round(100 * SETTINGS.pacing.rule(LeftWaitingRule).flag_s)
    assert not speech.update(analysed(np.zeros((2, limit - 1), bool))).is_late
    assert speech.update(analysed(np.zeros((2, 1), bool))).is_late
