"""Ticks made from a list of who speaks for how long at how many syllables a second."""

import math
from collections.abc import Iterable

from cxaudio.analysis.tick import Tick
from cxaudio.model.timebase import Timebase

__all__ = ["CLOCK", "paced"]

CLOCK = Timebase(8000)

Part = tuple[float | None, float | None, float]  # agent's rate, customer's rate (None: silent), seconds


def paced(
    parts: Iterable[Part],
    *,
    pause_energy: float = 0.0,
    latency_ticks: int = 0,
    held: Iterable[tuple[float, float]] = (),
) -> list[Tick]:
    """Make the ticks; nuclei are evenly spaced, a rate of 0 is sound without syllables.

    `pause_energy` is the mean square of a side that does not speak; that of speech is 1e-3. `held` are stretches of a
    hold, in seconds.
    """
    holds = [(round(start * 100), round(end * 100)) for start, end in held]
    speech = [0, 0]
    phase = [0.0, 0.0]
    made: list[Tick] = []
    for agent, customer, seconds in parts:
        for number in range(len(made), len(made) + round(seconds * 100)):
            for side, rate in enumerate((agent, customer)):
                if rate is not None:
                    speech[side] += 1
                    phase[side] += rate / 100
            nuclei = (math.floor(phase[0] + 1e-9), math.floor(phase[1] + 1e-9))
            made.append(
                Tick(
                    number=number,
                    at=(number + 1 + latency_ticks) * CLOCK.tick_length,
                    speaking=(agent is not None, customer is not None),
                    nuclei=nuclei,
                    speech=(speech[0], speech[1]),
                    energy=(speech[0] * 1e-3, speech[1] * 1e-3),
                    pause_energy=(
                        (len(made) + 1 - speech[0]) * pause_energy,
                        (len(made) + 1 - speech[1]) * pause_energy,
                    ),
                    held=any(start <= number < end for start, end in holds),
                )
            )
    return made
