"""What the laboratory reports: every figure's name, unit, badge, limit and worth; knows no sound and no file."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.takes.protocol import Role

__all__ = [
    "CATALOGUE",
    "CRITERIA",
    "CURVES",
    "NONE_FOUND",
    "NOT_OFFERED",
    "Badge",
    "Bound",
    "Curve",
    "CurveSpec",
    "Figure",
    "FigureSpec",
    "Limit",
    "NotOffered",
    "Verdict",
]

Float64 = NDArray[np.float64]
NONE_FOUND = "none found"
"""Text of a figure for a fault that was looked for and is not there."""

Bound = Literal["exact", "at_most", "at_least"]
Better = Literal["higher", "lower", "near_zero"]


class Badge(StrEnum):
    """What a figure may be called."""

    STANDARD = "standard"  # the quantity of a standard, taken as the standard takes it
    INDICATIVE = "indicative"  # a standard's number under a weaker condition
    PROJECT = "project"  # our own definition or limit


class Verdict(StrEnum):
    """How a figure lies to its limit."""

    KEPT = "kept"
    BROKEN = "broken"
    OPEN = "open"  # the limit lies inside the uncertainty


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit somebody published or we chose."""

    value: float
    sense: Literal["at_most", "at_least", "magnitude_at_most"]
    badge: Badge  # of the limit itself
    source: str

    def judge(self, value: float, uncertainty: float) -> Verdict:
        """Where a value lies, its uncertainty allowed for.

        Examples
        --------
        >>> limit = Limit(value=50, sense="magnitude_at_most", badge=Badge.INDICATIVE, source="3GPP TS 26.131")
        >>> limit.judge(-80, 2), limit.judge(-51, 2)
        (<Verdict.BROKEN: 'broken'>, <Verdict.OPEN: 'open'>)
        """
        at = abs(value) if self.sense == "magnitude_at_most" else value
        room = at - self.value if self.sense == "at_least" else self.value - at
        if abs(room) < uncertainty:
            return Verdict.OPEN
        return Verdict.KEPT if room >= 0 else Verdict.BROKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureSpec:
    """What a figure is, whatever was measured."""

    key: str
    name: str
    unit: str  # never a bare dB: dBov, or dB and to what it is relative
    criterion: str  # a key of `CRITERIA`
    role: Role  # of the take it is read from
    badge: Badge
    about: str  # how it is defined, and what it does not say
    better: Better | None = None  # None: it describes and does not rank
    limits: tuple[Limit, ...] = ()
    decimals: int = 1
    cause: str | None = None  # what a headset that is worse in it is said to do
    of_chain: bool = False  # of loudspeaker and headset together: an upper bound for the headset
    worth: float = 0.0  # smallest difference that makes one headset better than another (chosen)
    lead: bool = False  # stands for its kind when models are ranked; the others would count one fault twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of one headset: value, uncertainty and conditions, or why there is none."""

    spec: FigureSpec
    value: float | None  # mean over wearings
    text: str | None = None  # in place of a number, or beside it: a class, or what was found
    uncertainty: float | None = None  # that of the measure, one standard deviation or the tolerance it is stated with
    spread: float | None = None  # standard deviation over wearings; None for one
    values: tuple[float, ...] = ()  # of every wearing
    bound: Bound = "exact"
    conditions: str = ""
    withheld: str | None = None  # one sentence; then neither value nor text is there

    @property
    def half_width(self) -> float:
        """Of the interval in which the figure lies: the larger of spread and uncertainty."""
        return max(self.spread or 0.0, self.uncertainty or 0.0)

    def verdicts(self) -> tuple[tuple[Limit, Verdict], ...]:
        """Each limit with where the figure lies; empty for what is withheld."""
        if self.value is None:
            return ()
        found = []
        for limit in self.spec.limits:
            verdict = limit.judge(self.value, self.half_width)
            # A bound decides only in the direction in which it binds: "at most 2" keeps a limit of 3, and breaks none.
            at_most = self.bound == "at_most" or self.spec.of_chain
            if at_most and verdict is (Verdict.KEPT if limit.sense == "at_least" else Verdict.BROKEN):
                verdict = Verdict.OPEN
            if self.bound == "at_least" and verdict is (Verdict.BROKEN if limit.sense == "at_least" else Verdict.KEPT):
                verdict = Verdict.OPEN
            found.append((limit, verdict))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveSpec:
    """What a curve is."""

    key: str
    name: str
    unit: str
    x_unit: str
    role: Role
    badge: Badge
    about: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Curve:
    """A quantity against frequency, mean over wearings."""

    spec: CurveSpec
    x: Float64  # (n,)
    mean: Float64  # (n,), nan where not known
    spread: Float64  # (n,), standard deviation over wearings; nan for one
    wearings: Float64  # (k, n)
    bounded: NDArray[np.bool_]  # (n,), the value is a bound: harmonics in noise, coupling under the noise
    withheld: str | None = None


