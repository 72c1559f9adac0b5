"""A customer is heard when drawn, and response times are right, whatever the headset's devices delay.

The agent and the headset are made, so each instant is known to the sample; the voices are those of made calls.
"""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from rich.console import Console

from cxaudio.cli.call_summary import print_summary
from cxaudio.live.session import FinishedCall
from cxaudio.live.start import LiveOptions, run_rehearsal
from cxaudio.made.customers import RATE, Customer, Manners
from cxaudio.model.events import QualityKind, QualityNotice, Side
from cxaudio.settings import load_settings
from support.fake_soundcard import FakeSoundSystem
from support.made_agent import EARPIECE, MadeAgent, headset, talkative
from support.small_call import report

FRAME = RATE // 200
LAST_SOUND_DB = 20.0  # under the voice: less of its end is not heard as speech


def rehearse(sound: FakeSoundSystem, customer: Customer, record: Path | None = None) -> FinishedCall:
    done = run_rehearsal(
        LiveOptions(ui="none", record=record),
        load_settings(),
        customer,
        language="en",
        shown_at=lambda url: None,
        sound=sound,
    )
    assert done is not None
    return done[0]


def answered_after_s(agent: MadeAgent, customer: Customer) -> list[float]:
    """Return the time from the end of each of the agent's answers to the customer's next sound."""
    starts = [start for start, _ in agent.turns_heard(customer)]
    return [(start - end) / RATE for end, start in zip(agent.ended, starts[1:], strict=False)]


def edges(sound: NDArray[np.float32], first: int, last: int) -> tuple[int, int]:
    """Return the first and the last sound of a voice that lies between two samples."""
    frames = sound[first : first + (last - first) // FRAME * FRAME].reshape(-1, FRAME)
    power = np.mean(frames**2, axis=1)
    loud = np.flatnonzero(power > np.mean(power) / 10 ** (LAST_SOUND_DB / 10))
    return first + int(loud[0]) * FRAME, first + (int(loud[-1]) + 1) * FRAME


@pytest.mark.slow
@pytest.mark.parametrize(
    ("drawn_s", "playing_s", "recording_s"),
    [(0.3, 0.0, 0.004), (0.3, 0.05, 0.012), (0.8, 0.15, 0.03), (1.4, 0.03, 0.02)],
)
def test_a_customer_is_heard_after_the_drawn_delay(drawn_s, playing_s, recording_s):
    customer = talkative(4, Manners(answers_after_s=drawn_s, patience_s=6.0))
    agent = MadeAgent([0.6] * 4)
    rehearse(headset(agent, playing_s=playing_s, recording_s=recording_s), customer)
    after_s = answered_after_s(agent, customer)
    assert 3 == len(after_s)
    assert after_s == pytest.approx([drawn_s] * 3, abs=0.05)


@pytest.mark.slow
def test_response_times_are_right_beside_what_the_detector_errs(tmp_path):
    """On these voices it finds ends 20 ms early in the mean, some soft beginnings 50 ms late, as in recordings."""
    customer = talkative(20, Manners(answers_after_s=0.8, patience_s=6.0))
    agent = MadeAgent(np.random.default_rng(3).uniform(0.4, 2.0, 20).tolist())
    told = rehearse(headset(agent, playing_s=0.12, recording_s=0.02), customer, tmp_path / "kept.wav").report
    heard, spoken = np.concatenate(agent.heard), np.concatenate(agent.spoken)
    ends = [edges(heard, first, last)[1] for first, last in agent.turns_heard(customer)]
    starts = [edges(spoken, first, last)[0] for first, last in zip(agent.begun, agent.ended, strict=True)]
    true_s = (np.array(starts) - ends) / RATE
    told_s = [response.response_time / RATE for response in told.responses if response.side is Side.AGENT]
    errors = told_s - true_s
    assert np.count_nonzero(np.abs(errors) <= 0.05) >= 18
    assert abs(float(np.mean(errors))) <= 0.025
    # The two sides themselves lie beside each other as they were heard.
    kept, _ = soundfile.read(tmp_path / "kept.wav", dtype="float32")
    middle = len(kept) // 2
    beside, whole = kept[middle : middle + RATE, Side.CUSTOMER], heard[middle - 400 : middle + RATE + 400]
    assert abs(int(np.argmax(np.correlate(whole, beside, "valid"))) - 400) <= RATE // 500


@pytest.mark.slow
def test_gaps_in_what_was_played_are_told_once_with_their_number():
    customer = talkative(1, Manners(answers_after_s=0.5, patience_s=3.0))
    agent = MadeAgent([0.6])
    sound = headset(agent, playing_s=0.02, recording_s=0.01)
    for seconds in (1.0, 1.5, 2.0):
        sound.at(seconds, lambda: sound.underrun(EARPIECE))
    told = rehearse(sound, customer).report
    (notice,) = [notice for notice in told.notices if notice.kind is QualityKind.PLAYBACK_GAPS]
    assert (notice.measured, notice.unit, notice.side) == (3, "count", Side.CUSTOMER)
    assert (notice.start, notice.end) == (0, told.duration)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "gaps in the sound as it was played, 3 times (customer)"),
        ("zh-Hans", "播放的声音有中断, 3 次 (客户)"),
        ("zh-Hant", "播放的聲音有中斷, 3 次 (客戶)"),
    ],
)
def test_the_terminal_tells_gaps_in_the_readers_language(language, sentence):
    notice = QualityNotice(
        start=0,
        end=16_000,
        decided_at=16_000,
        side=Side.CUSTOMER,
        kind=QualityKind.PLAYBACK_GAPS,
        measured=3,
        limit=None,
        unit="count",
    )
    written = io.StringIO()
    console = Console(file=written, width=200)
    print_summary(replace(report(), notices=(notice,)), console, language=language)
    assert sentence in written.getvalue()
