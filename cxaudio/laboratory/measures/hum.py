"""Hum of the mains in the quiet take."""

from cxaudio.laboratory.measures.figure import Badge, FigureSpec, Presence
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.gain_control import is_gain_controlled
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.noise import without_silent_ends
from cxaudio.laboratory.measures.processing import AT_GAIN_OF_SILENCE, is_gated, is_suppressed
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes
from dsp.core.errors import ParameterError
from dsp.measurement.defects import find_hum

__all__ = ["HUM"]

_BETWEEN_BINS_DB = 0.05  # power of a line that lies between two bins and is lost to bins farther away

_FIGURES = (
    FigureSpec(
        key="hum.level_dbov",
        name="Mains hum",
        unit="dBov",
        criterion="noise",
        role=Role.QUIET,
        badge=Badge.PROJECT,
        about="All lines at multiples of 50 or 60 Hz that stand 10 dB out of their neighbourhood.",
        better="lower",
        lead=True,
        worth=3.0,
        cause="hums with the mains",
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    hidden = is_gated(takes, found) or is_suppressed(takes, found)
    known = AT_GAIN_OF_SILENCE if is_gain_controlled(takes, found) else None
    for take in takes.of(Role.QUIET):
        try:
            hum = find_hum(without_silent_ends(take), take.sample_rate)
        except ParameterError as error:
            found.withhold(said("{take}: {why}", take=take.name, why=str(error)), "hum.level_dbov")
            continue
        lines = ", ".join(f"{line.frequency_hz:.0f}" for line in hum.lines[:6])
        none = hum.mains_hz is None
        found.put(
            "hum.level_dbov",
            hum.hidden_dbov if none else hum.level_dbov,
            error=hum.error_db,
            systematic=_BETWEEN_BINS_DB,
            bound="at_most" if none or known else "at_least" if hidden else "exact",
            known=known,
            presence=Presence.NOT_FOUND if none else None,
            detail=None
            if hum.mains_hz is None
            else said("mains of {mains:.0f} Hz, lines at {lines} Hz", mains=hum.mains_hz, lines=lines),
            conditions=said("{seconds:.0f} s, lines 10 dB out of their neighbourhood", seconds=take.seconds),
        )


HUM = Measure(name="hum", figures=_FIGURES, fill=_fill)
