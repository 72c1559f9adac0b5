"""Make a call with its true events: a script spoken by made voices on two channels, as samples or as a `Source`.

When a side is audible follows from what its voice speaks: each spurt is placed by its first and last *audible* tick
(`dsp.synthesis.voice.audible_ticks`), so gaps, overlaps and rates are those of the script to a hundredth of a second.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import numpy as np

from cxaudio.errors import SettingError
from cxaudio.made.noise import mu_law, surroundings_sound
from cxaudio.made.script import Aside, Hold, Line, Phase, Script, Surroundings, chance_line, chance_script
from cxaudio.made.truth import (
    CallTruth,
    HoldTruth,
    LineTruth,
    OverlapTruth,
    PhaseTruth,
    SideTruth,
    bridged,
)
from cxaudio.model.blocks import AudioBlock, CallInfo
from cxaudio.model.events import HoldKind, Side
from cxaudio.model.timebase import Timebase
from dsp.core.stage import Float32
from dsp.synthesis.signals import music, ringing, tone
from dsp.synthesis.voice import SpokenSpurt, SpurtPlan, Voice, random_voice, speak

__all__ = ["SyntheticCall", "SyntheticSource", "made_call", "made_rate_recording", "make_call"]


_LEAK_DELAY_S = 0.004  # from the earpiece to the microphone and through the headset's converters
_CEILING = 0.98
_VOICES, _BREATHS, _NOISES, _HOLDS, _SCRIPT = 0, 2, 4, 6, 7  # purposes of chance, by side where there are two


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticCall:
    """A made call: its sound and its truth."""

    info: CallInfo
    samples: Float32  # shape (2, n), full scale +-1.0, read-only
    truth: CallTruth

    def write_wav(self, path: Path, *, subtype: Literal["PCM_16", "ULAW", "ALAW", "FLOAT"] = "PCM_16") -> None:
        """Write a stereo WAV, agent left.

        Parameters
        ----------
        path : Path
            The file; it is overwritten.
        subtype : {"PCM_16", "ULAW", "ALAW", "FLOAT"}
            How samples are coded.
        """
        import soundfile

        soundfile.write(path, self.samples.T, self.info.timebase.sample_rate, subtype=subtype, format="WAV")


class SyntheticSource:
    """Deliver a made call block by block; a `Source`.

    Parameters
    ----------
    call : SyntheticCall
        What `make_call` gave.
    block_length : int
        Samples of a block, >= 1; the last may be shorter.

    Raises
    ------
    SettingError
        If the blocks are empty.

    Examples
    --------
    >>> call = make_call(chance_script(np.random.default_rng(1), seconds=10), seed=1)
    >>> with SyntheticSource(call, block_length=8000) as source:
    ...     ends = [block.end for block in source]
    >>> ends[0], ends[-1] == call.truth.n_samples
    (8000, True)
    """

    def __init__(self, call: SyntheticCall, *, block_length: int = 8_000) -> None:
        if block_length < 1:
            raise SettingError("block_length", block_length, "is no length; use at least 1 sample")
        self._call = call
        self._block_length = block_length

    @property
    def info(self) -> CallInfo:
        """Identity and format of the call."""
        return self._call.info

    @property
    def n_samples(self) -> int | None:
        """Length of the call in samples."""
        return self._call.truth.n_samples

    def __iter__(self) -> Iterator[AudioBlock]:
        """Yield blocks from the beginning; may be called again."""
        for start in range(0, self._call.truth.n_samples, self._block_length):
            yield AudioBlock(start=start, samples=self._call.samples[:, start : start + self._block_length])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Do nothing: no file is open."""


@dataclass(slots=True)
class _Spoken:
    """A line or aside with its sound, not yet placed."""

    element: Line | Aside
    spurts: tuple[SpokenSpurt, ...]

    @property
    def n_syllables(self) -> int:
        return sum(len(spurt.nuclei) for spurt in self.spurts)

    @property
    def speech(self) -> int:
        return sum(spurt.end - spurt.start for spurt in self.spurts)


