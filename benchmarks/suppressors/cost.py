"""Measure how long sound takes to pass a suppressor, and the CPU time of an hour of one side."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.suppressors.suppressor import Sound, Suppressor, resampled
from dsp.core.stage import Stage

__all__ = ["Cost", "costs", "most_withheld"]

_BLOCK_S = 0.02  # what a sound card gives
_RUNS = 3


@dataclass(frozen=True)
class Cost:
    """What one suppressor costs."""

    nominal_ms: float  # of sound that is withheld: how late the output is, and the frame
    measured_ms: float  # not a number if it needs the whole recording
    whole_s: float  # CPU seconds of an hour, the recording in one piece
    blocks_s: float  # in blocks of 20 ms; not a number if it cannot


def most_withheld(stage: Stage[Any, Any], x: Sound) -> int:
    """Return the most samples that a stage withholds when it gets one at a time.

    Examples
    --------
    >>> from dsp.speech.suppressor import NoiseSuppressor
    >>> most_withheld(NoiseSuppressor(8000), np.zeros(800, np.float32)) / 8000
    0.019875
    """
    most = n_out = 0
    for n_in in range(1, len(x) + 1):
        n_out += len(stage.process(x[n_in - 1 : n_in]))
        most = max(most, n_in - n_out)
    return most


def costs(suppressors: Sequence[Suppressor], speech: Sound, sample_rate: int, *, minutes: float) -> dict[str, Cost]:
    """Measure each on some minutes of noisy speech.

    The runs of all suppressors take turns, and the median counts, so that what else the computer does hits all alike.
    """
    n = int(minutes * 60 * sample_rate)
    x = np.resize(speech, n).astype(np.float32)
    short = x[: min(n, 8 * sample_rate)]
    whole: dict[str, list[float]] = {each.key: [] for each in suppressors}
    blocks: dict[str, list[float]] = {each.key: [] for each in suppressors}
    for _ in range(_RUNS):
        for each in suppressors:
            whole[each.key].append(_whole(each, x, sample_rate))
            if each.stage is not None:
                blocks[each.key].append(_in_blocks(each.stage(sample_rate), x, sample_rate))
    hour = 60 / minutes
    found = {}
    for each in suppressors:
        whole_s = hour * float(np.median(whole[each.key]))
        # a peer works frame by frame in any case
        live_s = hour * float(np.median(blocks[each.key])) if each.stage else whole_s if each.live else float("nan")
        found[each.key] = Cost(each.late_ms + each.frame_ms, _measured_ms(each, short, sample_rate), whole_s, live_s)
    return found


def _whole(suppressor: Suppressor, x: Sound, sample_rate: int) -> float:
    rate = suppressor.sample_rate or sample_rate
    process = suppressor.load(rate)
    began = time.process_time()
    resampled(process(resampled(x, sample_rate, rate)), rate, sample_rate)
    return time.process_time() - began


def _in_blocks(stage: Stage[Any, Any], x: Sound, sample_rate: int) -> float:
    length = int(_BLOCK_S * sample_rate)
    began = time.process_time()
    for at in range(0, len(x), length):
        stage.process(x[at : at + length])
    stage.flush()
    return time.process_time() - began


def _measured_ms(suppressor: Suppressor, x: Sound, sample_rate: int) -> float:
    if suppressor.stage is not None:
        return 1000 * most_withheld(suppressor.stage(sample_rate), x[: sample_rate // 2]) / sample_rate
    if not suppressor.live:
        return float("nan")
    return suppressor.run_and_find_delay(x, sample_rate)[1] + suppressor.frame_ms
