"""A headset in physical terms: from the mouth to the 16 bits of its recording."""

from dataclasses import dataclass
from typing import Literal

from benchmarks.second_headset.response_sections import Section
from cxaudio.laboratory.takes.protocol import Role

__all__ = [
    "Coupling",
    "FarTalker",
    "Fit",
    "Gain",
    "GainChange",
    "GainControl",
    "Gate",
    "Hum",
    "LostSound",
    "Noise",
    "Room",
    "SecondHeadset",
    "Suppressor",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Self-noise, added behind the response and before the gain, so that its level is exact at a gain of 0 dB.

    Parameters
    ----------
    level_dbov : float
        Expected level from 20 Hz to half the sample rate.
    slope_db_per_octave : float
        Of its power density, from 100 Hz up; flat below, and a high-pass filter of second order at 30 Hz.
    """

    level_dbov: float = -72.0
    slope_db_per_octave: float = -4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hum:
    """Lines at the mains' frequency and at its third and fifth multiple.

    Parameters
    ----------
    level_dbov : float
        Of all lines together, at a gain of 0 dB.
    mains_hz : float
        50 or 60, plus what the mains differ from it.
    line_db : tuple of (int, float)
        Multiples, with the levels of their lines against one another, dB.
    """

    level_dbov: float
    mains_hz: float = 50.0
    line_db: tuple[tuple[int, float], ...] = ((1, 0.0), (3, -3.0), (5, -8.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class FarTalker:
    """Path from a far talker to the capsule, against that from the mouth.

    Parameters
    ----------
    loss_db : float
        At 1 kHz.
    slope_db_per_octave : float
        Positive: the loss grows with frequency. It is held below 100 Hz.
    """

    loss_db: float = 22.0
    slope_db_per_octave: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupling:
    """Path from the earpiece to the capsule.

    Parameters
    ----------
    loss_db : float
        Of the filter's largest tap.
    taps : tuple of float
        A short filter, one tap in 1/16000 s (the same filter at every sample rate).
    """

    loss_db: float = 38.0
    taps: tuple[float, ...] = (0.2, 1.0, -0.35, 0.15, 0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How wearings differ: standard deviations of normal distributions, dB.

    Parameters
    ----------
    mouth_db : float
        Gain of the path from the mouth.
    low_db : float
        A shelf below 250 Hz in the path from the mouth.
    coupling_db, far_db : float
        Gains of these paths.
    """

    mouth_db: float = 1.5
    low_db: float = 0.0
    coupling_db: float = 0.0
    far_db: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GainChange:
    """A change of the gain while takes are recorded.

    Parameters
    ----------
    db : float
        By how much the gain is raised.
    role : Role
    number : int
        The take in which it happens.
    second : float
        Of that take, s.
    stays : bool
        Whether it holds for all later takes; if not, it ends with this take.
    """

    db: float
    role: Role
    number: int = 1
    second: float = 0.0
    stays: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """Gain behind the capsule: speech, noise and hum alike.

    Parameters
    ----------
    db : float
        At the first take.
    change : GainChange or None
    """

    db: float = 0.0
    change: GainChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A noise gate that turns sound down when it has been below a threshold.

    Parameters
    ----------
    threshold_dbov : float
        Of the level over 10 ms.
    hold_s : float
        How long it stays open below the threshold.
    depth_db : float
        By how much it turns down.
    """

    threshold_dbov: float = -50.0
    hold_s: float = 0.3
    depth_db: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GainControl:
    """Gain control: levels above and below a reference are brought nearer to it.

    Parameters
    ----------
    slope : float
        dB out per dB in; 1 changes nothing.
    seconds : float
        Time constant of the level.
    reference_dbov : float
        The level that is not changed.
    most_db : float
        Largest gain, up or down.
    """

    slope: float = 0.5
    seconds: float = 0.3
    reference_dbov: float = -26.0
    most_db: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressor:
    """A noise suppressor that turns down sound that has been steady for a while, whatever sound it is.

    Parameters
    ----------
    depth_db : float
    after_s : float
        For so long the level has varied by less than 6 dB.
    """

    depth_db: float = 15.0
    after_s: float = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class LostSound:
    """Sound that is lost between the headset and the file.

    Parameters
    ----------
    kind : str
        `zeros`; `held`: the last value before; `cut`: taken out, so that the rest comes earlier and the take is
        shorter.
    milliseconds : float
        Of each piece.
    per_minute : float
        How often, at random places of the played sound. A take has the nearest whole number.
    at_s : tuple of float
        Instead, these instants of each take.
    roles : tuple of Role
        Takes that lose sound; none given: all but the quiet take.
    """

    kind: Literal["zeros", "held", "cut"]
    milliseconds: float
    per_minute: float = 0.0
    at_s: tuple[float, ...] = ()
    roles: tuple[Role, ...] = ()

    def count(self, role: Role, seconds: float) -> int:
        """Return how many pieces a take of a role loses whose played sound has a length of `seconds`."""
        if role is Role.QUIET or (self.roles and role not in self.roles):
            return 0
        return len(self.at_s) if self.at_s else round(self.per_minute * seconds / 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A reverberant room: noise that decays, behind the direct sound of the mouth, and stronger of far talkers.

    Parameters
    ----------
    decay_s : float
        Time in which it decays by 60 dB.
    mouth_db, far_db : float
        Energy of the reverberation against that of the direct sound.
    """

    decay_s: float = 0.25
    mouth_db: float = -30.0
    far_db: float = -6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondHeadset:
    """A headset of which everything is known.

    Sound passes: path (fit, room), capsule (distortion), response, noise and hum, gain, suppressor, gain control, gate,
    clipping, offset, 16 bits, lost sound. Times of playing and recording differ by delay and skew.

    Parameters
    ----------
    sample_rate : int
        16000 or 48000 Hz.
    response : tuple of Section
        Behind the capsule.
    second_order, third_order : float
        The capsule makes x + second_order * x ** 2 + third_order * x ** 3 of a pressure x, full scale 1.
    babble_dbov : float
        Level of the room's babble where speech of -26 dBov would be played, before the far talkers' path.
    clip_at : float or None
        Magnitude at which samples are clipped, before the offset; None: at full scale only.
    offset : float
        Constant, full scale 1.
    skew_ppm : float
        By how much the recording clock is fast against the playing clock.
    delay_s : float
        Shortest delay of the loop, without what the response adds.
    jitter_s : float
        Each stream is opened with a delay that is even between `delay_s` and `jitter_s` more.
    lost : tuple of LostSound
        Kinds of lost sound.
    """

    sample_rate: int = 16_000
    response: tuple[Section, ...] = (
        Section("high_pass", 120.0),
        Section("low_pass", 6_500.0, 4),
        Section("peak", 3_000.0, gain_db=4.0, quality=1.0),
    )
    second_order: float = 0.0
    third_order: float = 0.0
    noise: Noise = Noise()
    hum: Hum | None = None
    far: FarTalker = FarTalker()
    coupling: Coupling = Coupling()
    fit: Fit = Fit()
    room: Room | None = None
    babble_dbov: float = -26.0
    gain: Gain = Gain()
    suppressor: Suppressor | None = None
    gain_control: GainControl | None = None
    gate: Gate | None = None
    clip_at: float | None = None
    offset: float = 0.0
    skew_ppm: float = 0.0
    delay_s: float = 0.08
    jitter_s: float = 0.004
    lost: tuple[LostSound, ...] = ()
