"""Decide with the whole call known who spoke, what the line played, and what was not recorded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.holds import HoldSpan
from cxaudio.analysis.leak_guard import LeakGuard
from cxaudio.analysis.settling.echo import EchoStretch, find_echo
from cxaudio.analysis.settling.first_words import find_first_words
from cxaudio.analysis.settling.line_sounds import SoundSpan, find_line_sounds
from cxaudio.analysis.settling.mouth_noises import find_noises_of_mouth
from cxaudio.analysis.settling.neighbours import find_room
from cxaudio.analysis.settling.rows import BANDS_EVERY, CallRows
from cxaudio.analysis.settling.sides_in_step import OutOfStep, find_out_of_step
from cxaudio.analysis.settling.unrecorded import (
    LostPackets,
    bridge_losses,
    find_lost_packets,
    find_unrecorded,
    recorded,
    with_unrecorded,
)
from cxaudio.analysis.tick import in_ticks
from cxaudio.memory import give_back_freed_memory
from cxaudio.model.events import HoldKind, Side
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.policy import AnalysisSettings
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["Account", "SoundSpan", "held_ticks", "out_of_step", "settle"]

_AT_ONCE = 60_000  # ticks that are judged at once: an even number


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What was settled of a call."""

    speaking: NDArray[np.bool_]  # (2, n) ticks in which a person speaks, before gaps are bridged
    holds: tuple[HoldSpan, ...]  # in samples, in order, none overlapping another; all have ended
    sounds: tuple[SoundSpan, ...]  # in order of their beginning
    recorded: NDArray[np.bool_]  # (2, n) ticks in which each side has sound of its own
    lost_packets: tuple[LostPackets, LostPackets]  # short losses of the agent's side and of the customer's
    behind: NDArray[np.bool_]  # (2, n) ticks of speech that was left out as that of other people in the room
    echoes: tuple[EchoStretch, ...]  # stretches in which a side holds the other's sound, by side, in order


def settle(
    rows: CallRows,
    analysis: AnalysisSettings,
    facts: HeadsetFacts,
    timebase: Timebase,
    *,
    ends: tuple[int | None, int | None] = (None, None),
    by_hand: Sequence[tuple[int, int]] = (),
    same_sound: bool = False,
) -> Account:
    """Settle a call: each step takes from the speech what it can explain by something that is no person.

    Parameters
    ----------
    rows : CallRows
        All ticks of the call.
    analysis : AnalysisSettings
        Settings of detection, leakage and holds.
    facts : HeadsetFacts
        What was measured of the agent's headset.
    timebase : Timebase
        The call's clock.
    ends : pair of int or None, optional
        Sample at which each side's file ended before the call did.
    by_hand : sequence of (start, end), optional
        Holds set by hand, in samples: they need no other reason.
    same_sound : bool, optional
        Whether both channels hold the same sound: then neither side is a copy of the other.
    """
    pause_ticks = in_ticks(analysis.hold.pause_s)
    length = timebase.tick_length
    unrecorded = find_unrecorded(rows, pause_ticks=pause_ticks, ends=_in_ticks(ends, length))
    lost_packets = find_lost_packets(rows, unrecorded, pause_ticks=pause_ticks)
    present = recorded(rows, unrecorded)
    speaking = bridge_losses(rows.speaking & present, lost_packets)
    line = find_line_sounds(rows, speaking, analysis.hold)
    speaking |= find_first_words(rows, line.holds) & present
    speaking &= ~line.mask
    echoes: tuple[EchoStretch, ...] = ()
    if not same_sound:
        echo = find_echo(rows, speaking, analysis.leakage)
        speaking &= ~echo.mask
        echoes = echo.stretches
        del echo
        give_back_freed_memory()  # the search for people in the room needs most
    two = all(rows.present) and not same_sound
    if two and facts.coupling_loss_db is not None:  # also where the call is too short to measure a leak
        guard = LeakGuard(analysis.leakage, facts)
        for first in range(0, rows.n_ticks, _AT_ONCE):
            some, few = slice(first, first + _AT_ONCE), (first // BANDS_EVERY, (first + _AT_ONCE) // BANDS_EVERY)
            bands = rows.band_dbfs(Side.AGENT, *few), rows.band_dbfs(Side.CUSTOMER, *few)
            noise = rows.noise[0, some], rows.noise[1, some]
            speaking[:, some] &= guard.remove_leaks(bands, noise, rows.speaking[:, some])
    behind = find_room(rows, speaking)
    speaking &= ~behind
    speaking &= ~find_noises_of_mouth(rows, speaking)
    spans = [HoldSpan(hold.first * length, hold.last * length, hold.kind, hold.side) for hold in line.holds]
    holds = with_unrecorded(spans, unrecorded, timebase, by_hand=by_hand)
    return Account(
        speaking=speaking,
        holds=holds,
        sounds=line.sounds,
        recorded=present,
        lost_packets=lost_packets,
        behind=behind,
        echoes=echoes,
    )


def held_ticks(holds: Iterable[HoldSpan], n_ticks: int, tick_length: int) -> NDArray[np.bool_]:
    """Return the ticks of holds in which nothing of either side counts, shape ``(n_ticks,)``.

    Parameters
    ----------
    holds : iterable of HoldSpan
        In samples; all have ended.
    n_ticks : int
        Ticks of the call.
    tick_length : int
        Samples of a tick.
    """
    held = np.zeros(n_ticks, np.bool_)
    for hold in holds:
        if hold.kind is not HoldKind.NOT_RECORDED and hold.end is not None:
            held[hold.start // tick_length : -(-hold.end // tick_length)] = True
    return held


def out_of_step(
    account: Account, timebase: Timebase, ends: tuple[int | None, int | None] = (None, None)
) -> OutOfStep | None:
    """Judge whether the sides of a settled call belong together in time, by the talk outside holds.

    Parameters
    ----------
    account : Account
        Of a call with both sides.
    timebase : Timebase
        The call's clock.
    ends : pair of int or None, optional
        As for `settle`.
    """
    n_ticks = account.speaking.shape[1]
    counted = account.recorded & ~held_ticks(account.holds, n_ticks, timebase.tick_length)
    ended_at = _in_ticks(ends, timebase.tick_length)
    missing = [(n_ticks - end) / TICKS_PER_SECOND if end is not None else 0.0 for end in ended_at]
    known = missing[Side.AGENT] - missing[Side.CUSTOMER]
    return find_out_of_step(account.speaking, counted, missing_s=known or None)


def _in_ticks(ends: tuple[int | None, int | None], tick_length: int) -> tuple[int | None, int | None]:
    agent, customer = (None if end is None else end // tick_length for end in ends)
    return agent, customer
