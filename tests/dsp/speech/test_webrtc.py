import numpy as np
import pytest
import webrtcvad

from dsp.core.errors import ParameterError
from dsp.core.pcm import to_int16
from dsp.core.stage import run
from dsp.speech.webrtc import WebrtcVoiceActivity


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("n", [0, 1, 159, 160, 161, 16_000])
def test_one_decision_comes_out_for_each_20_ms_begun(rate, n):
    assert -(-n // (rate // 50)) == len(run(WebrtcVoiceActivity(rate), np.zeros(n, np.float32)))


def test_a_buzz_with_formants_is_voice_and_silence_is_not():
    t = np.arange(16_000) / 8000
    voiced = sum(np.cos(2 * np.pi * 130 * k * t) / k for k in range(1, 20)) * (1 + np.sin(2 * np.pi * 4 * t))
    x = np.concatenate((np.zeros(16_000), 0.1 * voiced)).astype(np.float32)
    decisions = run(WebrtcVoiceActivity(8000, mode=3), x)
    assert decisions[:95].mean() < 0.05
    assert decisions[105:].mean() > 0.8


def test_samples_beyond_full_scale_are_held_at_it():
    x = np.full(1600, 3.0, np.float32)
    np.testing.assert_array_equal(run(WebrtcVoiceActivity(8000), x), run(WebrtcVoiceActivity(8000), x.clip(-1, 1)))


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("with_extension", [True, False])
def test_the_decisions_are_those_of_the_package(rate, with_extension):
    """Independent: `webrtcvad.Vad.is_speech`, also where its extension is not where we look for it."""
    x = np.random.default_rng(4).normal(0, 0.05, rate) * np.repeat([0.02, 1.0, 0.1, 1.0], rate // 4)
    reference = webrtcvad.Vad(2)
    frames = to_int16(x.astype(np.float32)).reshape(50, -1)
    expected = [reference.is_speech(frame.tobytes(), rate) for frame in frames]
    stage = WebrtcVoiceActivity(rate, mode=2)
    if not with_extension:
        stage._process = None
    assert expected == run(stage, x.astype(np.float32)).astype(bool).tolist()
    assert 0 < sum(expected) < 50


def test_another_rate_or_mode_is_refused():
    with pytest.raises(ParameterError, match="8000 or 16000"):
        WebrtcVoiceActivity(44_100)
    with pytest.raises(ParameterError, match="mode=4"):
        WebrtcVoiceActivity(8000, mode=4)
