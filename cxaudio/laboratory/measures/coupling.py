"""Coupling from the earpiece to the microphone."""

from cxaudio.laboratory.measures.figure import Badge, CurveSpec, FigureSpec, indicative_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.processing import is_gated, is_suppressed, why_gain_is_unknown
from cxaudio.laboratory.said import listed, said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes, learned_from
from dsp.core.errors import ParameterError
from dsp.measurement.coupling import TELEPHONE_BAND_HZ, find_coupling
from dsp.measurement.delay import find_delay

__all__ = ["COUPLING"]

_FIGURES = (
    FigureSpec(
        key="coupling.weighted_db",
        fit=2.0,
        name="Digital coupling loss",
        unit="dB re played",
        criterion="coupling",
        role=Role.EARPIECE,
        badge=Badge.INDICATIVE,
        better="higher",
        lead=True,
        worth=2.0,
        cause="lets the earpiece into the microphone",
        about="Played less recorded level, weighted after ITU-T G.122 annex B.4; between two digital signals at one "
        "volume, not TCLw.",
        limits=(indicative_limit(46.0, "at_least", "3GPP TS 26.132 clause 8.7, taken there on a head simulator"),),
    ),
)
_CURVES = (
    CurveSpec(
        key="coupling",
        name="Digital coupling loss",
        unit="dB re played",
        x_unit="Hz",
        role=Role.EARPIECE,
        badge=Badge.INDICATIVE,
        about="Third octaves; higher is better.",
    ),
)
_KEYS = ("coupling.weighted_db", "coupling")


def _fill(takes: Takes, found: Findings) -> None:
    sentence = why_gain_is_unknown(takes, found)
    if sentence is not None:
        found.forbid(sentence, *_KEYS)
    for take in takes.of(Role.EARPIECE):
        _fill_from(take, takes, found)


def _fill_from(take: Take, takes: Takes, found: Findings) -> None:
    if take.played is None:
        found.withhold(
            said(
                "{take} says nothing without what was played; put that beside it as {stem}.played.wav",
                take=take.name,
                stem=take.stem,
            ),
            *_KEYS,
        )
        return
    rate = take.sample_rate
    start = learned_from(take)
    played, recorded = take.played[start:], take.samples[start:]
    n = min(len(played), len(recorded))
    if n < 2 * rate:
        found.withhold(
            said("{take}: less than 2 s are left behind the first {start:g} s", take=take.name, start=start / rate),
            *_KEYS,
        )
        return
    if not recorded.any():
        found.withhold(
            said(
                "{take} is digital silence behind the first {start:g} s, as a gate or a mute switch leaves it; the "
                "coupling is not known",
                take=take.name,
                start=start / rate,
            ),
            *_KEYS,
        )
        return
    if not played.any():
        found.withhold(
            said(
                "what was played in {take} is silent behind the first {start:g} s", take=take.name, start=start / rate
            ),
            *_KEYS,
        )
        return
    # Sound that comes later than it was played is followed; where it is lost in noise nothing is.
    delay = find_delay(played[: n - rate // 2], recorded, rate, most_s=10.0, fine=False)
    late = round(delay.samples) if delay.accepted else 0
    recorded = recorded[late : late + n]
    quiet = takes.beside(take, Role.QUIET)
    idle = quiet.samples if quiet is not None else None
    try:
        coupling = find_coupling(played[: len(recorded)], recorded, rate, idle=idle, band_hz=TELEPHONE_BAND_HZ)
    except ParameterError as error:
        found.withhold(said("{take}: {why}", take=take.name, why=str(error)), *_KEYS)
        return
    gated = is_gated(takes, found)
    suppressed = is_suppressed(takes, found)
    if gated and coupling.weighted_at_least:
        found.withhold(
            said(
                "a gate was found, and nothing of the earpiece is heard above the noise of {take}: what the gate hides "
                "is not known",
                take=take.name,
            ),
            *_KEYS,
        )
        return
    conditions = [
        said(
            "{low:g} Hz to {high:g} kHz, first {start:g} s left out",
            low=coupling.band_hz[0],
            high=coupling.band_hz[1] / 1000,
            start=start / rate,
        ),
        said("volume {volume}", volume=take.conditions.volume) if take.conditions.volume else "",
        said("idle noise not known") if idle is None else "",
        said("the gate hides some") if gated else "",
        said("the headset's noise suppressor hides some") if suppressed else "",
    ]
    found.put(
        "coupling.weighted_db",
        coupling.weighted_db,
        error=0.2,
        bound="at_least" if coupling.weighted_at_least else "at_most" if gated or suppressed else "exact",
        conditions=listed(conditions),
    )
    found.draw("coupling", coupling.bands.centres_hz, coupling.loss_db, bounded=coupling.at_least)


COUPLING = Measure(name="coupling", figures=_FIGURES, curves=_CURVES, fill=_fill)