class _Stage:
    """Place both sides' spurts in time, and keep the truth of it."""

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self.placed: tuple[list[tuple[int, SpokenSpurt]], ...] = ([], [])  # by side: sample of the sound, spurt
        self.lines: list[LineTruth] = []
        self.overlaps: list[OverlapTruth] = []
        self.holds: list[HoldTruth] = []
        self.now = 0  # end of the element placed last

    def _samples(self, seconds: float) -> int:
        return round(seconds * self.sample_rate)

    def _lay(self, spoken: _Spoken, at: int, pauses_s: tuple[float, ...]) -> LineTruth:
        element = spoken.element
        start = at
        speech: list[tuple[int, int]] = []
        for spurt, pause_s in zip(spoken.spurts, (*pauses_s, 0.0), strict=True):
            self.placed[element.side].append((at - spurt.start, spurt))
            speech.append((at, at + spurt.end - spurt.start))
            at = speech[-1][1] + self._samples(pause_s)
        line = LineTruth(
            side=element.side,
            start=start,
            end=speech[-1][1],
            speech=tuple(speech),
            n_syllables=spoken.n_syllables,
            rate=spoken.n_syllables * self.sample_rate / spoken.speech,
            aside=element.kind if isinstance(element, Aside) else None,
        )
        self.lines.append(line)
        return line

    def say(self, spoken: _Spoken) -> None:
        """Place a line after the line before it, or into its end."""
        element = spoken.element
        assert isinstance(element, Line)
        before = self.holder
        line = self._lay(spoken, self.now + self._samples(element.gap_s), element.pauses_s)
        kind = element.overlap_kind
        if kind is not None and before is not None:
            self.overlaps.append(
                OverlapTruth(kind=kind, start=line.start, end=before.end, holder=before.side, entrant=line.side)
            )
        self.now = max(self.now, line.end)

    def interject(self, spoken: _Spoken) -> None:
        """Place an aside inside the line before it."""
        element = spoken.element
        holder = self.holder
        assert isinstance(element, Aside)
        assert holder is not None  # the script has checked it
        begin = holder.start
        if element.in_pause is not None:
            if element.in_pause >= len(holder.speech) - 1:
                raise SettingError("aside.in_pause", element.in_pause, "is no pause of the line before it")
            begin = holder.speech[element.in_pause][1]
        aside = self._lay(spoken, begin + self._samples(element.after_s), ())
        end = min(aside.end, holder.end)
        self.overlaps.append(
            OverlapTruth(kind=element.kind, start=aside.start, end=end, holder=holder.side, entrant=aside.side)
        )
        self.now = max(self.now, aside.end)

    def put_on_hold(self, hold: Hold) -> None:
        """Leave time for the hold's sound."""
        start = self.now + self._samples(hold.gap_s)
        self.now = start + self._samples(hold.seconds)
        self.holds.append(HoldTruth(start=start, end=self.now, kind=hold.kind))

    @property
    def holder(self) -> LineTruth | None:
        """The line placed last."""
        return next((line for line in reversed(self.lines) if line.aside is None), None)

    def check(self) -> None:
        """Check that no side speaks over itself: that is a fault of the script."""
        for side in Side:
            spans = sorted(span for line in self.lines if line.side == side for span in line.speech)
            for before, after in pairwise(spans):
                if after[0] < before[1]:
                    at = after[0] / self.sample_rate
                    raise SettingError("script", f"{at:.2f} s", f"has the {side.label} speak over itself; move a line")


def _rng(seed: int, purpose: int) -> np.random.Generator:
    """Return a random generator for one purpose, so that a change of one thing leaves the others as they were."""
    return np.random.default_rng([seed, purpose])


def _plans(element: Line | Aside) -> list[SpurtPlan]:
    if isinstance(element, Line):
        return [SpurtPlan(n_syllables=n, rate=element.rate, level_db=element.level_db) for n in element.spurts]
    return [SpurtPlan(n_syllables=element.n_syllables, rate=element.rate, level_db=element.level_db, word=element.word)]


def _spoken(script: Script, sample_rate: int, seed: int) -> dict[int, _Spoken]:
    """Speak every element of the script; returns them by the number of the element."""
    result: dict[int, _Spoken] = {}
    for side in Side:
        mine = [(k, e) for k, e in enumerate(script.elements()) if not isinstance(e, Hold) and e.side == side]
        plans = [_plans(element) for _, element in mine]
        flat = [plan for group in plans for plan in group]
        said = iter(speak(script.voices[side], flat, _rng(seed, _VOICES + side), sample_rate=sample_rate))
        for (k, element), group in zip(mine, plans, strict=True):
            result[k] = _Spoken(element, tuple(next(said) for _ in group))
    return result


def _phase_truth(phase: Phase, spoken: list[_Spoken], start: int, end: int, sample_rate: int) -> PhaseTruth:
    asked: list[float | None] = []
    reached: list[float | None] = []
    for side in Side:
        mine = [s for s in spoken if s.element.side == side and isinstance(s.element, Line)]
        syllables = sum(s.n_syllables for s in mine)
        asked.append(round(syllables / sum(s.n_syllables / s.element.rate for s in mine), 3) if mine else None)
        reached.append(round(syllables * sample_rate / sum(s.speech for s in mine), 3) if mine else None)
    return PhaseTruth(
        rule=phase.rule,
        start=start,
        end=end,
        rates_asked=(asked[0], asked[1]),
        rates=(reached[0], reached[1]),
    )


