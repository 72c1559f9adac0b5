"""Detect where calls begin and end in an endless stream of both sides, by their sound alone."""

from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cxaudio.model.blocks import Analysed, AudioBlock
from cxaudio.model.events import Side
from cxaudio.model.live_policy import LiveSettings
from cxaudio.model.timebase import Timebase

__all__ = ["CallEnding", "CallOpening", "LineWatch", "Onsets", "Preroll"]

_PIECE_S = 0.04  # a block is judged in pieces of this length, so that a long one finds what short ones would


class Preroll:
    """Keep the last seconds of sound, so that a call can begin before it was detected.

    Parameters
    ----------
    length : int
        Samples kept, at least; never more than a block beyond it.
    """

    def __init__(self, length: int) -> None:
        self._length = length
        self._blocks: deque[AudioBlock] = deque()
        self._n_samples = 0

    def keep(self, block: AudioBlock) -> None:
        """Keep a block and drop those that are too old."""
        self._blocks.append(block)
        self._n_samples += block.samples.shape[1]
        while self._n_samples - self._blocks[0].samples.shape[1] >= self._length:
            self._n_samples -= self._blocks.popleft().samples.shape[1]

    def take(self) -> list[AudioBlock]:
        """Return the kept blocks and drop them."""
        blocks = list(self._blocks)
        self.forget()
        return blocks

    def forget(self) -> None:
        """Drop every block."""
        self._blocks.clear()
        self._n_samples = 0


class CallOpening:
    """Detect that a call has begun: the far end has sounded for long enough.

    Parameters
    ----------
    settings : LiveSettings
        How long, how loud.
    clock : Timebase
        The session's clock.
    """

    _HUNG_UP_S = 1.0  # of digital silence: nothing plays any more. Chosen.
    _LONG_QUIET_S = 10.0  # of faint noise: longer than most turns of the agent's. Chosen.

    def __init__(self, settings: LiveSettings, clock: Timebase) -> None:
        self._hung_up = clock.samples(self._HUNG_UP_S)
        self._long_quiet = clock.samples(self._LONG_QUIET_S)
        self._power = 10 ** (settings.start_level_dbov / 10)
        self._piece = clock.samples(_PIECE_S)
        self._needed = clock.samples(settings.start_sound_s)
        self._window = clock.samples(settings.start_window_s)
        self.wait()

    def wait(self, *, for_quiet: bool = False) -> None:
        """Start over. With `for_quiet`, sound counts only after the present one, of the last call, has ceased."""
        self._sounding: deque[tuple[int, int]] = deque()  # end and length of each sounding block
        self._total = 0
        self._quiet = 0  # samples of quiet under way
        self._zeros = 0  # samples of digital silence under way
        self._for_quiet = for_quiet

    def detects(self, block: AudioBlock) -> bool:
        """Take a block; return True with the one at which a call has begun."""
        return any(
            self._takes(row, start + len(row), lost=block.dropout)
            for start, row in _pieces(block, Side.CUSTOMER, self._piece)
        )

    def _takes(self, row: NDArray[np.float32], end: int, *, lost: bool) -> bool:
        length = len(row)
        sounding = not lost and _power(row) >= self._power
        if self._for_quiet:
            self._quiet = 0 if sounding else self._quiet + length
            self._zeros = 0 if row.any() else self._zeros + length
            self._for_quiet = self._zeros < self._hung_up and self._quiet < self._long_quiet
            return False
        if sounding:
            self._sounding.append((end, length))
            self._total += length
        while self._sounding and self._sounding[0][0] <= end - self._window:
            self._total -= self._sounding.popleft()[1]
        return self._total >= self._needed


class LineWatch:
    """Distinguish a line that is gone (digital zeros where it had noise) from one that is only silent.

    Parameters
    ----------
    settings : LiveSettings
        After how long it is gone.
    clock : Timebase
        The session's clock.
    """

    _MOST_ZEROS = 0.05  # of the sound before; a line that gates its noise has more, and never counts as gone. Chosen.
    _KNOWN_AFTER_S = 5.0  # of sound before a line can count as gone

    def __init__(self, settings: LiveSettings, clock: Timebase) -> None:
        self._gone_after = clock.samples(settings.line_gone_s)
        self._known_after = clock.samples(self._KNOWN_AFTER_S)
        self._piece = clock.samples(_PIECE_S)
        self._sounded = 0  # samples before the zeros under way
        self._zeros_before = 0  # ... of them in pieces of zeros
        self._run = 0  # samples of zeros under way

    @property
    def gone_for(self) -> int:
        """Samples since the line counts as gone; 0: it does not."""
        usual = self._sounded >= self._known_after and self._zeros_before <= self._MOST_ZEROS * self._sounded
        return max(0, self._run - self._gone_after) if usual else 0

    def take(self, block: AudioBlock) -> None:
        """Take a block; lost sound changes nothing."""
        if block.dropout:
            return
        for _, row in _pieces(block, Side.CUSTOMER, self._piece):
            if not row.any():
                self._run += len(row)
                continue
            gone = self.gone_for > 0  # zeros of a line that was gone are no silence
            self._sounded += len(row) + (0 if gone else self._run)
            self._zeros_before += 0 if gone else self._run
            self._run = 0


