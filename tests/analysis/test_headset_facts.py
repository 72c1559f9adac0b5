"""Each measured fact of a headset moves an outcome of a call, and none does where nothing was measured."""

from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from cxaudio.analysis.call import CallAnalyser
from cxaudio.errors import UsageError
from cxaudio.model.blocks import AudioBlock, CallInfo
from cxaudio.model.call_io import call_from_dict, call_to_dict
from cxaudio.model.events import Event, Overlap, QualityKind, QualityNotice, Side
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.policy import HeadsetProfile
from cxaudio.model.timebase import Timebase
from cxaudio.replay.one_call import replay
from cxaudio.settings import load_settings
from support.demo_call import noisy_talk

RATE = 8_000
KNOWN = HeadsetFacts(
    wideband=False, microphone_noise_dbov=-75.0, coupling_loss_db=30.0, round_trip_s=0.3, noise_gate=True
)
Sound = NDArray[np.float32]


def info(facts: HeadsetFacts | None) -> CallInfo:
    return CallInfo(
        call_id="made",
        origin="synthetic",
        language="en",
        started_at=None,
        timebase=Timebase(RATE),
        source_rates=(RATE, RATE),
        channels=(0, 1),
        headset="some",
        headset_facts=facts,
    )


def analyse(
    sound: Sound, facts: HeadsetFacts | None, cut: int = 20 * RATE, **overrides: object
) -> tuple[list[Event], NDArray[np.bool_], Sound]:
    """Events, the detectors' decisions and the probabilities of speech, in blocks of `cut` samples."""
    settings = load_settings(overrides=overrides)
    analyser = CallAnalyser(info(facts), settings.analysis, settings.pacing)
    out = [
        analyser.process(AudioBlock(start=at, samples=sound[:, at : at + cut])) for at in range(0, sound.shape[1], cut)
    ]
    out.append(analyser.flush())
    return (
        [event for each in out for event in (*each.events, *filter(_is_notice, each.account))],
        np.concatenate([each.speaking for each in out], axis=1),
        np.concatenate([each.probability for each in out], axis=1),
    )


@pytest.fixture(scope="module")
def talk() -> Sound:
    """A minute and a half of talk over noise."""
    return noisy_talk()[0]


def in_mid_speech(talk: Sound) -> Sound:
    """Four seconds of the call that begin while the agent speaks."""
    _, truth = noisy_talk()
    start = next(start for start, end in truth.spans_s(Side.AGENT) if end - start > 1.5)
    at = round((start + 0.2) * RATE)
    return np.ascontiguousarray(talk[:, at : at + 4 * RATE])


def test_known_microphone_noise_makes_speech_at_the_very_start_more_certain(talk: Sound):
    sound = in_mid_speech(talk)
    first = slice(0, 40)
    unknown, known = (analyse(sound, facts)[2] for facts in (None, HeadsetFacts(microphone_noise_dbov=-75.0)))
    assert known[Side.AGENT, first].mean() > unknown[Side.AGENT, first].mean() + 0.02
    np.testing.assert_array_equal(unknown[Side.CUSTOMER], known[Side.CUSTOMER])


def leaking(talk: Sound) -> Sound:
    """The customer alone for ten seconds, and the agent's microphone picks the customer up 30 dB weaker."""
    _, truth = noisy_talk()
    start = next(start for start, end in truth.spans_s(Side.CUSTOMER) if end - start > 1.5)
    far = talk[Side.CUSTOMER, round(start * RATE) : round((start + 1.5) * RATE)]
    far = np.concatenate((np.zeros(RATE, np.float32), np.tile(far, 2)))
    noise = 1e-5 * np.random.default_rng(5).standard_normal((2, len(far)))
    return (np.stack((np.roll(far, 400) * 10 ** (-30 / 20), far)) + noise).astype(np.float32)


def test_a_known_coupling_loss_guards_the_agent_from_the_first_leak_on(talk: Sound):
    sound = leaking(talk)
    _, unknown, _ = analyse(sound, None)
    _, known, _ = analyse(sound, HeadsetFacts(coupling_loss_db=30.0))
    assert unknown[Side.AGENT].sum() > 50
    assert known[Side.AGENT].sum() < 0.2 * unknown[Side.AGENT].sum()
    np.testing.assert_array_equal(unknown[Side.CUSTOMER], known[Side.CUSTOMER])


def suspects(events: list[Event]) -> list[bool]:
    return [event.latency_suspect for event in events if isinstance(event, Overlap)]


