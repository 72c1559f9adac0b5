"""Calls judged by a Dask cluster of real processes: the same rows, and every call once, whoever is killed."""

import os
import signal
import socket
import threading
import time
from dataclasses import replace

import pytest
import soundfile

from cxaudio.archive.finding.jobs import find_jobs
from cxaudio.archive.outcome import Failure, FailureKind, Judged
from cxaudio.archive.running.cluster import ClusterEngine
from cxaudio.archive.running.driver import run_archive
from cxaudio.archive.running.local import LocalEngine
from cxaudio.archive.running.plan import make_plan
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.ledger import State
from cxaudio.errors import ClusterError, UsageError
from cxaudio.made.synthetic import made_call
from support.dask_cluster import PATIENCE_S, DaskCluster, ends_its_worker, slow_and_noted, wait_until
from support.made_store import stored_rows
from support.poison import Handed, job_named, poisoned, quick_judge, small_plan

pytestmark = pytest.mark.slow


@pytest.fixture
def cluster(tmp_path):
    (tmp_path / "dask").mkdir()
    with DaskCluster(tmp_path / "dask") as started:
        yield started


@pytest.fixture
def plan(tmp_path):
    return small_plan(tmp_path / "store", pages="none")


def engine_for(cluster, plan, judge=quick_judge, *, workers=1, **changes):
    """Return an engine once all workers are known to it."""
    options = {"wait_s": PATIENCE_S, "judge": judge} | changes
    engine = ClusterEngine(cluster.address, plan, **options)
    wait_until(lambda: list(engine.results(0)) or engine.n_threads == workers, f"{workers} workers")
    return engine


def outcomes(engine, n):
    """Return n outcomes by the name of the file."""
    found = []
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < n:
        assert time.monotonic() < deadline
        found += engine.results(0.2)
    return found


def rows_of(store):
    return {table: stored_rows(store, table) for table in ("calls", "events", "tapes")}


def made_recordings(folder, n):
    folder.mkdir()
    for number in range(n):
        soundfile.write(folder / f"{number}.wav", made_call(number, seconds=6)[0].T, 8_000)


def test_rows_are_the_same_with_one_and_two_workers_and_without_a_cluster(cluster, tmp_path):
    calls = tmp_path / "calls"
    made_recordings(calls, 5)
    (calls / "bad.wav").write_bytes(b"no recording")
    found = {}
    for name, workers in (("local", 0), ("one", 1), ("two", 2)):
        plan, _ = make_plan(tmp_path / name)
        if workers:
            cluster.add_worker("--no-nanny" if workers == 1 else "--nanny")
            engine = engine_for(cluster, plan, None, workers=workers, batch_s=0.3)
        else:
            engine = LocalEngine(plan, workers=1)
        try:
            with Store.create(plan.store) as store:
                result = run_archive(store, find_jobs([calls], agent="left", quiet_s=0), engine, plan)
                assert (5, {"unreadable": 1}) == (result.judged, dict(result.failing))
                found[name] = rows_of(store)
                pages = {path.name: path.read_bytes() for path in store.layout.pages.rglob("*.html")}
                assert {f"{row['call_id']}.html" for row in found[name]["calls"]} == set(pages)
                found[name]["pages"] = pages
        finally:
            engine.close()
    assert 5 == len(found["local"]["calls"])
    assert found["local"] == found["one"]
    assert found["local"] == found["two"]


@pytest.mark.parametrize("nanny", ["--no-nanny", "--nanny"])
def test_of_a_killed_worker_only_the_call_that_it_judged_is_tried_again(cluster, plan, nanny):
    cluster.add_worker(nanny)
    cluster.add_worker("--no-nanny")
    engine = engine_for(cluster, plan, poisoned, workers=2, batch_s=2.0)
    lost = []

    class Watched:
        slots = property(lambda self: engine.slots)
        submit, withdraw = engine.submit, engine.withdraw

        def results(self, timeout_s):
            for outcome in engine.results(timeout_s):
                lost.extend([outcome] if isinstance(outcome, Failure) else [])
                yield outcome

    jobs = [job_named(f"slow-{number}") for number in range(60)]
    killed = threading.Event()

    def kill(state):
        if state.n_judged >= 5 and not killed.is_set():
            killed.set()
            os.killpg(cluster.workers[0].pid, signal.SIGKILL)

    try:
        with Store.create(plan.store) as store:
            result = run_archive(store, jobs, Watched(), plan, progress=kill)
            assert killed.is_set()
            assert (60, 60, {}) == (result.judged, result.counts.done, dict(result.failing))
            assert len({row["call_id"] for row in stored_rows(store)}) == len(stored_rows(store)) == 60
    finally:
        engine.close()
    assert [FailureKind.LOST] * len(lost) == [each.kind for each in lost]
    assert len(lost) <= 1, "the calls behind it were not counted as tried"


