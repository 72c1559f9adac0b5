"""Judge calls on the workers of a Dask cluster: Dask starts the workers and carries values, the ledger stays here."""

import logging
import pickle
import queue
import re
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cxaudio.archive.outcome import Failure, FailureKind, Outcome
from cxaudio.archive.running.batches import Batch, BatchedCall, WaitingCalls
from cxaudio.archive.running.kept_on_worker import batch_progress, end_early, warm_judges
from cxaudio.archive.running.worker_checks import Marker, WorkerFacts, facts_here, problems_here, unlike
from cxaudio.errors import ClusterError, UsageError

if TYPE_CHECKING:
    from cxaudio.archive.running.engine import HandedOver
    from cxaudio.archive.running.local import Judge
    from cxaudio.archive.running.plan import Plan

__all__ = ["ClusterEngine", "judge_batch"]

_LOOK_S = 1.0  # between two looks at which workers are there
_SILENT_S = 300.0  # over the limit of a call: a worker that says nothing for so long is given up
_MOST_ERRORS = 3  # of one worker in a row, outside of calls
_LOOKED_AT = 20  # recordings, to find one that this machine can read
_FETCH_S = 20.0  # for results that are ready


class ClusterEngine:
    """Judge calls on the workers of a Dask cluster.

    Each batch of calls goes to one worker, chosen here, and stays there: when the worker ends, the call that it was
    judging counts as lost, and the other calls of the batch go to another worker. So the cluster's own settings for
    stealing and failures change nothing.

    Parameters
    ----------
    address : str
        Of the scheduler, as ``tcp://host:8786`` or ``tls://host:8786``; keys and certificates for TLS come from Dask's
        own settings.
    plan : Plan
        How calls are judged.
    wait_s : float
        How long to wait for the first worker, and for another one after the last one has ended.
    batch_s : float
        Processor time of a batch.
    judge : callable, optional
        Judges one call; importable by its name on the workers.

    Raises
    ------
    UsageError
        If a worker or the scheduler has another version of cxaudio or of a library that figures depend on, or if a
        worker comes to other settings.
    ClusterError
        If the scheduler cannot be reached, or no worker comes in time.
    """

    def __init__(
        self, address: str, plan: "Plan", *, wait_s: float = 60.0, batch_s: float = 30.0, judge: "Judge | None" = None
    ) -> None:
        self._address = address
        self._payload = pickle.dumps((plan, judge))
        self._pages: Path | None = None if plan.pages == "none" else plan.store / "pages"
        self._wait_s = wait_s
        self._waiting = WaitingCalls(batch_s=batch_s)
        self._under_way: dict[str, _UnderWay] = {}  # by key, in the order in which they were sent
        self._threads: dict[str, int] = {}  # of the workers that may be used, by address
        self._left_out: dict[str, str] = {}  # workers that may not be used, with the reason
        self._n_errors: dict[str, int] = {}  # of workers, since their last result
        self._names: dict[str, str] = {}  # hosts of the workers, for messages
        self._inbox: queue.SimpleQueue[tuple[str, int, str]] = queue.SimpleQueue()
        self._looked_at = 0.0
        self._last_worker_at = time.monotonic()
        self._reach_checked = False
        self._topic = f"cxaudio-{uuid4().hex}"
        self._here = facts_here(self._payload)
        self._client = _connect(address, wait_s)
        try:
            self._client.subscribe_topic(self._topic, self._note)
            self._check_scheduler()
            self._wait_for_workers()
        except BaseException:
            self.close()
            raise

    @property
    def slots(self) -> int:
        """Return how many calls to hand over at once: a batch under way, one behind it and one here for each thread."""
        return 3 * max(1, self.n_threads) * self._waiting.calls_per_batch

    @property
    def n_threads(self) -> int:
        """Return how many batches the workers can judge at once."""
        return sum(self._threads.values())

    def submit(self, leased: "HandedOver", limit_s: float) -> None:
        """Take a call; it is sent at the next `results`."""
        self._waiting.add(BatchedCall(leased, limit_s))

    def results(self, timeout_s: float) -> Iterator[Outcome]:
        """Wait for outcomes, and yield those that are there.

        Parameters
        ----------
        timeout_s : float
            How long to wait for the first one.

        Yields
        ------
        Outcome
            A judged call or a failure. Batches come back as a whole, in any order.

        Raises
        ------
        ClusterError
            If the scheduler is gone, or no worker has been there for `wait_s`.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            outcomes = self._look_at_workers()
            self._send()
            left_s = max(0.0, min(deadline - time.monotonic(), _LOOK_S))
            with suppress(queue.Empty):
                outcomes += self._handle(*self._inbox.get(timeout=left_s))
                while True:
                    outcomes += self._handle(*self._inbox.get_nowait())
            if outcomes:
                self._send()
            yield from outcomes
            if outcomes or time.monotonic() >= deadline:
                return

    def withdraw(self) -> list[str]:
        """Take back the calls that nobody has begun to judge, and return the keys of their jobs.

        Each worker ends its batch after the call that it is judging.
        """
        taken = self._waiting.take_all()
        open_keys = [key for key, each in self._under_way.items() if each.future.status == "pending"]
        workers = list({self._under_way[key].worker for key in open_keys} & self._threads.keys())
        found: dict[str, object] = {}
        if workers:
            with suppress(ClusterError):  # then they judge their batches to the end, or are gone
                found = self._ask(workers, end_early, open_keys)
        for key in open_keys:
            each = self._under_way[key]
            numbers = found.get(each.worker)
            if not isinstance(numbers, dict):
                continue
            n_begun = numbers[key] + 1
            taken += each.batch.calls[n_begun:]
            each.batch = Batch(each.batch.calls[:n_begun])
            if not n_begun:
                del self._under_way[key]
                with suppress(Exception):
                    self._client.cancel([each.future])
        return [call.job.key for call in taken]

    def close(self) -> None:
        """Give up what is under way and leave the cluster; its workers stay."""
        futures = [each.future for each in self._under_way.values()]
        self._under_way.clear()
        with suppress(Exception):  # the scheduler may be gone
            if futures and self._client.status == "running":
                self._client.cancel(futures)
        with suppress(Exception):
            self._client.close(timeout=5)

    # What comes in: notes of a worker, and finished tasks. Both are put into the inbox by threads of the client.

    def _note(self, event: tuple[float, Sequence[Any]]) -> None:
        key, number, worker_id = event[1]
        self._inbox.put((str(key), int(number), str(worker_id)))

    def _handle(self, key: str, number: int, worker_id: str) -> list[Outcome]:
        found = self._under_way.get(key)
        if found is None:
            return []  # was given up
        if number == _FINISHED:
            return self._finished(key, found)
        if found.worker_id not in (None, worker_id):
            return self._lost(key, "has ended and was started again")  # under the same address
        found.worker_id = worker_id
        found.running = number
        found.noted_at = time.monotonic()
        return []

    def _finished(self, key: str, found: "_UnderWay") -> list[Outcome]:
        status = found.future.status
        if status == "finished":
            try:
                outcomes: list[Outcome] = found.future.result(timeout=_FETCH_S)
            except Exception:  # the worker has ended and took them along
                return self._lost(key, "ended before its results were fetched")
            del self._under_way[key]
            self._n_errors.pop(found.worker, None)
            found.future.release()
            judged = {outcome.job_key for outcome in outcomes}
            self._waiting.put_back(call for call in found.batch.calls if call.job.key not in judged)
            return outcomes
        if status == "error":
            error = found.future.exception(timeout=_FETCH_S)
            if type(error).__name__ == "KilledWorker":
                return self._lost(key, "has ended")
            return self._failed(key, found.worker, f"failed ({_one_line(error)})")
        return self._lost(key, "lost it")  # cancelled by the scheduler

    def _failed(self, key: str, worker: str, what: str) -> list[Outcome]:
        """Give up a batch that raised an error, and after some in a row the worker, which lacks something."""
        outcomes = self._lost(key, what, kind=FailureKind.FAULT, started=False)
        self._n_errors[worker] = self._n_errors.get(worker, 0) + 1
        if self._n_errors[worker] >= _MOST_ERRORS and worker in self._threads:
            self._left_out[worker] = f"the worker on {self._name(worker)} {what} {_MOST_ERRORS} times in a row"
            outcomes += self._give_up(worker, what)
        return outcomes

    def _lost(
        self, key: str, what: str, *, kind: FailureKind = FailureKind.LOST, started: bool = True
    ) -> list[Outcome]:
        """Give up a batch: the call that was being judged fails, all others wait for another worker."""
        found = self._under_way.pop(key)
        with suppress(Exception):
            self._client.cancel([found.future])
        calls = found.batch.calls
        number = found.running
        if number is None and started:
            number = 0  # it ended before its first note arrived; no batch may go round for ever
        if number is None or number >= len(calls):
            self._waiting.put_back(calls)
            return []
        self._waiting.put_back([*calls[:number], *calls[number + 1 :]])
        job = calls[number].job
        reason = f"{' + '.join(job.files)}: the worker on {self._name(found.worker)} {what} while it was judged"
        return [Failure(job_key=job.key, kind=kind, reason=reason)]

    # The workers.

    def _check_scheduler(self) -> None:
        try:
            found = self._client.run_on_scheduler(facts_here, self._payload)
        except Exception as exc:
            found = exc
        reason = unlike(self._here, found, f"the scheduler at {self._address}")
        if reason is not None:
            raise UsageError(reason)

    def _wait_for_workers(self) -> None:
        """Wait for the first worker; all that are there then must be like this machine."""
        while not self._threads:
            self._look_at_workers()
            if self._left_out:
                raise UsageError(next(iter(self._left_out.values())))
            if not self._threads:
                time.sleep(0.1)

    def _look_at_workers(self) -> list[Outcome]:
        """Take in new workers, give up those that are gone, and return the calls that were lost with them."""
        now = time.monotonic()
        if now - self._looked_at < _LOOK_S and self._threads:
            return []
        there = self._workers()
        self._looked_at = now
        outcomes: list[Outcome] = []
        for address in [each for each in self._threads if each not in there]:
            outcomes += self._give_up(address, "has ended")
        for address in [each for each in self._left_out if each not in there]:
            del self._left_out[address]
        self._take_in({address: n for address, n in there.items() if address not in self._left_out})
        for key, found in list(self._under_way.items()):
            if key in self._under_way and found.overdue(now):
                address = found.worker
                self._left_out[address] = f"the worker on {self._name(address)} did not answer"
                outcomes += self._give_up(address, "did not answer any more")
        if self._threads:
            self._last_worker_at = now
        elif now - self._last_worker_at > self._wait_s:
            reason = next(iter(self._left_out.values()), None)
            if reason is not None:
                raise ClusterError(f"{self._address}: no worker can be used; {reason}")
            raise ClusterError(
                f"{self._address}: no worker came within {self._wait_s:g} s; start one with: dask worker "
                f"{self._address} --nthreads 1"
            )
        return outcomes

    def _workers(self) -> Mapping[str, int]:
        """Return the threads of each worker that the scheduler knows."""
        with self._scheduler_errors():
            return dict(self._client.nthreads())

    def _ask(self, workers: list[str], function: Callable[..., object], *arguments: object) -> dict[str, object]:
        """Return the answer of each worker, or with what error it failed."""
        with self._scheduler_errors():
            return dict(self._client.run(function, *arguments, workers=workers, on_error="return"))

    @contextmanager
    def _scheduler_errors(self) -> Iterator[None]:
        """Turn every failure of the client into one sentence."""
        try:
            if self._client.status != "running":
                raise OSError("the connection is closed")
            yield
        except Exception as exc:  # of many kinds: the connection, the client, its event loop
            raise ClusterError(
                f"{self._address}: the scheduler does not answer any more; what was judged is kept: start it "
                "and the workers again, and run the same command again"
            ) from exc

    def _take_in(self, there: Mapping[str, int]) -> None:
        """Compare new workers with this machine, and use those that are like it."""
        new = [address for address in there if address not in self._threads]
        if not new:
            return
        found = self._ask(new, facts_here, self._payload)
        for address in new:
            facts = found.get(address)
            if isinstance(facts, OSError) or facts is None:
                continue  # gone, or not there yet: it is asked again
            if isinstance(facts, WorkerFacts):
                self._names[address] = facts.host
            reason = unlike(self._here, facts, f"the worker on {self._name(address)}")
            if reason is None and self._reach_checked:
                reason = self._reach_of([address]).get(address)
            if reason is None:
                self._threads[address] = there[address]
            else:
                self._left_out[address] = reason

    def _check_reach(self) -> None:
        """Compare what the workers reach with what this machine reaches, once the first calls are known."""
        self._reach_checked = True
        found = self._reach_of(list(self._threads))
        if found:
            raise UsageError(next(iter(found.values())))

    def _reach_of(self, addresses: list[str]) -> dict[str, str]:
        """Return a sentence about each worker that does not reach a recording that this machine can read, or the store.

        The first recordings stand for all: the others lie beside them, or fail one by one with their reason.
        """
        files = [job.files for job in self._waiting.first(_LOOKED_AT)]
        readable = next((each for each in files if not problems_here(each, "", "")), ())
        with Marker(self._pages) if self._pages is not None else nullcontext() as marker:
            folder, name = ("", "") if marker is None else (str(marker.folder), marker.name)
            found = self._ask(addresses, problems_here, readable, folder, name)
        sentences = {}
        for address, problems in found.items():
            if isinstance(problems, list) and problems:  # an error: it has ended
                sentences[address] = f"the worker on {self._name(address)} {problems[0]}"
        return sentences

    def _name(self, address: str) -> str:
        host = self._names.get(address)
        return address if host is None else f"{host} ({address})"

    def _give_up(self, address: str, what: str) -> list[Outcome]:
        keys = [key for key, found in self._under_way.items() if found.worker == address]
        n_threads = self._threads.pop(address, 1)
        outcomes: list[Outcome] = []
        for number, key in reversed(list(enumerate(keys))):  # so that what is put back keeps its order
            outcomes += self._lost(key, what, started=number < n_threads)
        return outcomes

    # What goes out.

    def _send(self) -> None:
        """Keep a batch under way and one behind it for each thread of each worker."""
        if not len(self._waiting):
            return
        if not self._reach_checked and self._threads:
            self._check_reach()
        while len(self._waiting):
            sent = dict.fromkeys(self._threads, 0)
            for each in self._under_way.values():
                sent[each.worker] += 1
            free = {address: n / self._threads[address] for address, n in sent.items() if n <= self._threads[address]}
            batch = self._waiting.take(self.n_threads) if free else None
            if batch is None:
                return
            worker = min(free, key=free.__getitem__)
            key = f"cxaudio-{uuid4().hex}"
            with self._scheduler_errors():
                future = self._client.submit(
                    judge_batch,
                    pickle.dumps(batch),
                    self._payload,
                    key,
                    self._topic,
                    key=key,
                    workers=[worker],
                    allow_other_workers=False,
                    retries=0,
                    pure=False,
                )
            self._under_way[key] = _UnderWay(batch=batch, worker=worker, future=future)
            future.add_done_callback(lambda future: self._inbox.put((future.key, _FINISHED, "")))


_FINISHED = -1  # in the inbox: the task is done, in place of the number of the call that is being judged


@dataclass(slots=True)
class _UnderWay:
    """A batch that was sent."""

    batch: Batch
    worker: str  # address
    future: Any
    worker_id: str | None = None  # of the process that judges it, as it said
    running: int | None = None  # number of the call that it judges; None: it has not begun
    noted_at: float = 0.0  # monotonic; of its last note

    def overdue(self, now: float) -> bool:
        """Return whether the worker is silent for longer than the call that it judges may take."""
        if self.running is None:
            return False
        calls = self.batch.calls
        limit_s = calls[self.running].limit_s if self.running < len(calls) else 0.0
        return now - self.noted_at > limit_s + _SILENT_S


def _connect(address: str, wait_s: float) -> Any:
    """Return a client of the scheduler, which prints nothing."""
    try:
        from distributed import Client, Security
    except ImportError as exc:
        raise UsageError("--engine dask needs distributed: pip install 'cxaudio[dask]'") from exc
    if re.fullmatch(r"((tcp|tls|ws|wss)://)?(\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):[0-9]{1,5}", address) is None:
        raise UsageError(f"--scheduler {address} is no address of a scheduler; write it as tcp://HOST:8786")
    _silence()
    connect: Any = Client  # they have no types
    own: Any = Security
    try:
        security = own()
        if address.startswith(("tls://", "wss://")) and security.get_connection_args("client")["ssl_context"] is None:
            raise ClusterError(
                f"{address}: Dask has no certificates for TLS; name them in its own settings, distributed.comm.tls"
            )
        return connect(
            address,
            security=security,
            timeout=max(1.0, min(wait_s, 30.0)),
            set_as_default=False,
            direct_to_workers=False,
            name="cxaudio",
        )
    except ClusterError:
        raise
    except Exception as exc:  # of many kinds: names, connections, certificates
        raise ClusterError(
            f"{address}: the scheduler cannot be reached ({_one_line(exc)}); start it with: dask scheduler"
        ) from exc


def _silence() -> None:
    """Keep the messages of distributed off the user's terminal: what matters becomes an error of cxaudio."""
    for name in ["distributed", "tornado", "asyncio", *logging.root.manager.loggerDict]:
        if name.split(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", module=r"(distributed|tornado|dask)\b")


def _one_line(error: BaseException | None) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


# On the worker.


def judge_batch(batch: bytes, payload: bytes, key: str, topic: str) -> list[Outcome]:
    """Judge the calls of a batch one after the other, in a process beneath the worker; runs as a task of Dask.

    The worker itself only waits, so that it always answers the scheduler, and limits of time and memory hold for each
    call. Before each call a note with its number goes to the driver.

    Parameters
    ----------
    batch : bytes
        Pickled `Batch`. The scheduler need not understand it.
    payload : bytes
        Pickled `Plan`, and who judges by it.
    key : str
        Of the task.
    topic : str
        For the notes.

    Returns
    -------
    list of Outcome
        One for each call; fewer where the driver wants no more.
    """
    from distributed import get_worker

    worker = get_worker()
    calls: tuple[BatchedCall, ...] = pickle.loads(batch).calls
    outcomes: list[Outcome] = []
    judge = warm_judges.take(payload)
    try:
        for number, call in enumerate(calls):
            if not batch_progress.begin(key, number):
                break
            worker.log_event(topic, (key, number, worker.id))
            judge.submit(call.leased, call.limit_s)
            outcome = None
            while outcome is None:
                if _unwanted(worker, key):
                    judge.close()
                    return outcomes
                outcome = next(iter(judge.results(1.0)), None)
            outcomes.append(outcome)
        worker.log_event(topic, (key, len(calls), worker.id))
    except BaseException:
        judge.close()
        raise
    finally:
        batch_progress.end(key)
    warm_judges.give_back(payload, judge)
    return outcomes


def _unwanted(worker: Any, key: str) -> bool:
    """Return whether the driver has given up the task, or is gone."""
    task = worker.state.tasks.get(key)
    return task is None or task.state == "cancelled"
