"""Merge detected holds with those set by hand, so that at most one hold is open at a time."""

from collections import deque

from cxaudio.analysis.holds import HoldMark, HoldSpan
from cxaudio.analysis.tick import NEVER
from cxaudio.model.events import Hold, HoldKind
from cxaudio.model.timebase import Timebase

__all__ = ["HoldMerger"]


class HoldMerger:
    """Merge two series of hold marks into one series of `Hold` events.

    A hold set by hand takes precedence over a detected one. Where it begins, the detected hold is reported as ended;
    where it ends and the sound still lasts, the detected hold is reported as begun again.

    Parameters
    ----------
    timebase : Timebase
        The call's clock.
    """

    def __init__(self, timebase: Timebase) -> None:
        self._length = timebase.tick_length
        self.reset()

    def reset(self) -> None:
        """Reset to the initial state."""
        self.by_hand_spans: list[tuple[int, int]] = []
        """Stretches set by hand that are over, in samples."""
        self._detected: deque[HoldMark] = deque()
        self._by_hand: deque[HoldMark] = deque()
        self._by_hand_open = False  # as far as the marks taken say
        self._detected_open: HoldSpan | None = None  # a lasting sound, reported or covered by a hold set by hand
        self._since: int | None = None  # sample at which a hold set by hand began that still goes on

    @property
    def next_tick(self) -> int:
        """Return the tick with which the next event leaves, or `NEVER`."""
        return min((marks[0].tick for marks in (self._by_hand, self._detected) if marks), default=NEVER)

    @property
    def held(self) -> bool:
        """Return whether a hold is open, as far as the marks taken by `take` say."""
        lost = self._detected_open is not None and self._detected_open.kind is HoldKind.NOT_RECORDED
        return self._by_hand_open or (self._detected_open is not None and not lost)

    @property
    def one_side_lost(self) -> bool:
        """Return whether one side has no sound of its own, as far as the marks taken by `take` say."""
        return self._detected_open is not None and self._detected_open.kind is HoldKind.NOT_RECORDED

    def add_detected(self, marks: list[HoldMark]) -> None:
        """Add what the detector found; its ticks never go back."""
        self._detected.extend(marks)

    def set_by_hand(self, at: int, held: bool) -> None:
        """Begin or end a hold by hand at sample `at`; setting the same state twice changes nothing."""
        if held and self._since is None:
            self._since = at
            span = HoldSpan(at, None, HoldKind.BY_HAND, None)
            self._by_hand.append(HoldMark(tick=at // self._length, held=True, span=span))
        elif not held and self._since is not None:
            span = HoldSpan(self._since, at, HoldKind.BY_HAND, None)
            self.by_hand_spans.append((self._since, at))
            self._by_hand.append(HoldMark(tick=max(at - 1, 0) // self._length + 1, held=False, span=span))
            self._since = None

    def take(self, number: int, at: int) -> list[Hold]:
        """Return the events that leave with tick `number` (`NEVER`: all that are left), decided at sample `at`."""
        spans: list[HoldSpan] = []
        while True:
            by_hand = self._by_hand[0].tick if self._by_hand else NEVER
            detected = self._detected[0].tick if self._detected else NEVER
            first = min(by_hand, detected)
            if first > number or first == NEVER:
                return [Hold(start=s.start, end=s.end, decided_at=at, kind=s.kind, side=s.side) for s in spans]
            if by_hand <= detected:
                self._take_by_hand(self._by_hand.popleft(), spans)
            else:
                self._take_detected(self._detected.popleft(), spans)

    def _take_by_hand(self, mark: HoldMark, spans: list[HoldSpan]) -> None:
        detected = self._detected_open
        if mark.held:
            if detected is not None:
                spans.append(detected._replace(end=max(detected.start, mark.span.start)))
            self._by_hand_open = True
            spans.append(mark.span)
            return
        self._by_hand_open = False
        spans.append(mark.span)
        if detected is not None:
            assert mark.span.end is not None  # a hold set by hand that is over
            self._detected_open = detected._replace(start=mark.span.end)
            spans.append(self._detected_open)

    def _take_detected(self, mark: HoldMark, spans: list[HoldSpan]) -> None:
        if mark.held:
            self._detected_open = mark.span
            if not self._by_hand_open:
                spans.append(mark.span)
            return
        opened, self._detected_open = self._detected_open, None
        if not self._by_hand_open and opened is not None and mark.span.end is not None:
            spans.append(mark.span._replace(start=opened.start, end=max(opened.start, mark.span.end)))
