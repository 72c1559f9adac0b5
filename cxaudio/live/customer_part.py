"""Play a customer's turns to an agent who speaks: when a customer begins, waits, gives up, cuts in and gives way."""

from collections import deque
from enum import StrEnum

import numpy as np

from cxaudio.made.customers import RATE, Customer
from cxaudio.model.blocks import Analysed, CallInfo
from cxaudio.model.events import Side
from cxaudio.model.live_state import LiveStatus
from cxaudio.model.report import CallReport
from cxaudio.model.timebase import TICKS_PER_SECOND
from dsp.core.levels import dbov
from dsp.core.stage import Float32

__all__ = ["CustomerPart"]

_TICK = RATE // TICKS_PER_SECOND  # samples
_LEAD_S = 1.5  # before the customer's first word
_SPOKE_TICKS = 35  # of speech are an answer; less is a backchannel
_BRIDGE_TICKS = 30  # of silence do not end the agent's answer
_LAST_WAIT_S = 15.0  # for an answer to the customer's last words
_SURE_S = 0.20  # of silence end a word; gaps inside words are shorter (`spurts.bridge_s`)
_LEAST_S = 0.12  # of silence, before any answer: most stop closures are shorter. Chosen.
_SHORTEST_EDGE_S = 0.01  # of a turn's quiet beginning is always played, faded in
_APART_DB = 12.0  # of speech over pauses, from which a level tells them apart. Chosen.
_MOST_UNDECIDED = 100  # ticks; the session decides within some 0.2 s
_LOWEST_DBOV = -120.0  # as in `Analysed.level_dbov`
_AVERAGE = 0.01  # weight of a tick in the means of level: a second


class _Doing(StrEnum):
    """State of the customer."""

    SPEAKING = "speaking"
    LISTENING = "listening"
    GONE = "gone"


