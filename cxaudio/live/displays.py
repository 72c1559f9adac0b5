"""Write to the displays of a live session; a display that fails is left out from then on."""

from collections.abc import Callable, Sequence

from cxaudio.model.blocks import Analysed, CallInfo
from cxaudio.model.live_state import LiveDisplay, LiveStatus
from cxaudio.model.report import CallReport

__all__ = ["Displays"]


class Displays:
    """Several displays as one; itself a `LiveDisplay` that never raises.

    Parameters
    ----------
    displays : sequence of LiveDisplay
        Written in this order.
    prepare : callable
        Returns what the displays are given in place of what was analysed.
    failed : callable
        Given a sentence for the report about each display that is left out.
    """

    def __init__(
        self,
        displays: Sequence[LiveDisplay],
        *,
        prepare: Callable[[Analysed], Analysed],
        failed: Callable[[str], None],
    ) -> None:
        self._displays = list(displays)
        self._prepare = prepare
        self._failed = failed

    def open(self, call: CallInfo) -> None:
        """Begin a call."""
        self._each(lambda display: display.open(call))

    def write(self, analysed: Analysed) -> None:
        """Show what became known with a block."""
        if not self._displays:
            return
        shown = self._prepare(analysed)
        self._each(lambda display: display.write(shown))

    def close(self, report: CallReport | None) -> None:
        """End the call."""
        self._each(lambda display: display.close(report))

    def show_status(self, status: LiveStatus) -> None:
        """Show what the session is doing."""
        self._each(lambda display: display.show_status(status))

    def _each(self, action: Callable[[LiveDisplay], None]) -> None:
        for display in list(self._displays):
            try:
                action(display)
            except Exception as exc:  # without a display the call is still analysed and reported
                self._displays.remove(display)
                self._failed(f"{type(display).__name__}: {exc!r}")
