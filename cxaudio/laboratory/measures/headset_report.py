"""Measure a headset from its takes: every figure with its uncertainty and conditions, or why it is withheld."""

from dataclasses import dataclass

from cxaudio.laboratory import measures
from cxaudio.laboratory.measures.figure import Curve, Figure
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.spectrum import Float64

__all__ = ["HeadsetReport", "measure_headset"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class HeadsetReport:
    """Result of measuring one headset."""

    model: str
    takes: Takes
    figures: tuple[Figure, ...]
    curves: tuple[Curve, ...]
    impulse: Float64 | None  # (n,), of the first sweep, at the takes' rate; the main arrival 50 ms behind its beginning
    openings_ms: tuple[float, ...]  # loop latency of each opening of the stream
    notes: tuple[str, ...]  # observations that are no figure

    def figure(self, key: str) -> Figure:
        """Return the figure of a key.

        Raises
        ------
        KeyError
            If no measure defines it.
        """
        for each in self.figures:
            if each.spec.key == key:
                return each
        raise KeyError(key)

    def curve(self, key: str) -> Curve:
        """Return the curve of a key.

        Raises
        ------
        KeyError
            If no measure defines it.
        """
        for each in self.curves:
            if each.spec.key == key:
                return each
        raise KeyError(key)

    @property
    def n_wearings(self) -> int:
        """Number of times the headset was put on."""
        return max((take.number for take in self.takes.takes if take.role is not Role.OPENING), default=0)

    @property
    def excerpt(self) -> Take | None:
        """Take whose spectrogram is drawn: the first of speech."""
        spoken = self.takes.of(Role.SPEECH)
        return spoken[0] if spoken else None


def measure_headset(takes: Takes, *, opinions: bool = False) -> HeadsetReport:
    """Compute every figure that the takes allow.

    Parameters
    ----------
    takes : Takes
        Judged takes of one headset.
    opinions : bool
        Run also the optional models that are installed (DNSMOS, PLCMOS, STOI).

    Returns
    -------
    HeadsetReport
        With every figure that a measure defines: a value, or one sentence why there is none.

    Raises
    ------
    UsageError
        If `opinions` are asked for and no such library is installed.

    Examples
    --------
    >>> import numpy as np
    >>> from cxaudio.laboratory.takes.judge import judge_takes
    >>> rng = np.random.default_rng(1)
    >>> noise = rng.normal(0, 1e-3, 96_000).astype(np.float32)
    >>> quiet = Take(role=Role.QUIET, number=1, name="quiet.wav", samples=noise, sample_rate=16_000)
    >>> report = measure_headset(judge_takes("example", [quiet]))
    >>> round(report.figure("noise.total_dbov").value), report.figure("level.active_dbov").withheld
    (-60, 'there is no speech take, which gives level, ...; record it as speech.wav')
    """
    found = Findings()
    for measure in measures.chosen_measures(opinions=opinions):
        found.begin(measure.figures, measure.curves)
        measure.fill(takes, found)
    return HeadsetReport(
        model=takes.model,
        takes=takes,
        figures=tuple(found.figure(spec, takes) for spec in measures.figure_specs().values()),
        curves=tuple(found.curve(spec, takes) for spec in measures.curve_specs().values()),
        impulse=found.impulse,
        openings_ms=found.openings_ms,
        notes=tuple(dict.fromkeys(found.notes)),
    )