def _hold_sound(hold: HoldTruth, level: float, rng: np.random.Generator, sample_rate: int) -> Float32:
    n = hold.end - hold.start
    if hold.kind is HoldKind.RINGING:
        return ringing(n, sample_rate=sample_rate, rms=level)
    if hold.kind is HoldKind.TONE:
        return tone(440.0, n, sample_rate=sample_rate, amplitude=level * 2**0.5)
    return music(n, rng, sample_rate=sample_rate, rms=level)


def _breaths(
    stage: _Stage, side: Side, script: Script, rng: np.random.Generator, sample_rate: int
) -> list[tuple[int, Float32]]:
    """Make breaths before lines that leave the time for it: where each begins, and its sound."""
    spans = sorted(span for line in stage.lines if line.side == side for span in line.speech)
    free = [b[0] for a, b in pairwise([(0, 0), *spans]) if b[0] - a[1] > 0.7 * sample_rate]
    chosen = [start for start in free if rng.random() < script.surroundings[side].breaths]
    plans = [SpurtPlan(n_syllables=0, rate=1 / float(rng.uniform(0.25, 0.5))) for _ in chosen]
    said = speak(script.voices[side], plans, rng, sample_rate=sample_rate)
    return [(max(0, start - len(breath.samples)), breath.samples) for start, breath in zip(chosen, said, strict=True)]


def _add(channel: Float32, at: int, sound: Float32) -> None:
    """Add sound to a channel; what goes beyond its ends is cut."""
    first = max(0, at)
    last = min(len(channel), at + len(sound))
    if last > first:
        channel[first:last] += sound[first - at : last - at]


def make_call(script: Script, *, seed: int, sample_rate: int = 8_000) -> SyntheticCall:
    """Speak a script.

    Parameters
    ----------
    script : Script
        What the call shall hold.
    seed : int
        The same seed gives the same call.
    sample_rate : int
        8000 or 16000 Hz.

    Returns
    -------
    SyntheticCall
        Sound of both sides and what is true of it.

    Raises
    ------
    SettingError
        If the script has a side speak over itself, or the rate is no call's rate.

    Examples
    --------
    >>> call = make_call(chance_script(np.random.default_rng(1), seconds=10), seed=1)
    >>> call.samples.shape[0], call.info.origin
    (2, 'synthetic')
    """
    timebase = Timebase(sample_rate)
    spoken = _spoken(script, sample_rate, seed)
    stage = _Stage(sample_rate)
    stage.now = timebase.samples(script.lead_s)
    phases: list[PhaseTruth] = []
    k = 0
    for phase in script.phases:
        start, said = stage.now, []
        for element in phase.elements:
            if isinstance(element, Hold):
                stage.put_on_hold(element)
            else:
                said.append(spoken[k])
                if isinstance(element, Line):
                    stage.say(spoken[k])
                else:
                    stage.interject(spoken[k])
            k += 1
        phases.append(_phase_truth(phase, said, start, stage.now, sample_rate))
    stage.check()
    n = stage.now + timebase.samples(script.tail_s)
    samples, sides = _mix(script, stage, n, seed, sample_rate)
    truth = CallTruth(
        sample_rate=sample_rate,
        n_samples=n,
        sides=sides,
        lines=tuple(sorted(stage.lines, key=lambda line: line.start)),
        overlaps=tuple(sorted(stage.overlaps, key=lambda overlap: overlap.start)),
        phases=tuple(phases),
        holds=tuple(stage.holds),
        noise_db=(script.surroundings[0].noise_db, script.surroundings[1].noise_db),
        leak_db=script.leak_db,
    )
    info = CallInfo(
        call_id=script.call_id,
        origin="synthetic",
        language=script.language,
        started_at=None,
        timebase=timebase,
        source_rates=(sample_rate, sample_rate),
        channels=(0, 1),
    )
    return SyntheticCall(info=info, samples=samples, truth=truth)


