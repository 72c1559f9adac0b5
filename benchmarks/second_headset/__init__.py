"""A second simulated headset, with its own truth: written from standards, not from what the laboratory computes.

`SecondHeadset` states a headset in physical terms, `record` makes its takes, `write` writes them into a folder, and
`truth` says what every figure of the laboratory must be. Nothing here is shared with the laboratory's measures or with
the simulated headsets of `cxaudio.made`, so that an error in one is not repeated in the other.
"""

from benchmarks.second_headset.headset import (
    Coupling,
    FarTalker,
    Fit,
    Gain,
    GainChange,
    GainControl,
    Gate,
    Hum,
    LostSound,
    Noise,
    Room,
    SecondHeadset,
    Suppressor,
)
from benchmarks.second_headset.recording import record
from benchmarks.second_headset.response_sections import Section
from benchmarks.second_headset.take_files import write
from benchmarks.second_headset.truth import truth

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
    "Section",
    "Suppressor",
    "record",
    "truth",
    "write",
]