CRITERIA = {
    "noise": "Noise",
    "speech": "Speech in noise",
    "bandwidth": "Bandwidth",
    "response": "Response",
    "distortion": "Distortion and clipping",
    "processing": "Gate and gain control",
    "timing": "Latency and clock",
    "continuity": "Drop-outs",
    "coupling": "Earpiece to microphone",
    "near_far": "Near against far talkers",
    "pacing": "Drift of pacing figures",
    "opinion": "Model scores",
    "level": "Level",
}
"""Groups of figures, in the order in which a report shows them."""

_MICROSOFT = "Microsoft, Speech platform: input device recommendations"
_QOE = "Microsoft, Skype for Business QoE schema, AudioSignal"


def _project(value: float, sense: Literal["at_most", "at_least", "magnitude_at_most"], why: str = "chosen") -> Limit:
    return Limit(value=value, sense=sense, badge=Badge.PROJECT, source=why)


def _indicative(value: float, sense: Literal["at_most", "at_least", "magnitude_at_most"], source: str) -> Limit:
    return Limit(value=value, sense=sense, badge=Badge.INDICATIVE, source=source)


_S, _I, _P = Badge.STANDARD, Badge.INDICATIVE, Badge.PROJECT

_SPECS = (
    # --- noise
    FigureSpec(
        key="noise.total_dbov", name="Noise", unit="dBov", criterion="noise", role=Role.QUIET, badge=_P,
        about="Level of the quiet take from 20 Hz up, constant part left out; room, chain and gain are in it.",
        better="lower", cause="noisier",
    ),
    FigureSpec(
        key="noise.a_weighted_dbov", name="Noise, A-weighted", unit="dBov(A)", criterion="noise", role=Role.QUIET,
        badge=_I, better="lower", lead=True, worth=1.0, cause="noisier to the ear",
        about="IEC 61672-1 A-weighting on the spectrum of the quiet take; relative to digital full scale, no pressure.",
    ),
    FigureSpec(
        key="noise.psophometric_dbov", name="Noise, psophometric", unit="dBov(p)", criterion="noise", role=Role.QUIET,
        badge=_I, about="ITU-T O.41 weighting on the spectrum of the quiet take.", better="lower",
    ),
    FigureSpec(
        key="noise.p90_dbov", name="Noise, loud moments", unit="dBov", criterion="noise", role=Role.QUIET, badge=_P,
        about="90th percentile of the levels of 100 ms; far above the noise itself, somebody or something was heard.",
    ),
    FigureSpec(
        key="hum.level_dbov", name="Mains hum", unit="dBov", criterion="noise", role=Role.QUIET, badge=_P,
        about="All lines at multiples of 50 or 60 Hz that stand 10 dB out of their neighbourhood.", better="lower",
        lead=True, worth=3.0, cause="hums with the mains",
    ),
    FigureSpec(
        key="dc.level_dbov", name="Constant offset", unit="dBov", criterion="noise", role=Role.QUIET, badge=_P,
        about="Mean of the samples.", better="lower", cause="offset by a constant",
        limits=(_project(-40.0, "at_most"),),
    ),
    # --- speech
    FigureSpec(
        key="snr.quiet_db", name="Speech over noise, quiet room", unit="dB re noise", criterion="speech",
        role=Role.SPEECH, badge=_I, better="higher", lead=True, worth=1.0, cause="noisier under speech",
        about="P.56 active level of the speech take less the level of the quiet take; needs one gain in both.",
    ),
    FigureSpec(
        key="snr.babble_db", name="Speech over babble", unit="dB re babble", criterion="speech", role=Role.BABBLE,
        badge=_P, better="higher", lead=True, worth=1.0, cause="lets more of the room's voices through",
        about="Power of the speech over that of the five seconds of babble alone at the beginning of the take.",
    ),
    FigureSpec(
        key="snr.drop_db", name="Drop from quiet to babble", unit="dB", criterion="speech", role=Role.BABBLE, badge=_P,
        about="Speech over noise in the quiet room less that in babble.", 
    ),
    # --- bandwidth
    FigureSpec(
        key="bandwidth.upper_hz", name="Effective bandwidth", unit="Hz", criterion="bandwidth", role=Role.SPEECH,
        badge=_P, better="higher", decimals=0, lead=True, worth=300.0, cause="cuts off the highs",
        about="Upper edge of speech by the cliff of a filter, else where it sinks into the noise of its pauses.",
        limits=(_project(6_500.0, "at_least", "chosen: lower edge of what is called wideband here"),),
    ),
    # --- response
    FigureSpec(
        key="response.deviation_db", name="Deviation from flat", unit="dB re 1 kHz", criterion="response",
        role=Role.SPEECH, badge=_P, better="lower", lead=True, worth=0.5, cause="less even response",
        about="Standard deviation of the response in third octaves, 100 Hz to 7 kHz, as far as it is known.",
    ),
    FigureSpec(
        key="response.low_edge_hz", name="Lower edge, -3 dB re 1 kHz", unit="Hz", criterion="response",
        role=Role.SPEECH, badge=_P, about="Where the response has fallen by 3 dB.", decimals=0,
    ),
    FigureSpec(
        key="response.high_edge_hz", name="Upper edge, -3 dB re 1 kHz", unit="Hz", criterion="response",
        role=Role.SPEECH, badge=_P, about="Where the response has fallen by 3 dB.", decimals=0,
    ),
    FigureSpec(
        key="mask.wideband_send_db", name="Margin in the 3GPP wideband send mask", unit="dB to the limit",
        criterion="response", role=Role.SPEECH, badge=_I, better="higher",
        about="Floating mask of 3GPP TS 26.131; the response is relative and was not taken at a mouth simulator.",
        limits=(_indicative(0.0, "at_least", "3GPP TS 26.131 Release 18, table 9"),),
    ),
    FigureSpec(
        key="mask.microsoft_premium_db", name="Margin in the Microsoft premium mask", unit="dB to the limit",
        criterion="response", role=Role.SPEECH, badge=_I, better="higher",
        about="Floating mask; the response is relative and was not taken at a mouth simulator.",
        limits=(_indicative(0.0, "at_least", f"{_MICROSOFT}, premium"),),
    ),
    FigureSpec(
        key="mask.microsoft_standard_db", name="Margin in the Microsoft standard mask", unit="dB to the limit",
        criterion="response", role=Role.SPEECH, badge=_I, better="higher",
        about="Floating mask; the response is relative and was not taken at a mouth simulator.",
        limits=(_indicative(0.0, "at_least", f"{_MICROSOFT}, standard"),),
    ),
    FigureSpec(
        key="response.sweep_vs_speech_db", name="Sweep against speech", unit="dB", criterion="processing",
        role=Role.SWEEP_LOUD, badge=_P, better="lower", cause="treats a sweep otherwise than speech",
        about="Largest difference of the two responses in a third octave, 315 Hz to 3.15 kHz.",
        limits=(_project(3.0, "at_most", "chosen: beyond it the processing is time-variant"),),
    ),
    # --- distortion
    FigureSpec(
        key="thd.at_1khz_percent", name="THD at 1 kHz", unit="% of the fundamental", criterion="distortion",
        role=Role.SWEEP_LOUD, badge=_I, better="lower", decimals=2, of_chain=True, cause="more distorted",
        about="Harmonics 2 to 5 of the sweep; of the whole chain, so an upper bound for the headset.",
        limits=(_indicative(3.2, "at_most", f"{_MICROSOFT}, standard, 250 Hz to 4 kHz"),),
    ),
    FigureSpec(
        key="thd.worst_percent", name="THD, worst third octave", unit="% of the fundamental", criterion="distortion",
        role=Role.SWEEP_LOUD, badge=_I, better="lower", decimals=2, of_chain=True, lead=True, worth=0.3,
        cause="more distorted",
        about="Largest THD from 250 Hz to 4 kHz, as far as harmonics lie inside the effective bandwidth.",
        limits=(_indicative(3.2, "at_most", f"{_MICROSOFT}, standard, 250 Hz to 4 kHz"),),
    ),
    FigureSpec(
        key="thd_n.percent", name="THD+N at 997 Hz", unit="% of the whole", criterion="distortion", role=Role.TONE,
        badge=_I, better="lower", decimals=2, of_chain=True, cause="more distorted or noisier",
        about="All but the fundamental over all, in the band told; of the whole chain, an upper bound.",
    ),
    FigureSpec(
        key="clipping.per_s", name="Flat tops", unit="a second", criterion="distortion", role=Role.SPEECH, badge=_P,
        better="lower", decimals=2, lead=True, worth=0.1, cause="clips speech",
        about="Runs of three samples or more at the extreme of the take, at full scale or below.",
        limits=(_project(0.1, "at_most"),),
    ),
    # --- processing
    FigureSpec(
        key="gate.depth_db", name="Noise gate", unit="dB re open", criterion="processing", role=Role.SPEECH, badge=_P,
        about="By how much pauses are turned down once the gate has closed; told by the pauses of the speech take.",
        cause="gates the pauses",
    ),
    FigureSpec(
        key="agc.slope", name="Gain control, slope", unit="dB out per dB in", criterion="processing", role=Role.LEVELS,
        badge=_P, decimals=2, cause="controls the gain by itself",
        about="1: none; 0: every talker made equally loud. From speech played at two levels.",
    ),
    FigureSpec(
        key="compression.db", name="Gain lost at the higher level", unit="dB re the lower level",
        criterion="processing", role=Role.SWEEP_LOUD, badge=_P, better="near_zero", lead=True, worth=0.5,
        cause="compresses loud sound",
        about="Response of the loud sweep less that of the soft one, median over 315 Hz to 3.15 kHz.",
    ),
    # --- timing
    FigureSpec(
        key="latency.median_ms", name="Loop latency, median", unit="ms", criterion="timing", role=Role.OPENING,
        badge=_P, better="lower", lead=True, worth=10.0, cause="brings sound later",
        about="Played to recorded and back, buffers of the system included; over openings of the stream.",
    ),
    FigureSpec(
        key="latency.min_ms", name="Loop latency, shortest", unit="ms", criterion="timing", role=Role.OPENING,
        badge=_P, about="Over openings of the stream.",
    ),
    FigureSpec(
        key="latency.max_ms", name="Loop latency, longest", unit="ms", criterion="timing", role=Role.OPENING,
        badge=_P, about="Over openings of the stream.",
    ),
    FigureSpec(
        key="clock.skew_ppm", name="Clock skew", unit="ppm", criterion="timing", role=Role.MARKERS, badge=_I,
        better="near_zero", decimals=2, lead=True, worth=10.0, cause="lets its clocks drift apart",
        about="Recording clock against playing clock, by the recipe of 3GPP TS 26.132 annex D.2.",
        limits=(_indicative(50.0, "magnitude_at_most", "3GPP TS 26.131, clause 7.13"),),
    ),
    FigureSpec(
        key="clock.slips", name="Jumps of the delay", unit="in the take", criterion="timing", role=Role.MARKERS,
        badge=_I, better="lower", decimals=0, about="Sound lost or put in between two markers.",
    ),
    # --- continuity
    FigureSpec(
        key="dropouts.per_5min", name="Drop-outs", unit="in 5 minutes", criterion="continuity", role=Role.SPEECH,
        badge=_I, better="lower", decimals=2, lead=True, worth=1.0, cause="loses sound",
        about="Zeros, held values and exact repeats of 4 ms or more in all takes with sound; what a concealment hides "
        "well is not found.",
        limits=(_indicative(1.0, "at_most", f"{_QOE}: glitches, good below 1 in 5 minutes"),),
    ),
    FigureSpec(
        key="dropouts.total_ms", name="Sound lost", unit="ms", criterion="continuity", role=Role.SPEECH, badge=_P,
        about="Length of all drop-outs together.", better="lower",
    ),
    # --- coupling
    FigureSpec(
        key="coupling.weighted_db", name="Digital coupling loss", unit="dB re played", criterion="coupling",
        role=Role.EARPIECE, badge=_I, better="higher", lead=True, worth=2.0,
        cause="lets the earpiece into the microphone",
        about="Played less recorded level, weighted after ITU-T G.122 annex B.4; between two digital signals at one "
        "volume, not TCLw.",
        limits=(_indicative(46.0, "at_least", "3GPP TS 26.132 clause 8.7, taken there on a head simulator"),),
    ),
    # --- near and far
    FigureSpec(
        key="near_far.mean_db", name="Near over far talker", unit="dB re far", criterion="near_far", role=Role.FAR,
        badge=_P, better="higher", lead=True, worth=1.0, cause="hears far talkers more",
        about="Near less far level, mean over third octaves from 315 Hz to 3.15 kHz, less that of the reference "
        "microphone where there was one.",
    ),
    # --- pacing
    FigureSpec(
        key="pacing.rate_percent", name="Agent's rate", unit="% of the clean", criterion="pacing", role=Role.CALL,
        badge=_P, better="near_zero", lead=True, worth=2.0, cause="shifts the agent's rate",
        about="Articulation rate of one and the same call through the headset against the clean reference.",
    ),
    FigureSpec(
        key="pacing.speech_percent", name="Agent's speech time", unit="% of the clean", criterion="pacing",
        role=Role.CALL, badge=_P, better="near_zero", about="Time in which the agent is heard to speak.",
        lead=True, worth=2.0, cause="shifts when the agent is heard to speak",
    ),
    FigureSpec(
        key="pacing.overlaps", name="Overlaps more or less", unit="in the call", criterion="pacing", role=Role.CALL,
        badge=_P, better="near_zero", decimals=0, about="Overlaps found, less those in the clean reference.",
    ),
    FigureSpec(
        key="pacing.silence_s", name="Silence more or less", unit="s", criterion="pacing", role=Role.CALL, badge=_P,
        better="near_zero", about="Mutual silence found, less that in the clean reference.", decimals=2,
    ),
    FigureSpec(
        key="pacing.response_s", name="Agent's response time", unit="s", criterion="pacing", role=Role.CALL, badge=_P,
        better="near_zero", about="Median response time, less that in the clean reference.", decimals=3,
    ),
    # --- opinion
    FigureSpec(
        key="dnsmos.overall", name="DNSMOS overall", unit="MOS, predicted", criterion="opinion", role=Role.SPEECH,
        badge=_P, better="higher", decimals=2, cause="rated lower by a model",
        about="DNSMOS P.835 at -26 dBov; ranks takes, is no listening test, hardly sees bandwidth.",
    ),
    FigureSpec(
        key="dnsmos.signal", name="DNSMOS signal", unit="MOS, predicted", criterion="opinion", role=Role.SPEECH,
        badge=_P, decimals=2, about="DNSMOS P.835 SIG at -26 dBov.", better="higher",
    ),
    FigureSpec(
        key="dnsmos.background", name="DNSMOS background", unit="MOS, predicted", criterion="opinion",
        role=Role.SPEECH, badge=_P, decimals=2, about="DNSMOS P.835 BAK at -26 dBov.", better="higher",
    ),
    FigureSpec(
        key="plcmos.score", name="PLCMOS", unit="MOS, predicted", criterion="opinion", role=Role.SPEECH, badge=_P,
        better="higher", decimals=2, about="PLCMOS: how lost packets and their concealment sound.",
    ),
    FigureSpec(
        key="stoi.score", name="STOI", unit="0 to 1", criterion="opinion", role=Role.SPEECH, badge=_I,
        better="higher", decimals=3, about="Short-time objective intelligibility against what was played (loops).",
    ),
    # --- level
    FigureSpec(
        key="level.active_dbov", name="Active speech level", unit="dBov", criterion="level", role=Role.SPEECH,
        badge=_S, about="ITU-T P.56 method B; at the gain listed, so it ranks no headsets.", decimals=2,
    ),
    FigureSpec(
        key="level.activity_percent", name="Activity", unit="% of the time", criterion="level", role=Role.SPEECH,
        badge=_S, about="ITU-T P.56 method B.",
    ),
    FigureSpec(
        key="level.rms_dbov", name="Long-term level", unit="dBov", criterion="level", role=Role.SPEECH, badge=_S,
        about="Root mean square of the whole take.", decimals=2,
    ),
    FigureSpec(
        key="level.peak_dbov", name="Highest sample", unit="dBov", criterion="level", role=Role.SPEECH, badge=_P,
        about="Largest magnitude in the take.", decimals=2,
    ),
    FigureSpec(
        key="level.crest_db", name="Crest factor", unit="dB re RMS", criterion="level", role=Role.SPEECH, badge=_P,
        about="Highest sample over the long-term level.",
    ),
)  # fmt: skip

