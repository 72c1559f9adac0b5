"""Keep the truth of a made call, to the sample, and write the rows that scorers of reports read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cxaudio.model.events import HoldKind, OverlapKind, Side

__all__ = ["CallTruth", "HoldTruth", "LineTruth", "OverlapTruth", "PhaseTruth", "SideTruth", "bridged"]

_BRIDGE_S, _SHORTEST_S = 0.20, 0.12  # DEFINITIONS §1, spurt


def bridged(spans: Sequence[tuple[int, int]], *, sample_rate: int) -> tuple[tuple[int, int], ...]:
    """Turn spans into spurts: close gaps under 0.20 s, then drop spans under 0.12 s (DEFINITIONS §1).

    Parameters
    ----------
    spans : sequence of tuple of int
        Start and end in samples, in any order; they may touch or overlap.
    sample_rate : int
        In Hz.

    Returns
    -------
    tuple of tuple of int
        Ascending and apart.

    Examples
    --------
    >>> bridged([(0, 2000), (3000, 4000), (8000, 8500)], sample_rate=8000)
    ((0, 4000),)
    """
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start - joined[-1][1] < _BRIDGE_S * sample_rate:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(span for span in joined if span[1] - span[0] >= _SHORTEST_S * sample_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideTruth:
    """One side; positions in samples."""

    speech: tuple[tuple[int, int], ...]  # spurts, gaps bridged
    nuclei: tuple[int, ...]

    @property
    def speech_samples(self) -> int:
        """Speech without pauses."""
        return sum(end - start for start, end in self.speech)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTruth:
    """One line or aside as it was spoken."""

    side: Side
    start: int
    end: int
    speech: tuple[tuple[int, int], ...]  # its spurts
    n_syllables: int
    rate: float  # syllables/s over its speech without pauses
    aside: OverlapKind | None  # what it was if it did not take the floor


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapTruth:
    """A stretch in which both sides speak, with its kind by the script."""

    kind: OverlapKind
    start: int  # the entrant's beginning
    end: int  # the first of the two to stop
    holder: Side
    entrant: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseTruth:
    """A part of the call in which a rule is kept ("neutral") or broken."""

    rule: str
    start: int
    end: int
    rates_asked: tuple[float | None, float | None]  # syllables/s of agent and customer, mean over syllables
    rates: tuple[float | None, float | None]  # reached


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldTruth:
    """A stretch in which the customer was on hold."""

    start: int
    end: int
    kind: HoldKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTruth:
    """All that is known of a made call."""

    sample_rate: int
    n_samples: int
    sides: tuple[SideTruth, SideTruth]  # agent, customer
    lines: tuple[LineTruth, ...]  # by their beginning
    overlaps: tuple[OverlapTruth, ...]
    phases: tuple[PhaseTruth, ...]
    holds: tuple[HoldTruth, ...]
    noise_db: tuple[float, float]  # steady noise under the voice, dB
    leak_db: float | None

    def articulation_rate(self, side: Side) -> float | None:
        """Return nuclei over speech without pauses, syllables/s; None where the side is silent."""
        samples = self.sides[side].speech_samples
        return len(self.sides[side].nuclei) * self.sample_rate / samples if samples else None

    def spans_s(self, side: Side) -> list[list[float]]:
        """Return the speech of a side as pairs of seconds, as reports have it."""
        return [[self._seconds(start), self._seconds(end)] for start, end in self.sides[side].speech]

    def _seconds(self, samples: int) -> float:
        return round(samples / self.sample_rate, 3)

    def rows(self, file: str, *, condition: str = "made") -> list[dict[str, Any]]:
        """Return rows for an index of truths: one of kind "call" and one of kind "pacing".

        Parameters
        ----------
        file : str
            Name of the recording.
        condition : str
            Under which name figures are gathered.

        Returns
        -------
        list of dict
            Plain values, ready for JSON; times in seconds.
        """
        shared = {
            "file": file,
            "duration_s": self._seconds(self.n_samples),
            "rate_hz": self.sample_rate,
            "channels": ["agent", "customer"],
            "condition": condition,
            "leak_db": self.leak_db,
        }
        sides = {
            side.label: {
                "speech": self.spans_s(side),
                "syllables": len(self.sides[side].nuclei),
                "articulation_rate": self.articulation_rate(side),
                "noise": {"snr_db": self.noise_db[side]},
            }
            for side in Side
        }
        phases = [
            {
                "rule": phase.rule,
                "start": self._seconds(phase.start),
                "end": self._seconds(phase.end),
                "rates": list(phase.rates_asked),
            }
            for phase in self.phases
        ]
        return [shared | {"kind": "call", "sides": sides}, shared | {"kind": "pacing", "phases": phases}]

    def rate_row(self, file: str, *, condition: str = "made") -> dict[str, Any]:
        """Return a row of kind "rate" for a recording in which only the agent's side speaks.

        Parameters
        ----------
        file : str
            Name of the recording.
        condition : str
            Under which name figures are gathered.

        Returns
        -------
        dict
            Plain values, ready for JSON.
        """
        agent = self.sides[Side.AGENT]
        return {
            "file": file,
            "kind": "rate",
            "duration_s": self._seconds(self.n_samples),
            "rate_hz": self.sample_rate,
            "channels": ["agent", "customer"],
            "condition": condition,
            "syllables": len(agent.nuclei),
            "speech_s": self._seconds(agent.speech_samples),
            "articulation_rate": self.articulation_rate(Side.AGENT),
        }