def _mix(
    script: Script, stage: _Stage, n: int, seed: int, sample_rate: int
) -> tuple[Float32, tuple[SideTruth, SideTruth]]:
    """Mix both channels: voices at their level, leakage, surroundings, holds, the network."""
    samples = np.zeros((2, n), np.float32)
    sides: list[SideTruth] = []
    for side in Side:
        voice, surroundings = samples[side], script.surroundings[side]
        nuclei: list[int] = []
        energy, length = 0.0, 0
        for at, spurt in stage.placed[side]:
            _add(voice, at, spurt.samples)
            nuclei += [at + int(nucleus) for nucleus in spurt.nuclei]
            audible = spurt.samples[spurt.start : spurt.end]
            energy += float(np.square(audible, dtype=np.float64).sum())
            length += len(audible)
        gain = 10 ** (surroundings.level_dbov / 20) / max(np.sqrt(energy / max(1, length)), 1e-9)
        for at, breath in _breaths(stage, side, script, _rng(seed, _BREATHS + side), sample_rate):
            _add(voice, at, breath)
        voice *= np.float32(gain)
        spans = [span for line in stage.lines if line.side == side for span in line.speech]
        sides.append(SideTruth(speech=bridged(spans, sample_rate=sample_rate), nuclei=tuple(sorted(nuclei))))
    agent, customer = samples
    if script.leak_db is not None:
        delay = round(_LEAK_DELAY_S * sample_rate)
        agent[delay:] += customer[: n - delay] * np.float32(10 ** (script.leak_db / 20))
    hold_rng = _rng(seed, _HOLDS)
    for side in Side:
        channel, surroundings = samples[side], script.surroundings[side]
        is_telephone = script.voices[side].band == "telephone"
        rng = _rng(seed, _NOISES + side)
        channel += surroundings_sound(n, surroundings, rng, sample_rate=sample_rate, is_telephone=is_telephone)
        if side == Side.AGENT:
            for hold in stage.holds:
                # The microphone is muted; the recording holds what the customer gets instead.
                level = 10 ** ((surroundings.level_dbov - 2) / 20)
                channel[hold.start : hold.end] = _hold_sound(hold, level, hold_rng, sample_rate)
        np.clip(channel, -_CEILING, _CEILING, out=channel)
        if surroundings.mu_law:
            channel[:] = mu_law(channel)
    samples.flags.writeable = False
    return samples, (sides[0], sides[1])


def made_call(
    seed: int, script: Script | None = None, *, sample_rate: int = 8_000, seconds: float = 120.0
) -> tuple[Float32, CallTruth]:
    """Make a call for a test: by a script, or by chance but with controlled turn-taking.

    Parameters
    ----------
    seed : int
        The same seed gives the same call.
    script : Script, optional
        What it shall hold; drawn by the seed where it is not given.
    sample_rate : int
        8000 or 16000 Hz.
    seconds : float
        About how long a drawn call is; not looked at with a script.

    Returns
    -------
    samples : ndarray of float32, shape (2, n)
        Agent and customer, read-only.
    truth : CallTruth
        What is true of it.

    Raises
    ------
    SettingError
        As `make_call`.

    Examples
    --------
    >>> samples, truth = made_call(3, seconds=20)
    >>> samples.shape == (2, truth.n_samples), len(truth.lines) > 2
    (True, True)
    """
    if script is None:
        script = chance_script(_rng(seed, _SCRIPT), seconds=seconds)
    call = make_call(script, seed=seed, sample_rate=sample_rate)
    return call.samples, call.truth


def made_rate_recording(
    seed: int,
    rate: float,
    *,
    noise_db: float = 40.0,
    n_syllables: int = 150,
    sample_rate: int = 8_000,
    voice: Voice | None = None,
) -> tuple[Float32, CallTruth]:
    """Make a recording in which only the agent's side speaks, at one rate.

    Parameters
    ----------
    seed : int
        The same seed gives the same recording.
    rate : float
        Articulation rate, syllables/s, 1 to 10.
    noise_db : float
        Steady pink noise under the voice, dB.
    n_syllables : int
        How many, >= 1.
    sample_rate : int
        8000 or 16000 Hz.
    voice : Voice, optional
        Who speaks; drawn by the seed where it is not given.

    Returns
    -------
    samples : ndarray of float32, shape (2, n)
        The other side holds a whisper of noise.
    truth : CallTruth
        Its `rate_row` is what scorers of rates read.

    Raises
    ------
    SettingError
        As `make_call`.

    Examples
    --------
    >>> samples, truth = made_rate_recording(1, 5.0, n_syllables=60)
    >>> len(truth.sides[Side.AGENT].nuclei), round(truth.articulation_rate(Side.AGENT))
    (60, 5)
    """
    rng = _rng(seed, _SCRIPT)
    line = chance_line(
        Side.AGENT, rng, n_syllables=n_syllables, rate=rate, gap_s=0.0, pauses_s=(0.5, 1.4), spurt=(8, 18)
    )
    script = Script(
        phases=(Phase(rule="neutral", elements=(line,)),),
        voices=(random_voice(rng) if voice is None else voice, Voice(f0_hz=120)),
        surroundings=(Surroundings(noise_db=noise_db), Surroundings(noise_db=54.0, colour="white")),
    )
    return made_call(seed, script, sample_rate=sample_rate)
