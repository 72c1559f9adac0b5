"""A workbench that is really served on 127.0.0.1, and a client that asks it as a browser does."""

import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cxaudio.workbench.serving.server import WorkbenchServer
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Workbench


@dataclass(frozen=True)
class Received:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """Asks as a page of the server does, unless other headers are given (None leaves one out)."""

    port: int
    cookie: str | None = None
    host: str = field(init=False)

    def __post_init__(self) -> None:
        self.host = f"127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str | None) -> Received:
        return self.ask("GET", path, None, {"accept": "text/html", "sec-fetch-site": "same-origin"} | _named(headers))

    def post(self, path: str, value: object = None, **headers: str | None) -> Received:
        own = {"origin": f"http://{self.host}", "sec-fetch-site": "same-origin", "content-type": "application/json"}
        return self.ask("POST", path, json.dumps({} if value is None else value).encode(), own | _named(headers))

    def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str | None]) -> Received:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            given = {"host": self.host, "cookie": self.cookie} | dict(headers)
            for name, value in given.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None and "content-length" not in given:
                connection.putheader("content-length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            kept = {name.lower(): value for name, value in answer.getheaders()}
            return Received(answer.status, kept, answer.read())
        finally:
            connection.close()


def _named(headers: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return headers under their own names, which as arguments have a line for a hyphen."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True)
class Served:
    """A running server."""

    server: WorkbenchServer
    workbench: Workbench

    @property
    def port(self) -> int:
        return self.server.port

    def link(self, name: str) -> str:
        """Return the link of a visitor."""
        return next(url for visitor, url in self.server.links if visitor.name == name)

    def client(self, name: str) -> Client:
        """Return a client that came by a visitor's link; it can be used once for each visitor."""
        client = Client(self.port)
        answer = client.post("/", {"token": self.link(name).partition("#")[2]})
        assert answer.status == 204, answer.text
        client.cookie = answer.headers["set-cookie"].partition(";")[0]
        return client


@contextmanager
def served(workbench: Workbench, *visitors: Visitor) -> Iterator[Served]:
    """Serve a workbench in a thread; one reviewer, anna, where no visitor is named."""
    server = WorkbenchServer(workbench, visitors=visitors or (Visitor(name="anna"),))
    thread = threading.Thread(target=server.run, name="workbench", daemon=True)
    thread.start()
    try:
        yield Served(server, workbench)
    finally:
        server.stop()
        thread.join(timeout=30)