def test_a_call_that_ends_every_worker_is_set_aside_and_all_others_are_judged(cluster, plan):
    """Three workers end at it one after the other; a nanny starts each again."""
    cluster.add_worker("--nanny")
    engine = engine_for(cluster, plan, ends_its_worker, batch_s=1.0)
    try:
        with Store.create(plan.store) as store:
            result = run_archive(store, [job_named("end"), *(job_named(f"{n}") for n in range(10))], engine, plan)
            assert (10, {"lost": 1}) == (result.judged, dict(result.failing))
            (set_aside,) = store.ledger.failures([State.FAILED])
            assert (3, FailureKind.LOST) == (set_aside.attempts, set_aside.kind)
            assert f"/calls/end.wav: the worker on {socket.gethostname()} (" in set_aside.reason
    finally:
        engine.close()


def test_limits_of_time_and_memory_and_crashes_cost_one_call_and_no_worker(cluster, plan):
    worker = cluster.add_worker("--nanny")
    engine = engine_for(cluster, plan, poisoned)
    try:
        names = ["a", "abort", "b", "hang", "c", "hog", "d", "bad"]
        jobs = {name: job_named(name) for name in names}
        for job in jobs.values():
            engine.submit(Handed(job), 5.0)
        found = {each.job_key: each for each in outcomes(engine, len(names))}
        kinds = {name: getattr(found[job.key], "kind", "judged") for name, job in jobs.items()}
        assert {"a", "b", "c", "d"} == {name for name, kind in kinds.items() if kind == "judged"}
        assert ("crashed", "timeout", "memory", "unreadable") == tuple(
            kinds[n] for n in ("abort", "hang", "hog", "bad")
        )
        assert worker.poll() is None
    finally:
        engine.close()


def test_what_was_not_begun_is_taken_back_and_what_was_begun_is_finished(cluster, plan):
    cluster.add_worker()
    engine = engine_for(cluster, plan, slow_and_noted)
    try:
        jobs = [job_named(f"slow-{number}") for number in range(200)]
        for job in jobs:
            engine.submit(Handed(job), 60.0)
        wait_until(lambda: list(engine.results(0.1)) or list(plan.store.glob("*.begun")), "a call that is judged")
        taken = engine.withdraw()
        assert 0 < len(taken) < 200
        finished = outcomes(engine, 200 - len(taken))
        assert {job.key for job in jobs} == {*taken, *(each.job_key for each in finished)}
        assert all(isinstance(each, Judged) for each in finished)
        assert [] == list(engine.results(0.1))
    finally:
        engine.close()


def test_a_worker_stops_soon_after_the_driver_is_gone(cluster, plan):
    cluster.add_worker()
    engine = engine_for(cluster, plan, slow_and_noted)
    for number in range(200):
        engine.submit(Handed(job_named(f"slow-{number}")), 60.0)
    wait_until(lambda: list(engine.results(0.1)) or list(plan.store.glob("*.begun")), "a call that is judged")
    engine.close()
    again = engine_for(cluster, replace(plan, memory_mb=301))
    try:
        again.submit(Handed(job_named("next")), 60.0)
        assert isinstance(outcomes(again, 1)[0], Judged)
        assert len(list(plan.store.glob("*.begun"))) < 100, "the batch of 100 calls was judged to its end before"
    finally:
        again.close()


def test_another_version_on_a_worker_is_one_sentence(cluster, plan):
    cluster.add_worker(patch="import cxaudio._version\ncxaudio._version.__version__ = '0.0.1'\n")
    with pytest.raises(UsageError, match=rf"^the worker on {socket.gethostname()} .* has cxaudio 0.0.1, and this mach"):
        ClusterEngine(cluster.address, plan, wait_s=PATIENCE_S)


def test_a_worker_without_cxaudio_is_one_sentence(cluster, plan):
    cluster.add_worker(patch="import sys\nsys.modules['cxaudio'] = None\n")
    with pytest.raises(
        UsageError, match=r"^the worker on .* cannot run this cxaudio \(.*cxaudio.*\); install the same"
    ):
        ClusterEngine(cluster.address, plan, wait_s=PATIENCE_S)


