"""Show a live call on a page that is served on 127.0.0.1 only; the session never waits for it."""

import json
import os
import secrets
import time
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cxaudio.errors import StoreError, UsageError
from cxaudio.model.blocks import Analysed, CallInfo
from cxaudio.model.live_state import LiveControls, LiveStatus
from cxaudio.model.policy import PacingPolicy
from cxaudio.sinks.hud.page import hud_page, view_facts
from cxaudio.sinks.hud.state import HudState

if TYPE_CHECKING:
    from cxaudio.model.report import CallReport

__all__ = ["HudDisplay"]

_LEVEL_EVERY_S = 0.2  # a bar that moves more often is no easier to read, and costs more


class HudDisplay:
    """Serve a `LiveDisplay` for the agent's browser; a context manager that serves while it is entered.

    Parameters
    ----------
    controls : LiveControls or None
        Carries out commands of the page and the softphone; None where the session is made later: see `connect`.
    language : str
        BCP 47 tag of the language the page opens in; it can be switched there.
    pacing : PacingPolicy
        Where "in step" ends; and its own wording of nudges.
    port : int, optional
        0 takes any that is free.
    control_file : Path, optional
        Where a softphone finds address and token (JSON, readable by its owner only) while the display serves.

    Raises
    ------
    UsageError
        If starlette or uvicorn are missing, or the port is taken.
    StoreError
        On entering, if the control file cannot be written.

    Notes
    -----
    `open`, `write`, `close` and `show_status` publish the newest view and never wait for a browser. `close`
    ends a call, not the display: `stop` does.

    Examples
    --------
    >>> from cxaudio.model.live_state import LiveState
    >>> from cxaudio.settings import load_settings
    >>> pacing = load_settings(language="en", user_folder="/nonexistent").pacing
    >>> with HudDisplay(None, language="en", pacing=pacing) as hud:
    ...     hud.show_status(LiveStatus(state=LiveState.WAITING))
    ...     hud.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(
        self,
        controls: LiveControls | None,
        *,
        language: str,
        pacing: PacingPolicy,
        port: int = 0,
        control_file: Path | None = None,
    ) -> None:
        try:
            from cxaudio.sinks.hud.server import HudServer
        except ModuleNotFoundError as exc:
            raise UsageError(
                f"the page needs {exc.name}, which is not installed: pip install 'cxaudio[hud]', or use --ui terminal"
            ) from exc
        self._controls = controls
        self._state = HudState(pacing)
        page, policy = hud_page(language=language, pacing=pacing)
        self._server = HudServer(page, policy, controls=lambda: self._controls, port=port)
        self._control_file = control_file
        self._mark: Hashable = None
        self._line = b""
        self._shown_at = 0.0

    @property
    def url(self) -> str:
        """Link that opens the page once; a new one after it was used or is ten minutes old."""
        return self._server.url

    @property
    def control_url(self) -> str:
        """Address for a softphone; its paths are in ``docs/live.md``."""
        return f"http://127.0.0.1:{self._server.port}/api"

    @property
    def control_token(self) -> str:
        """Bearer token of a softphone; a new one with each start."""
        return self._server.keys.control_token

    @property
    def n_watching(self) -> int:
        """Number of pages that are connected now."""
        return self._server.n_streams

    def connect(self, controls: LiveControls | None) -> None:
        """Send commands to these controls from now on; None: to nothing."""
        self._controls = controls

    def start(self) -> None:
        """Begin to serve."""
        self._publish(now=True)
        self._server.start()
        if self._control_file is not None:
            _write_private(self._control_file, {"url": self.control_url, "token": self.control_token})

    def stop(self) -> None:
        """Send the last view, close the connections and remove the control file; may be called again."""
        if self._control_file is not None:
            _remove_own(self._control_file, self.control_token)
        self._server.stop()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def open(self, call: CallInfo) -> None:
        """Begin a call."""
        self._state.open(call)
        self._publish(now=True)

    def write(self, analysed: Analysed) -> None:
        """Show what became known with a block."""
        self._state.take(analysed)
        self._publish(now=False)

    def close(self, report: "CallReport | None") -> None:
        """End the call; the page waits for the next."""
        self._state.close()
        self._publish(now=True)

    def show_status(self, status: LiveStatus) -> None:
        """Show what the session is doing."""
        self._state.take_status(status)
        self._publish(now=False)

    def _publish(self, *, now: bool) -> None:
        clock = time.monotonic()
        mark = self._state.mark
        # A change of levels alone may wait for a later block.
        if not now and mark == self._mark and clock - self._shown_at < _LEVEL_EVERY_S:
            return
        self._mark, self._shown_at = mark, clock
        view = self._state.view
        line = json.dumps(view_facts(view), ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
        if line != self._line:
            self._line = line
            self._server.publish(
                line, {"state": view.state.value, "in_call": view.in_call, "snoozed_s": view.snoozed_s}
            )


def _write_private(path: Path, facts: dict[str, str]) -> None:
    """Write a file that is readable by its owner only, from its first byte on."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(facts, file)
        part.replace(path)
    except OSError as exc:
        with suppress(OSError):
            part.unlink()
        raise StoreError(f"{path}: cannot be written ({exc.strerror}); name another file for the softphone") from exc


def _remove_own(path: Path, token: str) -> None:
    """Remove the file unless another cxaudio has replaced it."""
    with suppress(OSError, ValueError):
        if json.loads(path.read_text(encoding="utf-8")).get("token") == token:
            path.unlink()
