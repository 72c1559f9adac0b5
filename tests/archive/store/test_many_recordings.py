"""What a commit costs does not grow with the number of recordings that the ledger knows."""

from cxaudio.archive.outcome import Failure, FailureKind
from cxaudio.archive.store.folder import Store
from support.made_store import SETTINGS, made_job, made_judged


def steps_of_a_commit(path, n_jobs: int) -> int:
    """Steps of SQLite, in tens, for one call that is judged and one that fails among so many that were found."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with Store.create(path) as store:
        store.ledger.begin(SETTINGS)
        store.ledger.add(made_job(number) for number in range(n_jobs))
        first, second = (leased.job for leased in store.ledger.lease(2, seconds=60))
        store.ledger.database._connection.set_progress_handler(count, 10)
        store.commit([made_judged(first, 1)])
        store.ledger.fail([Failure(job_key=second.key, kind=FailureKind.CRASHED, reason="died")])
        store.ledger.database._connection.set_progress_handler(None, 0)
    return steps


def test_a_commit_costs_the_same_among_many_recordings(tmp_path):
    few, many = steps_of_a_commit(tmp_path / "few", 10), steps_of_a_commit(tmp_path / "many", 2000)
    assert 0 < few
    assert many < 2 * few