@pytest.mark.slow
def test_a_known_round_trip_marks_overlaps_that_it_may_explain_unless_the_settings_say_otherwise(talk: Sound):
    known = HeadsetFacts(round_trip_s=1.0)
    unaware = suspects(analyse(talk, None)[0])
    aware = suspects(analyse(talk, known)[0])
    assert len(unaware) == len(aware)
    assert sum(aware) > sum(unaware)
    assert aware == suspects(analyse(talk, None, **{"overlaps.round_trip_s": 1.0})[0])
    assert unaware == suspects(analyse(talk, known, **{"overlaps.round_trip_s": 1e-4})[0])


@pytest.mark.slow
def test_a_known_noise_gate_is_no_news(talk: Sound):
    gated = talk * (np.abs(talk) > 0.01)
    found = [
        {event.side for event in analyse(gated, facts)[0] if gate_notice(event)}
        for facts in (None, HeadsetFacts(noise_gate=False), HeadsetFacts(noise_gate=True))
    ]
    both = {Side.AGENT, Side.CUSTOMER}
    assert [both, both, {Side.CUSTOMER}] == found


def _is_notice(event: Event) -> bool:
    return isinstance(event, QualityNotice)


def gate_notice(event: Event) -> bool:
    return isinstance(event, QualityNotice) and event.kind is QualityKind.NOISE_GATED


@pytest.mark.slow
def test_any_cutting_gives_the_same_events_with_every_fact_known(talk: Sound):
    short = talk[:, : 30 * RATE]
    assert analyse(short, KNOWN)[0] == analyse(short, KNOWN, cut=1_237)[0]


def profile(folder: Path, monkeypatch: pytest.MonkeyPatch, facts: str) -> None:
    """Make one headset known to the settings of this test."""
    (folder / "headsets").mkdir()
    (folder / "headsets" / "acme.toml").write_text(f'schema = 1\nmaker = "Acme"\nmodel = "1"\n{facts}\n')
    monkeypatch.setattr("cxaudio.settings.headsets.user_config_folder", lambda: folder)


def narrow_notices(path: Path, headset: str | None = None) -> list[Side | None]:
    found = replay(path, agent="left", headset=headset).notices
    return [notice.side for notice in found if notice.kind is QualityKind.NARROWBAND]


def test_a_narrowband_headset_is_no_news_and_a_wideband_one_is(tmp_path, monkeypatch):
    narrow = np.sin(2 * np.pi * 1_000 * np.arange(48_000) / 16_000)
    soundfile.write(tmp_path / "call.wav", np.stack((narrow, narrow), axis=1) * 0.1, 16_000)
    profile(tmp_path, monkeypatch, "wideband = false")
    assert [Side.AGENT, Side.CUSTOMER] == narrow_notices(tmp_path / "call.wav")
    assert [Side.CUSTOMER] == narrow_notices(tmp_path / "call.wav", "acme")
    (tmp_path / "headsets" / "acme.toml").write_text('schema = 1\nmaker = "Acme"\nmodel = "1"\nwideband = true\n')
    assert [Side.AGENT, Side.CUSTOMER] == narrow_notices(tmp_path / "call.wav", "acme")


def test_the_narrowband_edge_comes_from_the_settings(tmp_path):
    tone = np.sin(2 * np.pi * 4_600 * np.arange(48_000) / 16_000)
    soundfile.write(tmp_path / "call.wav", np.stack((tone, tone), axis=1) * 0.1, 16_000)
    shipped = replay(tmp_path / "call.wav", agent="left")
    raised = replay(tmp_path / "call.wav", agent="left", overrides={"quality.narrowband_hz": 5_000.0})
    found = [[n.limit for n in each.notices if n.kind is QualityKind.NARROWBAND] for each in (shipped, raised)]
    assert [[], [5_250.0, 5_250.0]] == found
    assert [16_000, 8_000] == [each.call.timebase.sample_rate for each in (shipped, raised)]


def test_a_headset_without_a_profile_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"'nothing' has no profile; there are .*hion-u800"):
        replay(tmp_path / "call.wav", agent="left", headset="nothing")


def test_facts_come_back_from_the_line_that_names_the_call():
    call = info(KNOWN)
    assert asdict(KNOWN) == call_to_dict(call)["headset_facts"]
    assert call == call_from_dict(call_to_dict(call))


def test_a_profile_of_which_nothing_was_measured_leaves_no_trace_in_the_report():
    nothing = HeadsetProfile(model="1", maker="Acme", name_patterns=("Acme",))
    assert nothing.facts is None
    assert "headset_facts" not in call_to_dict(info(nothing.facts))


@pytest.mark.parametrize("name", [spec.name for spec in fields(HeadsetFacts)])
def test_every_fact_of_a_profile_reaches_the_call(name: str):
    value = getattr(KNOWN, name)
    found = replace(HeadsetProfile(model="1", maker="Acme"), **{name: value}).facts
    assert HeadsetFacts(**{name: value}) == found
