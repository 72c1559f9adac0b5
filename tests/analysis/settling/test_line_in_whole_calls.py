"""Whole made calls in which the line sounds: nobody is blamed for it, and what is said right behind it counts."""

import numpy as np
import pytest

from cxaudio.model.events import HoldKind, LineSoundKind, OverlapKind, Response, Side
from dsp.synthesis.signals import music
from support.line_calls import KEYS_HZ, RATE, placed, talk, tones
from support.settled_call import analysed

AGENT, CUSTOMER = Side.AGENT, Side.CUSTOMER


@pytest.mark.parametrize(
    ("sound", "kind"),
    [
        (tones((425,), 1.0, 4.0, 21.0), HoldKind.RINGING),
        (tones((1000,), 1.0, 0.0, 20.0), HoldKind.TONE),
        (music(20 * RATE, np.random.default_rng(4), sample_rate=RATE, rms=0.05), HoldKind.MUSIC),
    ],
    ids=["ringing", "tone", "music"],
)
def test_the_first_words_behind_a_hold_are_a_turn_and_are_answered(sound, kind):
    end = 1.0 + len(sound) / RATE
    x = placed(
        end + 18.0,
        (CUSTOMER, 1.0, sound),
        (CUSTOMER, end + 0.4, talk(2, 5.0)),
        (AGENT, end + 6.2, talk(1, 5.0)),
        (CUSTOMER, end + 12.0, talk(2, 5.0)),
    )
    report, events = analysed(x)
    assert [kind] == [hold.kind for hold in report.holds]
    assert report.holds[0].end / RATE == pytest.approx(end, abs=0.5)
    first, second = report.customer.turns
    assert first.start / RATE == pytest.approx(end + 0.4, abs=0.15)
    assert first.end / RATE == pytest.approx(end + 5.3, abs=0.6)
    assert second.start / RATE == pytest.approx(end + 12.0, abs=0.15)
    answers = [event for event in events if isinstance(event, Response) and event.side is AGENT]
    assert [answer.end / RATE for answer in answers] == [pytest.approx(end + 6.2, abs=0.15)]
    assert report.flags == ()


def test_keys_are_not_the_customers_words():
    keys = [(CUSTOMER, 8.4 + 0.3 * k, tones(pair, 0.2, 0.0, 0.2)) for k, pair in enumerate(KEYS_HZ)]
    x = placed(20.0, (CUSTOMER, 0.5, talk(2, 3.0)), (AGENT, 4.0, talk(1, 4.0)), *keys, (AGENT, 13.3, talk(1, 4.0)))
    report = analysed(x)[0]
    assert [] == [spurt for spurt in report.customer.spurts if spurt.start > 5 * RATE]
    assert [LineSoundKind.KEYS] * 16 == [sound.kind for sound in report.line_sounds]
    assert report.customer.backchannels == 0
    assert report.flags == ()


def test_a_beep_on_both_sides_is_nobodys_sign_of_listening():
    beeps = [(side, 2.0 + 5 * k, tones((440,), 0.3, 0.0, 0.3)) for k in range(7) for side in Side]
    speech = [(CUSTOMER, 0.5, talk(2, 9.0)), (AGENT, 10.0, talk(1, 9.0))]
    speech += [(CUSTOMER, 19.5, talk(4, 9.0)), (AGENT, 29.0, talk(3, 8.0))]
    plain, report = analysed(placed(39.0, *speech))[0], analysed(placed(39.0, *speech, *beeps))[0]
    for side in Side:
        assert report.sides[side].backchannels == plain.sides[side].backchannels == 0
        assert report.sides[side].speech_s == pytest.approx(plain.sides[side].speech_s, abs=0.5)
    assert [] == [overlap for overlap in report.overlaps if overlap.kind is OverlapKind.BACKCHANNEL]
    assert report.flags == ()


def test_the_buzz_of_a_telephone_beside_the_microphone_is_not_the_agent():
    """A frame of GSM is sent every 4.6 ms: 217 Hz with all harmonics, for 15 s while the customer talks."""
    t = np.arange(15 * RATE) / RATE
    buzz = np.where(t * 217 % 1 < 0.125, 0.08, -0.01) * np.exp(-3 * (t * 217 % 1))
    speech = [(AGENT, 0.5, talk(1, 4.0)), (CUSTOMER, 5.0, talk(2, 16.0)), (AGENT, 21.8, talk(1, 4.0))]
    plain, report = analysed(placed(28.0, *speech))[0], analysed(placed(28.0, *speech, (AGENT, 5.5, buzz)))[0]
    assert report.agent.speech_s == pytest.approx(plain.agent.speech_s, abs=0.5)
    assert report.overlaps == plain.overlaps
    assert report.flags == ()


def test_a_customer_to_whom_nobody_answers_is_no_announcement():
    rng = np.random.default_rng(6)
    knocks = [(AGENT, float(at), 0.02 * rng.standard_normal(400)) for at in range(3, 60, 4)]
    x = placed(62.0, *((CUSTOMER, at, talk(2, 11.0)) for at in (1.0, 13.0, 25.0, 37.0, 49.0)), *knocks)
    report = analysed(x)[0]
    assert report.holds == ()
    assert report.customer.speech_s > 40.0
    assert report.agent.speech_s < 0.5
