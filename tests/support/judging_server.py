"""A workbench over made calls with chosen flags, served to reviewers, for tests of the pages about verdicts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Options, Workbench
from support.flagged_store import MadeCall, MadeFlag, flagged_store
from support.workbench_server import Client, Served, served

REVIEWERS = ("anna", "tom", "eve")

CALLS: Sequence[MadeCall] = [
    *[
        MadeCall(agent=agent, flags=[MadeFlag(), MadeFlag(rule="dead_air", severity="severe")])
        for agent in ("Ada", "Bo")
        for _ in range(5)
    ],
    MadeCall(agent="Ada", flags=[MadeFlag(measured=1.02)]),
    MadeCall(agent="Bo", flags=[MadeFlag(rule="silence_share", severity=None)]),
    MadeCall(agent="Bo", flags=[MadeFlag(severity="note")]),
]
"""13 calls of two agents; one has a flag near its limit, one a broken limit of the whole call, one only a note."""


@dataclass(frozen=True)
class JudgingServer:
    """The server with a client for each reviewer, and one for an agent's own view."""

    served: Served
    clients: dict[str, Client]

    @property
    def workbench(self) -> Workbench:
        return self.served.workbench

    def draw(self, *, reviewer: str = "anna", client: str = "s1", **changes: object) -> str:
        """Draw a sample and return its address."""
        given = {
            "client": client, "name": "May", "query": "", "n": 4, "per_agent": True,
            "random": 50, "worst": 25, "unsure": 25, "seed": 7,
        }  # fmt: skip
        answer = self.clients[reviewer].post("/samples", {**given, **changes})
        assert answer.status == 200, answer.text
        return str(answer.json["address"])

    def calibrate(self, sample: int, *reviewers: str, client: str = "k1") -> str:
        """Open a calibration and return its address."""
        given = {"client": client, "name": "Together", "sample": sample, "reviewers": list(reviewers)}
        answer = self.clients["anna"].post("/calibrations", given)
        assert answer.status == 200, answer.text
        return str(answer.json["address"])


@contextmanager
def judging_server(folder: Path, *, options: Options | None = None) -> Iterator[JudgingServer]:
    """Serve `CALLS` to `REVIEWERS`, and as ``own`` to the agent Ada."""
    store = flagged_store(folder / "store", CALLS)
    visitors = [*(Visitor(name=name) for name in REVIEWERS), Visitor(name="own", own_agent="Ada", may_write=False)]
    with open_workbench(store, options=options or Options()) as workbench, served(workbench, *visitors) as server:
        yield JudgingServer(server, {visitor.name: server.client(visitor.name) for visitor in visitors})
