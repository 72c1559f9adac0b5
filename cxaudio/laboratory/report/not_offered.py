"""Quantities that recordings alone cannot give, each with the reason; listed in every report."""

from dataclasses import dataclass

__all__ = ["NOT_OFFERED", "NotOffered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOffered:
    """A quantity that is not reported, and why."""

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