CATALOGUE = {spec.key: spec for spec in _SPECS}
"""Every figure that may be reported, by its key."""

CURVES = {
    spec.key: spec
    for spec in (
        CurveSpec(
            key="response", name="Response by sweep", unit="dB re 1 kHz", x_unit="Hz", role=Role.SWEEP_LOUD, badge=_I,
            about="Twelfth octaves; relative to the reference microphone, else to what was played.",
        ),
        CurveSpec(
            key="response_thirds", name="Response, third octaves", unit="dB re 1 kHz", x_unit="Hz",
            role=Role.SWEEP_LOUD, badge=_I, about="What the masks are laid on: the sweep's, or that of speech where "
            "the processing is time-variant or no sweep was recorded.",
        ),
        CurveSpec(
            key="response_speech", name="Response by speech", unit="dB re 1 kHz", x_unit="Hz", role=Role.SPEECH,
            badge=_I, about="Third octaves, H1 where the coherence is 0.9 or more, skew of the clocks made good.",
        ),
        CurveSpec(
            key="noise", name="Noise in third octaves", unit="dBov", x_unit="Hz", role=Role.QUIET, badge=_P,
            about="Quiet take.",
        ),
        CurveSpec(
            key="thd", name="THD", unit="%", x_unit="Hz", role=Role.SWEEP_LOUD, badge=_I,
            about="Harmonics 2 to 5 against the frequency of the fundamental; upper bound of the chain.",
        ),
        CurveSpec(
            key="coupling", name="Digital coupling loss", unit="dB re played", x_unit="Hz", role=Role.EARPIECE,
            badge=_I, about="Third octaves; higher is better.",
        ),
        CurveSpec(
            key="near_far", name="Near over far talker", unit="dB re far", x_unit="Hz", role=Role.FAR, badge=_P,
            about="Third octaves; higher is better.",
        ),
    )
}  # fmt: skip
"""Every curve that may be reported, by its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOffered:
    """What is not reported, and why."""

    name: str
    why: str


_EAR, _MOUTH = "needs an ear simulator", "needs a mouth simulator of known sound pressure"
NOT_OFFERED = (
    NotOffered(name="Send loudness rating (SLR)", why=_MOUTH),
    NotOffered(name="Receive loudness rating (RLR)", why=_EAR),
    NotOffered(name="Sidetone (STMR)", why="needs a head and torso simulator"),
    NotOffered(name="Terminal coupling loss (TCLw)", why="needs the headset on a head and torso simulator"),
    NotOffered(name="Receive frequency response", why=_EAR),
    NotOffered(name="Sound pressure, acoustic safety", why=_EAR),
    NotOffered(name="Microphone sensitivity and self-noise in dB SPL", why="needs an acoustic calibrator"),
    NotOffered(name="S-MOS, N-MOS, G-MOS", why="need a head simulator in a calibrated noise field, licensed models"),
)
"""What recordings alone cannot tell."""
