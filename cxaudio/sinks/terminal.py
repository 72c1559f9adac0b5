"""Show a live call in a terminal: five lines, each with a sign, words and a colour, drawn on another thread.

`HudState` decides what is shown and for how long, as on the page. Where lines cannot be drawn again (a pipe, a log),
one is printed when the state changes, a nudge is shown or a side is lost, without levels.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import IO, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from cxaudio.i18n import is_chinese, texts
from cxaudio.model.blocks import Analysed, CallInfo
from cxaudio.model.events import Side
from cxaudio.model.live_state import LiveState, LiveStatus
from cxaudio.model.policy import PacingPolicy
from cxaudio.model.prompt import Pace
from cxaudio.model.report import CallReport
from cxaudio.sinks.hud.state import LEVEL_STEPS, HudState, HudView

__all__ = ["TerminalDisplay", "TerminalView"]

_DRAW_EVERY_S = 0.2  # a level that moves more often is no easier to read, and each drawing takes a millisecond
_BAR = 10  # signs
_STATES = {
    LiveState.WAITING: ("○", "dim"),
    LiveState.LISTENING: ("●", "green"),
    LiveState.ON_HOLD: ("◐", "cyan"),
    LiveState.PAUSED: ("‖", "yellow"),
    LiveState.TROUBLE: ("▲", "bold red"),
    LiveState.STOPPED: ("■", "dim"),
}
_PACES = {
    Pace.UNKNOWN: ("·", "dim"),
    Pace.IN_STEP: ("=", "green"),
    Pace.FASTER: ("»", "yellow"),
    Pace.MUCH_FASTER: ("»»", "bold yellow"),
    Pace.SLOWER: ("«", "cyan"),
    Pace.MUCH_SLOWER: ("««", "bold cyan"),
}


class TerminalView:
    """Turn a `HudView` into words, signs and colours.

    Parameters
    ----------
    language : str
        BCP 47 tag of the display's language.
    pacing : PacingPolicy
        For its own wording of nudges, and the unit of rates.

    Examples
    --------
    >>> from cxaudio.settings import load_settings
    >>> pacing = load_settings(language="en", user_folder="/nonexistent").pacing
    >>> TerminalView("en", pacing).lines(HudView())[0].plain
    '○ Waiting for a call'
    """

    def __init__(self, language: str, pacing: PacingPolicy) -> None:
        self._texts = texts(language)
        self._words = pacing.words
        self._characters = is_chinese(pacing.language)

    def lines(self, view: HudView) -> list[Text]:
        """Return the lines for the terminal."""
        return [self._state(view), self._side(view, Side.AGENT), self._side(view, Side.CUSTOMER), *self._below(view)]

    def news(self, view: HudView) -> str:
        """Return one line for a log: the state and what the agent should do."""
        request = self._asked(view)
        return self.state_text(view) + (f": {request.plain}" if request.plain else "")

    def state_text(self, view: HudView) -> str:
        """Return the state in words."""
        if view.state is not LiveState.TROUBLE:
            return self._t(view.state.value)
        missing = [side for side in Side if not view.sides[side].heard]
        if not missing:
            return self._t("trouble_quality")
        return self._t(f"trouble_{missing[0].label}" if len(missing) == 1 else "trouble_both")

    def _state(self, view: HudView) -> Text:
        sign, style = _STATES[view.state]
        line = Text(f"{sign} {self.state_text(view)}", style)
        if view.in_call:
            line.append(f"  {view.call_seconds // 60:02d}:{view.call_seconds % 60:02d}", "none")
        if view.recording:
            line.append(f"  ◉ {self._t('recording')}", "red")
        return line

    def _side(self, view: HudView, side: Side) -> Text:
        now, rate = view.sides[side], view.pace.rates[side]
        who = "you" if side is Side.AGENT else "customer"
        if now.speaking:
            who = "you_speak" if side is Side.AGENT else "customer_speaks"
        sign, style = ("▶", "bold") if now.speaking else ("·", "dim")
        if not now.heard:
            sign, style = "×", "red"
        full = round(now.level * _BAR / LEVEL_STEPS)
        line = Text(f"{sign} ", style)
        line.append("█" * full + "░" * (_BAR - full), style)
        line.append(f"  {self._t(who)}", style)
        if not now.heard:
            line.append(f" · {self._t('not_heard')}", style)
        elif rate is not None:
            line.append(f"  {self._rate(rate)}", "none")
        return line

    def _below(self, view: HudView) -> list[Text]:
        pace = view.pace
        sign, style = _PACES[pace.pace]
        line = Text(f"{sign} {self._t(f'pace_{pace.pace.value}')}", style if pace.minded or "bold" not in style else "")
        if pace.talk_share is not None:
            line.append(f"  {self._t('share', n=round(100 * pace.talk_share))}", "none")
        if pace.tempo.value in ("hurried", "relaxed"):
            line.append(f"  {self._t(f'tempo_{pace.tempo.value}')}", "none")
        return [line, self._asked(view)]

    def _asked(self, view: HudView) -> Text:
        """Return the most important message only."""
        if view.state is LiveState.PAUSED:
            return Text(self._t("paused_detail"), "dim")
        if view.nudge is not None:
            sign, style = ("✓", "bold green") if view.nudge.positive else ("►", "bold yellow")
            key = view.nudge.message_key
            return Text(f"{sign} {self._words.get(key, self._texts[key])}", style)
        if view.troubles:
            first, *others = view.troubles
            text = self._t(first.kind.value, device=first.device)
            return Text(f"▲ {self._t('more_troubles', text=text, n=len(others)) if others else text}", "red")
        if view.wait is not None:
            owed_by = "nobody" if view.wait.owed_by is None else view.wait.owed_by.label
            return Text(f"… {self._t(f'wait_{owed_by}', n=view.wait.seconds)}", "yellow" if view.wait.late else "dim")
        if view.hold is not None and view.state is LiveState.LISTENING:
            return Text(f"◐ {self._t('hold_found')}", "dim")
        if view.snoozed_s:
            return Text(self._t("snoozed", n=-(-view.snoozed_s // 60)), "dim")
        return Text("")

    def _rate(self, rate: float) -> str:
        return self._t("characters", n=10 * round(6 * rate)) if self._characters else self._t("rate", n=f"{rate:.1f}")

    def _t(self, key: str, **blanks: object) -> str:
        return self._texts[f"hud.{key}"].format(**blanks)


class TerminalDisplay:
    """Draw a `LiveDisplay` on a terminal from another thread; a context manager.

    Parameters
    ----------
    language : str
        BCP 47 tag of the display's language.
    pacing : PacingPolicy
        Where "in step" ends; and its own wording of nudges.
    file : text file, optional
        The terminal; standard output where it is left out.
    """

    def __init__(self, *, language: str, pacing: PacingPolicy, file: IO[str] | None = None) -> None:
        self._console = Console(file=file, highlight=False)
        self._view = TerminalView(language, pacing)
        self._state = HudState(pacing)
        self._newest = self._state.view
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._said = ""

    def open(self, call: CallInfo) -> None:
        """Begin a call."""
        self._state.open(call)
        self._renew()

    def write(self, analysed: Analysed) -> None:
        """Show what became known with a block."""
        self._state.take(analysed)
        self._renew()

    def close(self, report: CallReport | None) -> None:
        """End the call; the display waits for the next."""
        self._state.close()
        self._renew()

    def show_status(self, status: LiveStatus) -> None:
        """Show what the session is doing."""
        self._state.take_status(status)
        self._renew()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._draw, name="cxaudio-terminal", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._changed.set()
        if self._thread is not None:
            self._thread.join(timeout=2)  # a stopped terminal must not keep the program from ending

    def _renew(self) -> None:
        view = self._state.view
        if view != self._newest:
            self._newest = view
            self._changed.set()

    # On the drawing thread --------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        if self._console.is_terminal:
            with Live(console=self._console, auto_refresh=False) as live:
                self._follow(lambda view: live.update(Group(*self._view.lines(view)), refresh=True))
        else:
            self._follow(self._print)

    def _follow(self, show: Callable[[HudView], None]) -> None:
        while True:
            view = self._newest
            show(view)
            if self._stopping.wait(_DRAW_EVERY_S):
                break
            self._changed.wait()
            self._changed.clear()
        if self._newest != view:
            show(self._newest)

    def _print(self, view: HudView) -> None:
        said = self._view.news(replace(view, wait=None, snoozed_s=0))  # a log need not list every counted second
        if said != self._said:
            self._said = said
            self._console.print(said, markup=False, soft_wrap=True)