class CallEnding:
    """Detect that a call is over: both sides were silent for long, the line is gone, or a side is lost.

    Parameters
    ----------
    settings : LiveSettings
        After how long.
    clock : Timebase
        The session's clock.
    """

    def __init__(self, settings: LiveSettings, clock: Timebase) -> None:
        self._settings = settings
        self._clock = clock
        self.line = LineWatch(settings, clock)
        self._silent = 0  # samples
        self._lost = 0  # samples
        self.talk = [0, 0]  # ticks of speech of each side

    def take(self, block: AudioBlock) -> None:
        """Take a block as the source gave it."""
        self.line.take(block)
        self._lost = self._lost + block.samples.shape[1] if block.dropout else 0

    @property
    def lost_for(self) -> int:
        """Samples since a side was lost."""
        return self._lost

    def follow(self, analysed: Analysed, *, aside: bool) -> None:
        """Take what was analysed; with `aside` (lost, paused or on hold by hand) its silence does not count."""
        speaking = analysed.speaking
        n = speaking.shape[1]
        if not n:
            return
        self.talk[0] += int(speaking[0].sum())
        self.talk[1] += int(speaking[1].sum())
        sounding = speaking.any(axis=0) | (analysed.level_dbov[Side.CUSTOMER] >= self._settings.start_level_dbov)
        last = np.flatnonzero(sounding)
        silent = n - 1 - int(last[-1]) if len(last) else n
        if len(last):
            self._silent = 0
        if not aside:
            self._silent += silent * self._clock.tick_length

    @property
    def is_over(self) -> bool:
        """Whether it is over."""
        limits = self._settings
        return (
            self._silent >= self._clock.samples(limits.end_silence_s)
            or self.line.gone_for >= self._clock.samples(limits.line_gone_end_s)
            or self._lost >= self._clock.samples(limits.lost_end_s)
        )

    @property
    def was_a_call(self) -> bool:
        """Whether the customer said anything."""
        return self.talk[Side.CUSTOMER] * self._clock.tick_length >= self._clock.samples(self._settings.shortest_talk_s)


class Onsets:
    """Detect by level alone that a side began to sound, so that its sound is analysed sooner.

    Parameters
    ----------
    clock : Timebase
        The session's clock.
    """

    _RISE = 6.0  # of power: 8 dB above the recent minimum. Chosen.
    _FLOOR = 1e-6  # -60 dBov
    _CREEP = 1.02  # the floor rises by so much a piece
    _TRIES = 8  # a noise is not followed forever
    _FEW_TRIES = 2  # left: a further rise is then worth new ones, since speech may follow on a noise. Chosen.
    _SURE = 3  # ticks of speech; less is not shown yet
    _RISE_AGAIN = 3.0  # of power, over the last pieces: speech in a noise that sounded before. Chosen.
    _RECENT = 7  # pieces, 0.28 s
    _PAUSE_S = 0.3  # without speech: speech after it begins anew. Chosen.

    def __init__(self, clock: Timebase) -> None:
        self._piece = clock.samples(_PIECE_S)
        self._floor = [self._FLOOR, self._FLOOR]
        self._tries = [0, 0]  # left, for a side of which it is not yet known whether it speaks
        self._speaks = [False, False]  # or did so less than a pause ago, as far as that is known
        self._pause = clock.samples(self._PAUSE_S)
        self._tick = clock.tick_length
        self._silent = [self._pause, self._pause]  # ticks since the last one of speech
        self._recent = [deque([0.0], maxlen=self._RECENT) for _ in Side]  # power of the last pieces

    def detects(self, block: AudioBlock) -> int | None:
        """Take a block; return from which sample on a side that may begin to speak sounds, or None."""
        began: int | None = None
        for side in Side:
            for start, row in _pieces(block, side, self._piece):
                power = _power(row)
                on = power > self._RISE * self._floor[side]
                self._floor[side] = max(min(power, self._floor[side] * self._CREEP), self._FLOOR)
                if not on:
                    self._tries[side] = 0
                elif self._tries[side] <= self._FEW_TRIES:
                    # Of a side that speaks it is not yet known that it paused: its sound must rise over all before.
                    recent = self._recent[side]
                    if power > self._RISE_AGAIN * (max(recent) if self._speaks[side] else min(recent)):
                        self._tries[side] = self._TRIES
                        began = start if began is None else min(began, start)
                self._recent[side].append(power)
        return began

    def follow(self, analysed: Analysed) -> bool:
        """Take what became known; return True while it is not decided whether the sound is speech."""
        n = analysed.speaking.shape[1]
        for side in Side:
            spoken = np.flatnonzero(analysed.speaking[side])
            self._silent[side] = n - 1 - int(spoken[-1]) if len(spoken) else self._silent[side] + n
            self._speaks[side] = self._silent[side] * self._tick < self._pause
            sure = n > 0 and bool(analysed.speaking[side, -self._SURE :].all())
            self._tries[side] = 0 if sure else max(0, self._tries[side] - 1)
        return any(self._tries)


def _pieces(block: AudioBlock, side: Side, length: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield the sound of a side in pieces of at most this length, each with its first sample of the session."""
    row = block.samples[side]
    for low in range(0, len(row), length):
        yield block.start + low, row[low : low + length]


def _power(row: NDArray[np.float32]) -> float:
    return float(np.dot(row, row)) / max(1, len(row))
