"""How far a headset moves the pacing figures of one and the same call, against the clean reference."""

import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.timing import speech_delays
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.errors import ParameterError
from dsp.core.resample import Resampler
from dsp.core.stage import run

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["CALL_SECONDS", "made_call_sides", "measure_pacing"]

Float32 = NDArray[np.float32]

CALL_SECONDS = 80.0
_SEED = 77
_KEYS = ("pacing.rate_percent", "pacing.speech_percent", "pacing.overlaps", "pacing.silence_s", "pacing.response_s")


@lru_cache(maxsize=1)
def made_call_sides(sample_rate: int) -> Float32:
    """The made call of the laboratory, shape ``(2, n)``: what is played to the microphone, and the customer.

    The agent's side is a voice without a room, so that all that is heard besides is the headset's and the room's own.
    Read-only: it is kept and given again.
    """
    from cxaudio.made.script import Phase, Script, Surroundings, chance_talk
    from cxaudio.made.synthetic import made_call
    from dsp.synthesis.voice import Voice

    rng = np.random.default_rng(_SEED)
    talk = chance_talk(rng, seconds=CALL_SECONDS, rates=(4.8, 4.6), early=0.15, interruptions=0.08, backchannels=0.4)
    script = Script(
        phases=(Phase(rule="neutral", elements=talk),),
        voices=(Voice(f0_hz=190, tract=1.12), Voice(f0_hz=115, band="telephone")),
        surroundings=(
            Surroundings(level_dbov=-26.0, noise_db=60.0, colour="pink"),
            Surroundings(level_dbov=-25.0, noise_db=45.0, colour="white"),
        ),
    )
    samples, _ = made_call(_SEED, script, sample_rate=16_000)
    if sample_rate != 16_000:
        samples = np.stack([run(Resampler(16_000, sample_rate), side) for side in samples])
    samples.flags.writeable = False
    return samples


def measure_pacing(takes: Takes, found: Findings) -> None:
    """Replay the call as the headset heard it and as it was played, and take the one from the other."""
    for take in takes.of(Role.CALL):
        sides = _sides(take, found)
        if sides is None:
            continue
        played, customer = sides
        rate = take.sample_rate
        try:
            delay, _ = speech_delays(played[: 30 * rate], take.samples[: 32 * rate], rate, skew_ppm=None)
        except ParameterError as error:
            found.withhold(f"{take.name}: {error}", *_KEYS)
            continue
        late = max(0, round(delay))
        heard = np.zeros(len(played), np.float32)
        piece = take.samples[late : late + len(played)]
        heard[: len(piece)] = piece
        clean, through = (_replayed(agent, customer, rate) for agent in (played, heard))
        _drift(take, clean, through, found)


def _sides(take: Take, found: Findings) -> tuple[Float32, Float32] | None:
    if take.played is not None and take.other_side is not None:
        return take.played, take.other_side
    if take.played is None:
        sides = made_call_sides(take.sample_rate)
        return sides[0], sides[1]
    found.withhold(
        f"what was played in {take.name} has one channel; give agent and customer as left and right of "
        f"{take.name.rsplit('.', 1)[0]}.played.wav",
        *_KEYS,
    )
    return None


def _replayed(agent: Float32, customer: Float32, sample_rate: int) -> "CallReport":
    import soundfile

    from cxaudio.replay.one_call import replay

    with tempfile.TemporaryDirectory(prefix="cxaudio-") as folder:
        path = Path(folder) / "call.wav"
        soundfile.write(path, np.stack((agent, customer), axis=1), sample_rate, subtype="FLOAT")
        return replay(path, agent="left", language="en")


def _drift(take: Take, clean: "CallReport", through: "CallReport", found: Findings) -> None:
    before, after = clean.to_dict(), through.to_dict()
    own, heard = before["sides"]["agent"], after["sides"]["agent"]
    conditions = f"{before['call']['duration_s']:.0f} s of call, latency taken out"
    for key, name, uncertainty in (
        ("pacing.rate_percent", "articulation_rate", 1.0),
        ("pacing.speech_percent", "speech_s", 0.5),
    ):
        if own[name] and heard[name]:
            value = 100 * (heard[name] / own[name] - 1)
            text = f"{heard[name]:.2f} instead of {own[name]:.2f}"
            found.put(key, value, uncertainty=uncertainty, text=text, conditions=conditions)
        else:
            found.withhold(f"{take.name}: the agent's {name.replace('_', ' ')} is not known through the headset", key)
    counts = [len(each["overlaps"]) for each in (before, after)]
    found.put("pacing.overlaps", counts[1] - counts[0], uncertainty=0.0, text=f"{counts[1]} instead of {counts[0]}",
              conditions=conditions)  # fmt: skip
    silent = [sum(gap["end"] - gap["start"] for gap in each["silences"]) for each in (before, after)]
    found.put("pacing.silence_s", silent[1] - silent[0], uncertainty=0.05, text=f"{silent[1]:.1f} instead of "
              f"{silent[0]:.1f}", conditions=conditions)  # fmt: skip
    medians = [each["sides"]["agent"]["response_times"]["median_s"] for each in (before, after)]
    if None not in medians:
        found.put("pacing.response_s", medians[1] - medians[0], uncertainty=0.02, conditions=conditions)
    else:
        found.withhold(f"{take.name}: too few answers of the agent were heard", "pacing.response_s")
