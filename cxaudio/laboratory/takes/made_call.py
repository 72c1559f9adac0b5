"""The made call that is played to a headset, to see how its sound changes the pacing figures."""

from functools import lru_cache

import numpy as np

from cxaudio.made.script import Phase, Script, Surroundings, chance_talk
from cxaudio.made.synthetic import made_call
from dsp.core.resample import Resampler
from dsp.core.stage import Float32, run
from dsp.synthesis.voice import Voice

__all__ = ["CALL_SECONDS", "made_call_sides"]


CALL_SECONDS = 80.0
_SEED = 77


@lru_cache(maxsize=1)
def made_call_sides(sample_rate: int) -> Float32:
    """Return the made call of the laboratory, shape ``(2, n)``: the agent, played at the mouth, and the customer.

    The agent's side is a voice without a room, so that every other sound is the headset's and the room's own.
    Read-only, since it is cached.
    """
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
