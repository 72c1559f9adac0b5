"""Kill a process at each line of the store's code while it works on a store, and check what is left; run as a script.

``python store_killed.py FOLDER POINTS SCENARIO`` prints what was wrong, a line for each failure, and at last how many
kills there were. A line of code is a point at which it is run for the first time; POINTS of them are taken, evenly.
Each kill happens in a child of its own, made by `os.fork`, so that what was imported need not be imported again.
"""

import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from cxaudio.archive import store as package
from cxaudio.archive.store.compaction import compact
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.purge import purge
from cxaudio.archive.store.verify import FaultKind, repair, verify
from support.made_store import SETTINGS, call_id_of, made_job, made_judged, stored_rows

OWN = str(Path(package.__file__).parent)
OLD, NEW = datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
LIMIT = datetime(2026, 1, 1, tzinfo=UTC)
JOBS = {  # sound by job; recordings 4 and 5 sound alike
    made_job(1, version=1, started=NEW): 11,
    made_job(2, started=OLD): 2,
    made_job(3, started=NEW): 3,
    made_job(4, started=NEW): 4,
    made_job(5, started=NEW): 4,
}


def judge_what_waits(store: Store) -> None:
    store.ledger.begin(SETTINGS)
    store.ledger.add(JOBS)
    for leased in iter(lambda: store.ledger.lease(3, seconds=3600), []):
        store.commit([made_judged(each.job, JOBS[each.job]) for each in leased])


def two_calls(path: Path) -> None:
    """Recording 1, before it changes, and recording 2."""
    with Store.create(path) as store:
        store.ledger.begin(SETTINGS)
        first = {made_job(1, started=NEW): 1, made_job(2, started=OLD): 2}
        store.ledger.add(first)
        store.ledger.lease(9, seconds=3600)
        for job, sound in first.items():
            store.commit([made_judged(job, sound)])


def all_calls(path: Path) -> None:
    two_calls(path)
    with Store.open(path) as store:
        judge_what_waits(store)


def of_version_0(path: Path) -> None:
    all_calls(path)
    with Store.open(path) as store, store.ledger.database.writing() as rows:
        rows.execute("UPDATE parts SET schema = 0")
    (path / "store.json").write_text('{"schema": "cxaudio.store/0"}')


def with_lost_part(path: Path) -> None:
    all_calls(path)
    with Store.open(path) as store:
        store.parts()[1].calls.unlink()
        store.parts()[2].events.unlink()


def nothing(path: Path) -> None:
    pass


def commit_all(path: Path) -> None:
    with Store.open(path) as store:
        judge_what_waits(store)


def compact_all(path: Path) -> None:
    with Store.open(path) as store:
        compact(store)
        assert len(store.parts()) == 1
        assert not store.superseded()


def purge_old(path: Path) -> None:
    with Store.open(path) as store:
        purge(store, LIMIT)
        assert not store.superseded()


def repair_and_judge(path: Path) -> None:
    with Store.open(path) as store:
        repair(store, [fault for fault in verify(store) if fault.kind is not FaultKind.RECORDING_MISSING])
        judge_what_waits(store)


def open_for_work(path: Path) -> None:
    Store.open(path).close()


def create(path: Path) -> None:
    Store.create(path).close()


SCENARIOS: dict[str, tuple[Callable[[Path], None], Callable[[Path], None], set[int]]] = {
    "commit": (two_calls, commit_all, {11, 2, 3, 4}),
    "compact": (all_calls, compact_all, {11, 2, 3, 4}),
    "purge": (all_calls, purge_old, {11, 3, 4}),
    "migrate": (of_version_0, open_for_work, {11, 2, 3, 4}),
    "repair": (with_lost_part, repair_and_judge, {11, 2, 3, 4}),
    "create": (nothing, create, set()),
}


def traced(act: Callable[[Path], None], path: Path, at: int) -> int:
    """Do something; kill this process at the `at`-th new line of the store's code. Return how many lines there are."""
    seen: set[tuple[str, int]] = set()

    def lines(frame: FrameType, event: str, _: Any) -> Any:
        where = (frame.f_code.co_filename, frame.f_lineno)
        if event == "line" and where not in seen:
            if len(seen) == at:
                os.kill(os.getpid(), signal.SIGKILL)
            seen.add(where)
        return lines

    sys.settrace(lambda frame, event, _: lines if frame.f_code.co_filename.startswith(OWN) else None)
    act(path)
    sys.settrace(None)
    return len(seen)


def in_child(act: Callable[[], Any]) -> str | None:
    """Do something in a process of its own; return its traceback, "killed", or what it returned as text."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = f"returned {act()}"
        except BaseException:
            said = traceback.format_exc()
        os.write(writer, said.encode()[-4000:])
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return "killed" if os.WIFSIGNALED(status) else said


def check(path: Path, act: Callable[[Path], None], sounds: set[int]) -> None:
    """Open the store as the next process would, go on, and look whether all is there once."""
    if act not in (create, repair_and_judge):  # a store with a lost part cannot be read
        with Store.open(path, read_only=True) as store:
            ids = [row["call_id"] for row in stored_rows(store)]
            assert len(ids) == len(set(ids)), "a row stands twice"
    act(path)
    with Store.open(path) as store:
        for table in ("calls", "events", "tapes"):
            ids = [row["call_id"] for row in stored_rows(store, table)]
            assert sorted({call_id_of(sound) for sound in sounds}) == sorted(set(ids)), table
            assert len(ids) == len(sounds) * (3 if table == "events" else 1), table
        faults = [fault for fault in verify(store) if fault.kind is not FaultKind.RECORDING_MISSING]
        assert not faults, faults
        left = [each.name for each in path.rglob("*") if each.name.startswith(".")]
        assert not left, left
        named = {f"{part.name}.parquet" for part in store.parts()}
        assert named == {each.name for each in path.rglob("*.parquet")}


def main(folder: Path, points: int, name: str) -> None:
    prepare, act, sounds = SCENARIOS[name]
    print(f"base {in_child(lambda: prepare(folder / 'base'))}")

    def copied(to: str) -> Path:
        shutil.rmtree(folder / to, ignore_errors=True)
        if (folder / "base").exists():
            shutil.copytree(folder / "base", folder / to)
        return folder / to

    said = in_child(lambda: traced(act, copied("whole"), -1))
    assert said.startswith("returned "), said
    lines = int(said.split()[1])
    chosen = sorted({round(k * (lines - 1) / max(points - 1, 1)) for k in range(points)})
    for at in chosen:
        path = copied("killed")
        ended = in_child(lambda path=path, at=at: traced(act, path, at))
        if ended != "killed":
            print(f"at {at} of {lines}: was not killed but {ended}")
        said = in_child(lambda path=path: check(path, act, sounds))
        if said != "returned None":
            print(f"at {at} of {lines}: {said}")
    print(f"{len(chosen)} kills")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
