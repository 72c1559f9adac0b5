"""Controls that remember their requests, and a client of the server of the live page that behaves as a browser."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from cxaudio.analysis.prompt_speech import PromptSpeech
from cxaudio.model.blocks import Analysed, AudioBlock, CallInfo
from cxaudio.model.events import Event
from cxaudio.model.policy import PacingPolicy
from cxaudio.settings import load_settings
from cxaudio.sinks.hud.display import HudDisplay

__all__ = ["AnalysedDisplay", "Answer", "HudClient", "RememberingControls", "block", "pacing"]


def _prompt_speech() -> PromptSpeech:
    settings = load_settings(user_folder="/nonexistent")
    return PromptSpeech(settings.analysis, settings.pacing)


def pacing(language: str = "en") -> PacingPolicy:
    """Return the shipped policy."""
    return load_settings(language=language, user_folder="/nonexistent").pacing


def block(
    number: int,
    *,
    agent: bool = False,
    customer: bool = False,
    level: float = -26.0,
    events: tuple[Event, ...] = (),
    sample_rate: int = 8000,
) -> Analysed:
    """Make what an analyser gives for block `number` of 20 ms."""
    speaking = np.array([[agent] * 2, [customer] * 2])
    return Analysed(
        heard_to=(number + 1) * sample_rate // 50,
        clean=AudioBlock(start=0, samples=np.zeros((2, 0), np.float32)),
        events=events,
        first_tick=2 * number,
        level_dbov=np.where(speaking, level, -70.0).astype(np.float32),
        speaking=speaking,
        probability=speaking.astype(np.float32),
    )


class AnalysedDisplay(HudDisplay):
    """Add the prompt facts to what the display is given, as a session does."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._speech = _prompt_speech()

    def open(self, call: CallInfo) -> None:
        self._speech = _prompt_speech()
        super().open(call)

    def write(self, analysed: Analysed) -> None:
        super().write(replace(analysed, prompt=self._speech.update(analysed)))


class RememberingControls:
    """Implement `LiveControls` by remembering each request."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def pause(self) -> None:
        self.asked.append(("pause",))

    def resume(self) -> None:
        self.asked.append(("resume",))

    def snooze(self, seconds: float) -> None:
        self.asked.append(("snooze", seconds))

    def hold(self, on: bool) -> None:
        self.asked.append(("hold", on))

    def start_call(self) -> None:
        self.asked.append(("start_call",))

    def end_call(self) -> None:
        self.asked.append(("end_call",))

    def wait_for(self, request: tuple[Any, ...], seconds: float = 30.0) -> None:
        """Wait for a request, which comes from the thread of the server."""
        end = time.monotonic() + seconds
        while request not in self.asked:
            assert time.monotonic() < end, f"{request} was never asked, only {self.asked}"
            time.sleep(0.01)


class Answer(NamedTuple):
    """Hold the answer of the server."""

    status: int
    headers: dict[str, str]
    text: str


class HudClient:
    """Send requests to the server of a display, with the headers that a browser adds, unless they are replaced."""

    def __init__(self, display: HudDisplay) -> None:
        self.display = display
        root, _, self.token = display.url.partition("#")
        self.port = int(root.split(":")[2].split("/")[0])
        self.host = f"127.0.0.1:{self.port}"
        self.origin = f"http://{self.host}"
        self.cookie: str | None = None

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | dict[str, Any] | None = None,
        headers: dict[str, str | None] | None = None,
    ) -> Answer:
        """Send a request as the page does; a given header replaces that of the page, None leaves it out."""
        raw = json.dumps(body).encode() if isinstance(body, dict) else body or b""
        sent: dict[str, str | None] = {"Host": self.host, "Sec-Fetch-Site": "same-origin"}
        if method == "POST":
            sent |= {"Origin": self.origin, "Content-Type": "application/json", "Content-Length": str(len(raw))}
        if self.cookie is not None:
            sent["Cookie"] = self.cookie
        sent |= headers or {}
        with self._connected() as connection:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(raw)
            response = connection.getresponse()
            streams = response.getheader("content-type", "").startswith("text/event-stream")
            text = "" if streams else response.read().decode()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, text)

    def softphone(self, method: str, path: str, body: bytes | dict[str, Any] | None = None, **headers: Any) -> Answer:
        """Send a request as a softphone does: with its token, and without the headers of a browser."""
        bearer = {"Authorization": f"Bearer {self.display.control_token}"}
        return self.ask(method, path, body, {"Origin": None, "Sec-Fetch-Site": None, **bearer, **headers})

    def enter(self) -> Answer:
        """Exchange the link's token for the cookie."""
        answer = self.ask("POST", "/hud/session", {"token": self.token})
        self.cookie = answer.headers.get("set-cookie", "").partition(";")[0] or None
        return answer

    @contextmanager
    def stream(self) -> Iterator[Iterator[dict[str, Any]]]:
        """Yield the views as they come."""
        with self._connected() as connection:
            connection.request(
                "GET", "/hud/stream", headers={"Cookie": self.cookie or "", "Sec-Fetch-Site": "same-origin"}
            )
            response = connection.getresponse()
            assert response.status == 200, response.read()

            def views() -> Iterator[dict[str, Any]]:
                event = ""
                for line in response:
                    text = line.decode().rstrip("\n")
                    if text.startswith("event: "):
                        event = text.removeprefix("event: ")
                    elif text.startswith("data: ") and not event:
                        yield json.loads(text.removeprefix("data: "))
                    elif not text:
                        event = ""

            yield views()
            response.close()

    @contextmanager
    def _connected(self) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            yield connection
        finally:
            connection.close()
