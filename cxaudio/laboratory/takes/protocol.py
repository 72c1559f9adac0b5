"""The takes of a measurement: what the operator does, where sound is played, how long and how often."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np

__all__ = [
    "BABBLE_LEAD_S",
    "LEARNING_S",
    "MADE_AGAIN",
    "MARKER_STEP_S",
    "N_OPENINGS",
    "N_WEARINGS",
    "PROTOCOL",
    "Role",
    "TakePlan",
    "plan_of",
]

N_WEARINGS, N_OPENINGS = 5, 10
MARKER_STEP_S = 5.0
BABBLE_LEAD_S = 5.0
"""Length of babble alone at the beginning of the take of speech in babble."""

LEARNING_S = 4.0
"""Length left out at the beginning of the earpiece take: a canceller still adapts. (3GPP TS 26.132 takes 17 s.)"""


class Role(StrEnum):
    """Purpose of a take; its value is the name of its file."""

    QUIET = "quiet"
    SPEECH = "speech"
    BABBLE = "babble"
    FAR = "far"
    SWEEP_LOUD = "sweep-loud"
    SWEEP_SOFT = "sweep-soft"
    TONE = "tone"
    LEVELS = "levels"
    EARPIECE = "earpiece"
    MARKERS = "markers"
    OPENING = "opening"
    CALL = "call"


MADE_AGAIN = (Role.SWEEP_LOUD, Role.SWEEP_SOFT, Role.TONE, Role.MARKERS, Role.OPENING, Role.LEVELS)
"""Roles whose signal is made again from the protocol, so that nothing need be kept beside the take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakePlan:
    """One kind of take."""

    role: Role
    title: str
    prompt: str  # what the operator does
    where: Literal["nothing", "mouth", "earpiece", "loop"]  # the sound is played: a loudspeaker at the mouth, ...
    seconds: float  # recorded
    shortest_s: float  # below this a take is refused
    repeated: Literal["wearing", "opening", "once"]
    quietest_dbov: float  # a take below this level is silent
    gives: str


PROTOCOL = (
    TakePlan(
        role=Role.QUIET, title="Quiet room", where="nothing", seconds=15.0, shortest_s=5.0, repeated="wearing",
        quietest_dbov=-np.inf,
        prompt="Wear the headset and say nothing; let nobody talk and nothing hum that need not.",
        gives="noise, hum and offset",
    ),
    TakePlan(
        role=Role.SPEECH, title="Speech", where="mouth", seconds=24.0, shortest_s=8.0, repeated="wearing",
        quietest_dbov=-65.0,
        prompt="Speech is played at the mouth; or read a text aloud at your usual level, with pauses.",
        gives="level, speech over noise, bandwidth, response of speech, gate",
    ),
    TakePlan(
        role=Role.BABBLE, title="Speech in babble", where="mouth", seconds=24.0, shortest_s=10.0, repeated="wearing",
        quietest_dbov=-70.0,
        prompt="Let the room's babble run by itself for 5 s, then speech over it at the level of the speech take.",
        gives="speech over babble",
    ),
    TakePlan(
        role=Role.FAR, title="Far talker", where="mouth", seconds=20.0, shortest_s=8.0, repeated="wearing",
        quietest_dbov=-np.inf,
        prompt="The wearer is silent; the same speech comes from 1 m to the side, at the same gain.",
        gives="near over far talker",
    ),
    TakePlan(
        role=Role.SWEEP_LOUD, title="Sweep, -10 dBov", where="mouth", seconds=7.0, shortest_s=5.0, repeated="wearing",
        quietest_dbov=-65.0, prompt="A sweep of 5 s is played at the mouth; nobody talks.",
        gives="response and distortion",
    ),
    TakePlan(
        role=Role.SWEEP_SOFT, title="Sweep, -20 dBov", where="mouth", seconds=7.0, shortest_s=5.0, repeated="wearing",
        quietest_dbov=-75.0, prompt="The same sweep, 10 dB softer; nobody talks.",
        gives="compression of loud sound",
    ),
    TakePlan(
        role=Role.TONE, title="Tone of 997 Hz", where="mouth", seconds=4.0, shortest_s=1.5, repeated="wearing",
        quietest_dbov=-65.0, prompt="A steady tone is played at the mouth; nobody talks.",
        gives="THD+N",
    ),
    TakePlan(
        role=Role.LEVELS, title="Speech at two levels", where="mouth", seconds=40.0, shortest_s=20.0, repeated="once",
        quietest_dbov=-75.0,
        prompt="Speech is played at the mouth, the first half 20 dB softer than the second.",
        gives="gain control",
    ),
    TakePlan(
        role=Role.EARPIECE, title="Speech in the earpiece", where="earpiece", seconds=20.0, shortest_s=10.0,
        repeated="wearing", quietest_dbov=-np.inf,
        prompt="Wear the headset and say nothing; speech is played in the earpiece at the usual volume.",
        gives="coupling from earpiece to microphone",
    ),
    TakePlan(
        role=Role.MARKERS, title="Markers", where="loop", seconds=62.0, shortest_s=27.0, repeated="once",
        quietest_dbov=-75.0,
        prompt="Lay the earpiece onto the microphone, or connect the loop; a short sweep is played every 5 s.",
        gives="clock skew, jumps of the delay",
    ),
    TakePlan(
        role=Role.OPENING, title="One opening of the stream", where="loop", seconds=2.5, shortest_s=1.0,
        repeated="opening", quietest_dbov=-75.0,
        prompt="The loop stays as it is; the stream is opened anew each time and one short sweep is played.",
        gives="loop latency",
    ),
    TakePlan(
        role=Role.CALL, title="A call", where="mouth", seconds=90.0, shortest_s=45.0, repeated="once",
        quietest_dbov=-65.0,
        prompt="The agent's side of a made call is played at the mouth; nobody talks.",
        gives="drift of pacing figures",
    ),
)  # fmt: skip
"""Every kind of take, in the order in which it is recorded."""


def plan_of(role: Role) -> TakePlan:
    """Return the plan of a role.

    Examples
    --------
    >>> plan_of(Role.QUIET).seconds
    15.0
    """
    return next(plan for plan in PROTOCOL if plan.role is role)
