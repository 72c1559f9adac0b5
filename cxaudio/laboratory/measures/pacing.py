"""Change of the pacing figures of one and the same call through the headset, against the clean reference."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cxaudio.laboratory.measures.alignment import speech_delay
from cxaudio.laboratory.measures.figure import Badge, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.made_call import made_call_sides
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.errors import ParameterError

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport
from dsp.core.stage import Float32

__all__ = ["PACING"]


_SAME = 2e-3  # two sounds that differ by less are one

_FIGURES = (
    FigureSpec(
        key="pacing.rate_percent",
        name="Agent's rate",
        unit="% of the clean",
        criterion="pacing",
        role=Role.CALL,
        badge=Badge.PROJECT,
        better="near_zero",
        lead=True,
        worth=2.0,
        cause="shifts the agent's rate",
        cause_with_text=False,
        about="Articulation rate of one and the same call through the headset against the clean reference.",
    ),
    FigureSpec(
        key="pacing.speech_percent",
        name="Agent's speech time",
        unit="% of the clean",
        criterion="pacing",
        role=Role.CALL,
        badge=Badge.PROJECT,
        better="near_zero",
        about="Time in which the agent is heard to speak.",
        lead=True,
        worth=2.0,
        cause="shifts when the agent is heard to speak",
        cause_with_text=False,
    ),
    FigureSpec(
        key="pacing.overlaps",
        name="Overlaps more or less",
        unit="in the call",
        criterion="pacing",
        role=Role.CALL,
        badge=Badge.PROJECT,
        better="near_zero",
        decimals=0,
        about="Overlaps found, less those in the clean reference.",
    ),
    FigureSpec(
        key="pacing.silence_s",
        name="Silence more or less",
        unit="s",
        criterion="pacing",
        role=Role.CALL,
        badge=Badge.PROJECT,
        better="near_zero",
        about="Mutual silence found, less that in the clean reference.",
        decimals=2,
    ),
    FigureSpec(
        key="pacing.response_s",
        name="Agent's response time",
        unit="s",
        criterion="pacing",
        role=Role.CALL,
        badge=Badge.PROJECT,
        better="near_zero",
        about="Median response time, less that in the clean reference.",
        decimals=3,
    ),
)
_KEYS = tuple(spec.key for spec in _FIGURES)


def _fill(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.CALL):
        sides = _sides(take, found)
        if sides is None:
            continue
        played, customer = sides
        rate = take.sample_rate
        try:
            delay, _ = speech_delay(played[: 30 * rate], take.samples[: 32 * rate], rate, skew_ppm=None)
        except ParameterError as error:
            found.withhold(said("{take}: {why}", take=take.name, why=str(error)), *_KEYS)
            continue
        late = max(0, round(delay))
        recorded = np.zeros(len(played), np.float32)
        piece = take.samples[late : late + len(played)]
        recorded[: len(piece)] = piece
        clean, through = (_replayed(agent, customer, rate) for agent in (played, recorded))
        _put_changes(take, clean, through, found)


def _sides(take: Take, found: Findings) -> tuple[Float32, Float32] | None:
    """Return what was played as the agent, and the customer beside it."""
    if take.played is not None and take.other_side is not None:
        return take.played, take.other_side
    made = made_call_sides(take.sample_rate)
    if take.played is None or (
        len(take.played) == made.shape[1] and np.allclose(take.played, made[0], rtol=0, atol=_SAME)
    ):
        return made[0], made[1]
    found.withhold(
        said(
            "what was played in {take} has one channel; give agent and customer as left and right of {stem}.played.wav",
            take=take.name,
            stem=take.stem,
        ),
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


def _put_changes(take: Take, clean: "CallReport", through: "CallReport", found: Findings) -> None:
    before, after = clean.to_dict(), through.to_dict()
    agent_before, agent_after = before["sides"]["agent"], after["sides"]["agent"]
    conditions = said("{seconds:.0f} s of call, latency taken out", seconds=before["call"]["duration_s"])
    for key, name, uncertainty in (
        ("pacing.rate_percent", "articulation_rate", 1.0),
        ("pacing.speech_percent", "speech_s", 0.5),
    ):
        if agent_before[name] and agent_after[name]:
            value = 100 * (agent_after[name] / agent_before[name] - 1)
            detail = said("{after:.2f} instead of {before:.2f}", after=agent_after[name], before=agent_before[name])
            found.put(key, value, error=uncertainty, detail=detail, conditions=conditions)
        else:
            unknown = (
                said("{take}: the agent's articulation rate is not known through the headset", take=take.name)
                if name == "articulation_rate"
                else said("{take}: the agent's speech time is not known through the headset", take=take.name)
            )
            found.withhold(unknown, key)
    counts = [len(each["overlaps"]) for each in (before, after)]
    found.put(
        "pacing.overlaps",
        counts[1] - counts[0],
        error=0.0,
        detail=said("{after} instead of {before}", after=counts[1], before=counts[0]),
        conditions=conditions,
    )
    silent = [sum(gap["end"] - gap["start"] for gap in each["silences"]) for each in (before, after)]
    found.put(
        "pacing.silence_s",
        silent[1] - silent[0],
        error=0.05,
        detail=said("{after:.1f} instead of {before:.1f}", after=silent[1], before=silent[0]),
        conditions=conditions,
    )
    medians = [each["sides"]["agent"]["response_times"]["median_s"] for each in (before, after)]
    if None not in medians:
        found.put("pacing.response_s", medians[1] - medians[0], error=0.02, conditions=conditions)
    else:
        found.withhold(said("{take}: too few answers of the agent were heard", take=take.name), "pacing.response_s")


PACING = Measure(name="pacing", figures=_FIGURES, fill=_fill)