class CustomerPart:
    """Play a customer's turns, each when a customer would begin it; implements `LiveDisplay`.

    Parameters
    ----------
    customer : Customer
        What is said, and how.

    Notes
    -----
    The session of both sides delivers the agent's speech as `Analysed`, some 0.1 to 0.2 s after it was spoken. What it
    has not decided yet is judged by level alone. Silences are counted on the microphone's clock, from the agent's last
    sound until the customer's first one is heard in the earpiece, `later` samples after it is given out. So what a
    customer waits is right, except where it is shorter than what must be known and played before: about 0.25 s.
    """

    def __init__(self, customer: Customer) -> None:
        self._turns = deque(customer.turns)
        self._manners = customer.manners
        self._edge = round(customer.edge_s * RATE)  # samples of a turn before its first sound
        self._doing = _Doing.LISTENING
        self._sounding: Float32 = np.zeros(0, np.float32)
        self._edge_behind = 0  # samples of the present turn behind its last sound
        self._position = 0  # samples given out
        self._later = 0  # samples after which what is given out now is heard
        self._spoke = 0  # ticks of the agent's speech since the customer's last turn
        self._silent_since: int | None = None  # tick
        self._talk_since: int | None = None  # tick at which the agent's present talk began
        self._over = 0  # ticks in a row that the agent spoke over the customer
        self._ready_at = round(_LEAD_S * RATE)  # of the first turn
        self._waiting_since = 0  # sample at which the last turn's last sound was heard
        self._n_turns = 0
        self._n_latest = 0  # samples of the latest block
        self._origin = 0  # tick at which the call began
        self._decided = 0  # ticks that the session has decided
        self._undecided = deque[float]()  # levels of the ticks behind them, dBov
        self._speech_dbov: float | None = None
        self._pause_dbov: float | None = None
        self.n_unanswered = 0
        """Number of times that the customer went on without an answer."""

    @property
    def is_over(self) -> bool:
        """Whether the customer has said everything and the last answer is over."""
        return self._doing is _Doing.GONE

    def hear(self, spoken: Float32) -> None:
        """Take the microphone's sound of the next block, whole ticks, before its `next`."""
        power = np.mean(spoken.reshape(-1, _TICK) ** 2, axis=1)
        self._undecided.extend(max(_LOWEST_DBOV, dbov(float(each))) for each in power)
        while len(self._undecided) > _MOST_UNDECIDED:  # nothing is decided while there is no call
            self._undecided.popleft()
            self._decided += 1

    def next(self, n: int, *, later: int = 0) -> Float32:
        """Return the customer's next `n` samples; silence while listening.

        Parameters
        ----------
        n : int
            Samples; the microphone's have been heard.
        later : int
            Samples of the microphone from the first of them until the returned ones are heard.
        """
        self._later = later
        self._n_latest = n
        out = np.zeros(n, np.float32)
        if self._doing is _Doing.LISTENING:
            self._consider(n)
        piece = self._sounding[:n]
        out[: len(piece)] = piece
        self._sounding = self._sounding[n:]
        if self._doing is _Doing.SPEAKING and not len(self._sounding):
            self._listen(self._position + len(piece))
        self._position += n
        return out

    def write(self, analysed: Analysed) -> None:
        """Take the agent's speech."""
        tick = self._origin + analysed.first_tick
        speaking = analysed.speaking[Side.AGENT].tolist()
        levels = analysed.level_dbov[Side.AGENT].tolist()
        for speaks, level in zip(speaking, levels, strict=True):
            self._step(tick, speaks)
            self._average(level, speaks)
            tick += 1
        while self._undecided and self._decided < tick:
            self._undecided.popleft()
            self._decided += 1
        self._decided = max(self._decided, tick)

    def open(self, call: CallInfo) -> None:
        """Note that a call begins with the latest block, from which its ticks are counted."""
        self._origin = (self._position - self._n_latest) // _TICK

    def close(self, report: CallReport | None) -> None:
        """Do nothing."""

    def show_status(self, status: LiveStatus) -> None:
        """Do nothing."""

    def _step(self, tick: int, speaking: bool) -> None:
        if speaking:
            self._silent_since = None
            if self._talk_since is None:
                self._talk_since = tick
            if self._doing is _Doing.LISTENING and tick * _TICK >= self._waiting_since:
                self._spoke += 1
            self._over = self._over + 1 if self._doing is _Doing.SPEAKING else 0
            yields = self._manners.yields_after_s
            if yields is not None and self._over >= yields * TICKS_PER_SECOND:
                self._stop()
            return
        self._over = 0
        if self._silent_since is None:
            self._silent_since = tick
        elif tick - self._silent_since >= _BRIDGE_TICKS:
            self._talk_since = None

    def _average(self, level: float, speaking: bool) -> None:
        """Follow how loud the agent's speech and pauses are."""
        before = self._speech_dbov if speaking else self._pause_dbov
        mean = level if before is None else before + _AVERAGE * (level - before)
        if speaking:
            self._speech_dbov = mean
        else:
            self._pause_dbov = mean

    def _silence(self) -> tuple[int, int]:
        """Return the samples from which on the agent is silent, and up to which that is known; equal: the agent speaks.

        What the session has not decided yet is judged by level, where speech and pauses differ enough.
        """
        # Where the last decided tick is speech, what follows may be its end.
        since = self._decided if self._silent_since is None else self._silent_since
        known_to = self._decided
        speech, pause = self._speech_dbov, self._pause_dbov
        if speech is not None and pause is not None and speech - pause >= _APART_DB:
            for number, level in enumerate(self._undecided, start=self._decided + 1):
                known_to = number
                if level > (speech + pause) / 2:
                    since = number
        return since * _TICK, known_to * _TICK

    def _consider(self, n: int) -> None:
        """Begin the next turn, where a customer would, within the next `n` samples."""
        heard_at = self._position + self._later
        if not self._n_turns:
            if self._position >= self._ready_at:
                self._speak()
            return
        answered = self._spoke >= _SPOKE_TICKS
        if answered and self._answers(heard_at, n):
            return
        if answered and self._cuts_in(heard_at + self._edge):
            self._speak()
        elif not answered and self._talk_since is None:
            limit = self._manners.patience_s if self._turns else max(self._manners.patience_s, _LAST_WAIT_S)
            if heard_at + self._edge - self._waiting_since >= limit * RATE:
                self.n_unanswered += 1
                self._speak()

    def _answers(self, heard_at: int, n: int) -> bool:
        """Answer so that the first sound is heard when it should be, with less of the turn's quiet edge if need be."""
        silent_from, known_to = self._silence()
        left = silent_from + round(self._manners.answers_after_s * RATE) - heard_at  # until the first sound is due
        # The later it begins, the surer it is that the agent has ended.
        spare = self._manners.answers_after_s * RATE - self._later - _SURE_S * RATE
        edge = min(max(spare, _SHORTEST_EDGE_S * RATE, n), max(self._edge, n))
        if left > edge or known_to - silent_from < _LEAST_S * RATE:
            return False
        self._speak(left)
        return True

    def _cuts_in(self, now: int) -> bool:
        """Return whether the customer interrupts: every second time, while turns are left."""
        limit = self._manners.cuts_in_after_s
        if limit is None or not self._turns or self._n_turns % 2 or self._talk_since is None:
            return False
        begun = max(self._talk_since * _TICK, self._waiting_since)
        return now - begun >= limit * RATE

    def _speak(self, left: int | None = None) -> None:
        """Begin the next turn, its first sound `left` samples from now, or with its whole edge."""
        if not self._turns:
            self._doing = _Doing.GONE
            return
        turn = self._turns.popleft()
        if left is not None:
            shortest = min(round(_SHORTEST_EDGE_S * RATE), self._edge)
            turn = turn[self._edge - min(max(left, shortest), self._edge) :].copy()
            turn[:shortest] *= np.linspace(0, 1, shortest, dtype=np.float32)
            turn = np.concatenate((np.zeros(max(0, left - self._edge), np.float32), turn))
        self._sounding = turn
        self._edge_behind = self._edge
        self._doing = _Doing.SPEAKING
        self._n_turns += 1
        self._over = 0

    def _listen(self, end: int) -> None:
        self._doing = _Doing.LISTENING
        self._waiting_since = end + self._later - self._edge_behind
        self._spoke = 0

    def _stop(self) -> None:
        """Stop speaking, with a short fade."""
        rest = self._sounding[: RATE // 20]
        self._sounding = rest * np.linspace(1, 0, len(rest), dtype=np.float32)
        self._edge_behind = 0
        self._over = 0
