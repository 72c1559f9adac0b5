"""Effective bandwidth of the speech take."""

from cxaudio.laboratory.measures.figure import Badge, Bound, FigureSpec, chosen_limit
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.measurement.bandwidth import Bandwidth, find_bandwidth

__all__ = ["BANDWIDTH", "bandwidth_of"]

_EDGES = {"cliff": "cliff", "noise": "sinks into the noise", "none": "no edge below half the rate"}

_ERROR_HZ = 50.0  # of a cliff, from speech of several talkers through one filter

_FIGURES = (
    FigureSpec(
        key="bandwidth.upper_hz",
        name="Effective bandwidth",
        unit="Hz",
        criterion="bandwidth",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        better="higher",
        decimals=0,
        lead=True,
        worth=300.0,
        cause="cuts off the highs",
        about="Upper edge of speech, half-way in dB down the cliff of a filter, else where it sinks into the noise of "
        "its pauses.",
        limits=(chosen_limit(6_500.0, "at_least", "chosen: lower edge of what is called wideband here"),),
    ),
)


def bandwidth_of(take: Take) -> Bandwidth:
    """Find the upper edge of a take."""
    return find_bandwidth(take.samples, take.sample_rate)


def _fill(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.SPEECH):
        band = found.shared(bandwidth_of, take)
        rate = take.sample_rate
        detail: str = said("{band}, {edge}", band=band.name, edge=_EDGES[band.evidence])
        bound: Bound = "exact" if band.evidence == "cliff" or band.image_of_hz else "at_least"
        if band.image_of_hz is not None:
            detail = said(
                "{band}, {edge}, really recorded at {rate:g} Hz",
                band=band.name,
                edge=_EDGES[band.evidence],
                rate=band.image_of_hz,
            )
        narrower = band.narrower_than_rate
        if take.played is not None and band.upper_hz >= find_bandwidth(take.played, rate).upper_hz - 300:
            bound, narrower = "at_least", False
            detail = said("{band}, up to where what was played ends", band=band.name)
        found.put(
            "bandwidth.upper_hz",
            band.upper_hz,
            # Where the edge is found by the noise, another talker or noise gives another; a cliff lies where it lies.
            error=_ERROR_HZ if band.evidence == "cliff" else band.uncertainty_hz / 2,
            systematic=band.uncertainty_hz if band.evidence == "cliff" else 0.0,
            bound=bound,
            detail=detail,
            conditions=said("recorded at {rate} Hz", rate=rate),
        )
        if narrower:
            found.notes.append(
                said(
                    "recorded at {rate} Hz, it holds sound only up to {upper:.1f} kHz ({band}): narrower than its rate "
                    "says, as a hands-free profile or a telephone rate on the way leaves it",
                    rate=rate,
                    upper=band.upper_hz / 1000,
                    band=band.name,
                )
            )


BANDWIDTH = Measure(name="bandwidth", figures=_FIGURES, fill=_fill)