def test_a_worker_that_does_not_see_the_recordings_is_one_sentence(cluster, plan, tmp_path):
    hides = (
        "import cxaudio.archive.finding.places as places\n"
        "def look_at(path, **options):\n"
        "    raise FileNotFoundError(2, 'No such file or directory')\n"
        "places.look_at = look_at\n"
    )
    cluster.add_worker(patch=hides)
    (tmp_path / "a.wav").write_bytes(b"")
    engine = engine_for(cluster, plan)
    try:
        engine.submit(Handed(replace(job_named("a"), files=(str(tmp_path / "a.wav"),))), 60.0)
        with pytest.raises(
            UsageError, match=rf"^the worker on {socket.gethostname()} .* cannot read .*a.wav \(No such"
        ):
            outcomes(engine, 1)
    finally:
        engine.close()


def test_a_worker_that_does_not_see_the_store_is_one_sentence(cluster, plan):
    hides = "import os.path\nexists = os.path.exists\nos.path.exists = lambda p: '.seen-' not in str(p) and exists(p)\n"
    cluster.add_worker(patch=hides)
    engine = engine_for(cluster, replace(plan, pages="all"))
    try:
        engine.submit(Handed(job_named("a")), 60.0)
        with pytest.raises(UsageError, match=r"does not see .*pages; put the store on a file system that all machines"):
            outcomes(engine, 1)
        assert [] == list((plan.store / "pages").iterdir()), "the marker is removed"
    finally:
        engine.close()


def test_a_worker_that_cannot_work_is_left_out_and_no_call_is_blamed(cluster, plan):
    cluster.add_worker(
        patch="import cxaudio.archive.running.local as local\n"
        "def fail(*given, **also_given):\n"
        "    raise RuntimeError('no room for processes')\n"
        "local.LocalEngine.__init__ = fail\n"
    )
    engine = engine_for(cluster, plan)
    for number in range(5):
        engine.submit(Handed(job_named(f"{number}")), 60.0)
    engine._wait_s = 0.1
    try:
        with pytest.raises(ClusterError, match=r": no worker can be used; the worker on .* failed \(no room for proc"):
            outcomes(engine, 1)
    finally:
        engine.close()


def test_a_scheduler_without_workers_is_one_sentence(cluster, plan):
    with pytest.raises(ClusterError, match=r": no worker came within 1 s; start one with: dask worker tcp://127"):
        ClusterEngine(cluster.address, plan, wait_s=1.0)


def test_a_scheduler_that_ends_on_the_way_is_one_sentence_and_keeps_what_was_judged(cluster, plan):
    cluster.add_worker()
    engine = engine_for(cluster, plan, poisoned, batch_s=1.0)

    def kill(state):
        if state.n_judged and cluster.scheduler.poll() is None:
            cluster.scheduler.kill()

    try:
        with Store.create(plan.store) as store:
            with pytest.raises(ClusterError, match="the scheduler does not answer any more; what was judged is kept"):
                run_archive(store, [job_named(f"slow-{n}") for n in range(100)], engine, plan, progress=kill)
            counts = store.ledger.counts()
            assert counts.done == len(stored_rows(store)) > 0
            assert (0, 100) == (counts.leased, counts.done + counts.waiting)
    finally:
        engine.close()


def test_a_scheduler_that_cannot_be_reached_is_one_sentence(plan):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{listening.getsockname()[1]}"  # bound, and nobody listens
        with pytest.raises(
            ClusterError, match=rf"^{address}: the scheduler cannot be reached .*start it with: dask sch"
        ):
            ClusterEngine(address, plan, wait_s=1.0)


def test_tls_without_certificates_is_one_sentence(plan):
    with pytest.raises(
        ClusterError, match=r"^tls://127.0.0.1:8786: Dask has no certificates for TLS; name them in its"
    ):
        ClusterEngine("tls://127.0.0.1:8786", plan, wait_s=1.0)


@pytest.mark.parametrize("address", ["host", "tcp://host", "http://host:8786", "tcp://a b:1"])
def test_what_is_no_address_is_one_sentence(plan, address):
    with pytest.raises(UsageError, match=r" is no address of a scheduler; write it as tcp://HOST:8786"):
        ClusterEngine(address, plan, wait_s=1.0)
