"""Judge what waits in a store, as a driver would, with made rows; run as a process by tests.

``python store_worker.py STORE JOBS LEASED COMMITTED LOG``: JOBS recordings are known, LEASED are leased at once, and
COMMITTED are committed at once. Each call that was committed is written to LOG.
"""

import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from cxaudio.archive.outcome import Failure, FailureKind, Judged
from cxaudio.archive.store.compaction import compact
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.ledger import Leased
from support.made_store import SETTINGS, made_job, made_judged

POISON = 97  # each so-maniest recording cannot be judged


def sound_of(number: int) -> int:
    """Each tenth recording sounds like the one before it."""
    return number - 1 if number % 10 == 9 else number


def results(leased: list[Leased]) -> Iterator[Judged | Failure]:
    for each in leased:
        number = int(each.job.files[0][-11:-4])
        if number % POISON == 5:
            yield Failure(job_key=each.job.key, kind=FailureKind.CRASHED, reason="the process died")
        else:
            yield made_judged(each.job, sound_of(number))


def main(path: Path, n_jobs: int, n_leased: int, n_committed: int, log: Path) -> None:
    with Store.create(path) as store, open(log, "a", encoding="ascii") as said:
        store.ledger.begin(SETTINGS)
        store.ledger.add(made_job(number) for number in range(n_jobs))
        while True:
            leased = store.ledger.lease(n_leased, seconds=600)
            if not leased:
                if not store.ledger.counts().leased:
                    break
                time.sleep(0.02)  # others are at work
                continue
            found = results(leased)
            while some := list(islice(found, n_committed)):
                store.ledger.fail(each for each in some if isinstance(each, Failure))
                judged = [each for each in some if isinstance(each, Judged)]
                store.commit(judged)
                said.writelines(f"{each.job_key}\n" for each in judged)
                said.flush()
        compact(store, only_many=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))
