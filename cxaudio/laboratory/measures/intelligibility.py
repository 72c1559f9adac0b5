"""Short-time objective intelligibility (extra ``stoi``): speech of the take against what was played."""

from cxaudio.laboratory.measures.figure import Badge, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.errors import ParameterError
from dsp.core.stage import Float32
from dsp.measurement.delay import find_delay

__all__ = ["INTELLIGIBILITY"]


_FIGURES = (
    FigureSpec(
        key="stoi.score",
        name="STOI",
        unit="0 to 1",
        criterion="opinion",
        role=Role.SPEECH,
        badge=Badge.INDICATIVE,
        better="higher",
        decimals=3,
        about="Short-time objective intelligibility against what was played (loops).",
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    from pystoi import stoi

    for take in takes.of(Role.SPEECH):
        pair = _aligned(take, found)
        if pair is None:
            continue
        score = float(stoi(*pair, take.sample_rate, extended=False))
        found.put("stoi.score", score, error=0.005, conditions=said("against what was played, delay taken out"))


def _aligned(take: Take, found: Findings) -> tuple[Float32, Float32] | None:
    """Return what was played and the take from its arrival on, of one length."""
    if take.played is None:
        found.withhold(
            said("{take} has nothing that was played beside it, which STOI compares with", take=take.name), "stoi.score"
        )
        return None
    try:
        delay = find_delay(take.played, take.samples, take.sample_rate, most_s=2.0)
    except ParameterError:
        found.withhold(
            said("{take} or what was played in it is silent, so that STOI cannot compare them", take=take.name),
            "stoi.score",
        )
        return None
    recorded = take.samples[max(0, round(delay.samples)) :]
    n = min(len(recorded), len(take.played))
    return take.played[:n], recorded[:n]


INTELLIGIBILITY = Measure(name="intelligibility", figures=_FIGURES, fill=_fill, libraries=("pystoi",))
