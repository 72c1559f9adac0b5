"""The measures of a headset, one module each: what it defines and how it is computed.

A new measure is one module and one entry of `MEASURES`; the report, the tables, the page and the terminal show its
figures without further change.
"""

from collections.abc import Mapping
from importlib.util import find_spec

from cxaudio.errors import UsageError
from cxaudio.laboratory.measures.bandwidth import BANDWIDTH
from cxaudio.laboratory.measures.clipping import CLIPPING
from cxaudio.laboratory.measures.clock import CLOCK
from cxaudio.laboratory.measures.compression import COMPRESSION
from cxaudio.laboratory.measures.coupling import COUPLING
from cxaudio.laboratory.measures.distortion import DISTORTION
from cxaudio.laboratory.measures.drop_outs import DROP_OUTS
from cxaudio.laboratory.measures.figure import CurveSpec, FigureSpec
from cxaudio.laboratory.measures.gain_control import GAIN_CONTROL
from cxaudio.laboratory.measures.gate import GATE
from cxaudio.laboratory.measures.hum import HUM
from cxaudio.laboratory.measures.intelligibility import INTELLIGIBILITY
from cxaudio.laboratory.measures.latency import LATENCY
from cxaudio.laboratory.measures.level import LEVEL
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.model_scores import MODEL_SCORES
from cxaudio.laboratory.measures.near_far import NEAR_FAR
from cxaudio.laboratory.measures.noise import NOISE
from cxaudio.laboratory.measures.noise_spectrum import NOISE_SPECTRUM
from cxaudio.laboratory.measures.offset import OFFSET
from cxaudio.laboratory.measures.pacing import PACING
from cxaudio.laboratory.measures.response import RESPONSE
from cxaudio.laboratory.measures.speech_over_babble import SPEECH_OVER_BABBLE
from cxaudio.laboratory.measures.speech_over_noise import SPEECH_OVER_NOISE
from cxaudio.laboratory.measures.sweep_against_speech import SWEEP_AGAINST_SPEECH
from cxaudio.laboratory.measures.tone import TONE

__all__ = ["MEASURES", "chosen_measures", "curve_specs", "figure_specs"]

MEASURES: tuple[Measure, ...] = (
    NOISE,
    HUM,
    OFFSET,
    SPEECH_OVER_NOISE,
    SPEECH_OVER_BABBLE,
    BANDWIDTH,
    RESPONSE,
    SWEEP_AGAINST_SPEECH,
    NOISE_SPECTRUM,
    DISTORTION,
    TONE,
    CLIPPING,
    GATE,
    GAIN_CONTROL,
    COMPRESSION,
    LATENCY,
    CLOCK,
    DROP_OUTS,
    COUPLING,
    NEAR_FAR,
    PACING,
    MODEL_SCORES,
    INTELLIGIBILITY,
    LEVEL,
)
"""Every measure, in the order in which a report lists its figures."""


def figure_specs() -> Mapping[str, FigureSpec]:
    """Return every figure that may be reported, by its key, in the order of a report.

    Examples
    --------
    >>> figure_specs()["noise.total_dbov"].unit
    'dBov'
    """
    return {spec.key: spec for measure in MEASURES for spec in measure.figures}


def curve_specs() -> Mapping[str, CurveSpec]:
    """Return every curve that may be reported, by its key, in the order of a report."""
    return {spec.key: spec for measure in MEASURES for spec in measure.curves}


def chosen_measures(*, opinions: bool = False) -> tuple[Measure, ...]:
    """Return the measures to run.

    Parameters
    ----------
    opinions : bool
        Run also the measures of optional models whose libraries are installed.

    Raises
    ------
    UsageError
        If `opinions` are asked for and no such library is installed.
    """
    installed = [
        measure
        for measure in MEASURES
        if measure.libraries and all(find_spec(name) is not None for name in measure.libraries)
    ]
    if opinions and not installed:
        raise UsageError(
            "model scores need speechmos or pystoi, and neither is installed; pip install 'cxaudio[opinion]' or "
            "'cxaudio[stoi]', or leave out --opinions"
        )
    return tuple(measure for measure in MEASURES if not measure.libraries or (opinions and measure in installed))
