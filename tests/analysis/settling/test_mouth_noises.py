"""Short sounds that are no speech, by rows made by hand; and words of synthetic voices, which stay."""

import numpy as np
import pytest

from cxaudio.analysis.settling.mouth_noises import find_noises_of_mouth
from cxaudio.analysis.settling.rows import CallRows, RowRecorder
from cxaudio.analysis.side import SideAnalyser, SideTicks
from cxaudio.settings import load_settings
from dsp.core.stage import Float32
from dsp.speech.bands import N_BANDS
from dsp.synthesis.voice import SpurtPlan, random_voice, speak

RATE = 8_000
NOISE_DBFS = -75.0  # of a band
N = 600  # ticks

# Levels of the bands over those of the noise, dB: a burst of a cough has as much above 1.5 kHz as below.
BURST = np.linspace(20, 45, N_BANDS)
VOWEL = np.linspace(45, 5, N_BANDS)


def rows_with(
    spans: list[tuple[int, int]], spectrum: np.ndarray, *, probability: float, n_nuclei: int, above_db: float = 0.0
) -> CallRows:
    """Rows of a quiet agent in which a sound is taken for speech in some spans of ticks."""
    bands = np.full((2, N // 2, N_BANDS), NOISE_DBFS)
    speaking, chance = np.zeros((2, N), bool), np.zeros((2, N))
    nuclei = np.zeros((2, N), np.int8)
    for first, last in spans:
        bands[0, first // 2 : last // 2] += spectrum + above_db
        speaking[0, first:last], chance[0, first:last] = True, probability
        nuclei[0, first : first + n_nuclei] = 1
    power = np.repeat((10 ** (bands / 10)).sum(axis=2), 2, axis=1).astype(np.float32)
    return CallRows(
        power=power,
        noise=np.full((2, N), N_BANDS * 10 ** (NOISE_DBFS / 10), np.float32),
        speaking=speaking,
        probability=np.rint(chance * 255).astype(np.uint8),
        nuclei=nuclei,
        tonal=np.zeros((2, N), np.int8),
        music=np.zeros((2, -(-N // 40)), np.int8),
        still=np.zeros((2, N), bool),
        peak=np.zeros((2, N), np.uint8),
        bands=np.rint((bands + 110) * 2).astype(np.uint8),
        present=(True, True),
    )


def share_found(rows: CallRows) -> float:
    found = find_noises_of_mouth(rows, rows.speaking)
    assert not (found & ~rows.speaking).any()
    return float(found.sum() / rows.speaking.sum())


def test_a_burst_of_noise_by_itself_is_no_speech():
    assert 1.0 == share_found(rows_with([(200, 240)], BURST, probability=0.6, n_nuclei=1))


def test_a_burst_in_two_parts_is_one_sound():
    """A gap of 0.1 s within it is closed, and what is found are only the ticks that were speech."""
    assert 1.0 == share_found(rows_with([(200, 240), (250, 280)], BURST, probability=0.6, n_nuclei=1))


@pytest.mark.parametrize(
    ("spans", "spectrum", "probability", "above_db"),
    [
        ([(200, 240)], VOWEL, 0.95, 0.0),  # a word
        ([(200, 240)], VOWEL, 0.75, 0.0),  # a murmur of which the detector is not sure
        ([(200, 240)], BURST, 0.99, 0.0),  # a hiss of which the detector is sure: "yes"
        ([(200, 240), (265, 500)], BURST, 0.6, 0.0),  # 0.25 s before talk
        ([(200, 330)], BURST, 0.6, 0.0),  # 1.3 s
        ([(200, 240)], BURST, 0.6, -32.0),  # hardly above the noise
    ],
)
def test_what_may_be_speech_stays(spans, spectrum, probability, above_db):
    rows = rows_with(spans, spectrum, probability=probability, n_nuclei=1, above_db=above_db)
    assert 0.0 == share_found(rows)


def words(seed: int) -> Float32:
    """Each word of attention twice, by one voice, with 0.8 s between them."""
    rng = np.random.default_rng(seed)
    known = [("mm-hm", 2), ("uh-huh", 2), ("yeah", 1), ("okay", 2), ("right", 1), ("mm", 1), ("uh", 1), ("um", 1)]
    plans = [SpurtPlan(n_syllables=n, rate=4.0, word=word) for word, n in known for _ in range(2)]
    gap = np.zeros(int(0.8 * RATE), np.float32)
    parts = [gap]
    for spoken in speak(random_voice(rng), plans, rng, sample_rate=RATE):
        parts += [spoken.samples * np.float32(0.05), gap]
    x = np.concatenate(parts)
    return (x + rng.normal(0, 1e-4, len(x))).astype(np.float32)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_words_of_attention_stay(seed):
    side = SideAnalyser(RATE, load_settings().analysis.detection)
    recorder = RowRecorder((True, False))
    for ticks in (side.process(words(seed)), side.flush()):
        recorder.add(ticks, SideTicks.absent(len(ticks.levels), len(ticks.nuclei)))
    rows = recorder.rows()
    assert rows.speaking[0].sum() > 250  # ticks: the detector finds the words
    assert 0.0 == share_found(rows)
