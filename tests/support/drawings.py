"""Two lines of letters as ticks: a tracker's test is a drawing of who speaks when, a letter for each 100 ms.

``A`` and ``C`` (any letter but ``H``) speak, a small letter speaks 6 dB softer, ``.`` and a space are silent, and ``H``
on either line is a hold. The shorter line is silent to the end of the longer one.
"""

from collections.abc import Iterable, Sequence

from cxaudio.analysis.tick import NEVER, Tick, Tracker
from cxaudio.model.events import Event
from cxaudio.model.policy import OverlapSettings, TurnSettings
from cxaudio.model.timebase import Timebase

__all__ = ["CLOCK", "LETTER_TICKS", "OVERLAPS", "TURNS", "drawing", "letters", "step_through", "ticks", "track"]

CLOCK = Timebase(8000)
LETTER_TICKS = 10
LOUD = 10**-2.6  # mean square: -26 dBov
SOFT = 10**-3.2  # -32 dBov
NUCLEUS_EVERY = 20  # ticks of own speech: 5 syllables/s

TURNS = TurnSettings(
    floor_alone_s=0.5,
    long_pause_s=3.0,
    backchannel_max_s=1.0,
    backchannel_silence_s=1.0,
    backchannel_row_s=2.0,
    backchannel_after_s=0.2,
    backchannel_resume_s=1.0,
)
"""The defaults of DEFINITIONS §1."""

OVERLAPS = OverlapSettings(
    early_reply_max_s=0.5,
    simultaneous_within_s=0.2,
    simultaneous_silence_s=0.5,
    interruption_min_s=0.5,
    floor_kept_s=1.0,
    pause_min_s=0.2,
    pause_max_s=1.0,
    pause_resume_s=1.0,
    episode_gap_s=0.5,
    competitive_s=1.0,
    competitive_rise_db=3.0,
    round_trip_s=0.0,
)
"""The defaults of DEFINITIONS §3."""


def letters(position: int | None, *, timebase: Timebase = CLOCK) -> float | None:
    """Return the place of a sample in the drawing, in letters from its left edge."""
    return None if position is None else position / (timebase.tick_length * LETTER_TICKS)


def ticks(
    agent: str,
    customer: str,
    *,
    timebase: Timebase = CLOCK,
    letter_ticks: int = LETTER_TICKS,
    latency_ticks: int = 0,
) -> list[Tick]:
    """Turn a drawing into ticks.

    Each side has a nucleus on every twentieth tick of its speech (5 syllables/s). A tick's facts are known at its end,
    or `latency_ticks` later.
    """
    n = max(len(agent), len(customer))
    speech = [0, 0]
    energy = [0.0, 0.0]
    made: list[Tick] = []
    for pair in zip(agent.ljust(n, "."), customer.ljust(n, "."), strict=True):
        speaking = (pair[0] not in ". H", pair[1] not in ". H")
        power = [(LOUD if letter.isupper() else SOFT) * on for letter, on in zip(pair, speaking, strict=True)]
        for number in range(len(made), len(made) + letter_ticks):
            for side in (0, 1):
                speech[side] += speaking[side]
                energy[side] += power[side]
            nuclei = (speech[0] // NUCLEUS_EVERY, speech[1] // NUCLEUS_EVERY)
            made.append(
                Tick(
                    number=number,
                    at=(number + 1 + latency_ticks) * timebase.tick_length,
                    speaking=speaking,
                    nuclei=nuclei,
                    speech=(speech[0], speech[1]),
                    energy=(energy[0], energy[1]),
                    held="H" in pair,
                )
            )
    return made


def step_through(
    trackers: Sequence[Tracker], row: Iterable[Tick], *, timebase: Timebase = CLOCK, every_tick: bool = False
) -> list[Event]:
    """Step trackers in order as the call analyser does: at changes, from `due` on, and at the last tick; then close.

    With `every_tick` they are stepped at all other ticks too, which must give the same events.
    """
    row = list(row)
    said: list[Event] = []
    before = ((False, False), False)
    for index, tick in enumerate(row):
        now = (tick.speaking, tick.held)
        due = min((tracker.due for tracker in trackers), default=NEVER)
        if every_tick or now != before or tick.number >= due or index == len(row) - 1:
            fresh: list[Event] = []
            for tracker in trackers:
                fresh.extend(tracker.step(tick, tuple(fresh)))
            said.extend(fresh)
        before = now
    end = max((row[-1].number + 1) * timebase.tick_length, row[-1].at) if row else 0
    for tracker in trackers:
        said.extend(tracker.close(end))
    return said


def track(
    trackers: Sequence[Tracker] | Tracker,
    *,
    agent: str = "",
    customer: str = "",
    timebase: Timebase = CLOCK,
    letter_ticks: int = LETTER_TICKS,
    every_tick: bool = False,
) -> list[Event]:
    """Return the events that trackers give for a drawing.

    >>> from cxaudio.analysis.floor import Floor
    >>> from cxaudio.analysis.turns import TurnTracker
    >>> floor = Floor(TURNS, OVERLAPS, timebase=CLOCK)
    >>> events = track([floor, TurnTracker(floor, timebase=CLOCK)], agent="AAAAAAAAAA", customer="..........CCCCCC")
    >>> [(event.type, letters(event.start), letters(event.end)) for event in events]
    [('turn', 0.0, 10.0), ('response', 10.0, 10.0), ('turn', 10.0, 16.0)]
    """
    row = ticks(agent, customer, timebase=timebase, letter_ticks=letter_ticks)
    chain = trackers if isinstance(trackers, Sequence) else (trackers,)
    return step_through(chain, row, timebase=timebase, every_tick=every_tick)


def drawing(row: Iterable[Tick], *, letter_ticks: int = LETTER_TICKS) -> tuple[str, str]:
    """Turn ticks back into a drawing, for the message of a failed test: each letter shows its first tick."""
    lines = ["", ""]
    for tick in list(row)[::letter_ticks]:
        for side in (0, 1):
            lines[side] += "H" if tick.held else "AC"[side] if tick.speaking[side] else "."
    return lines[0], lines[1]
