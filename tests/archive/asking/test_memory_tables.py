"""Tables in memory answer several threads, reach nothing outside, and end what takes too long."""

import threading

import pyarrow
import pytest

from cxaudio.archive.asking.memory_tables import MemoryTables
from cxaudio.errors import StoreError, UsageError

ENDLESS = "SELECT count(*) FROM range(10000000000) AS a, range(1000) AS b WHERE hash(a.range, b.range) = 1"


@pytest.fixture
def tables():
    made = MemoryTables()
    made.take("calls", "SELECT * FROM given", pyarrow.table({"call_id": [f"{n:04d}" for n in range(1000)]}))
    made.lock()
    yield made
    made.close()


@pytest.mark.parametrize(
    "sql",
    [
        "FROM read_csv('/etc/hostname')",
        "FROM read_text('/etc/hostname')",
        "FROM glob('/*')",
        "FROM '/etc/hostname.csv'",
        "FROM given",
    ],
)
def test_nothing_outside_of_the_tables_can_be_read(tables, sql):
    with pytest.raises(Exception, match=r"disabled|Permission|does not exist"):
        tables.rows(sql)


@pytest.mark.parametrize(
    "sql", ["SET enable_external_access = true", "SET threads = 1", "ATTACH 'x.db'", "COPY calls TO 'x'"]
)
def test_the_lock_stays_closed(tables, sql, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exception, match=r"locked|disabled|Permission"):
        tables.change([(sql, ())])
    assert [] == list(tmp_path.iterdir())


def test_values_are_bound_and_never_read_as_sql(tables):
    assert [] == tables.ask("FROM calls WHERE call_id = ?", ("0001' OR true --",))
    assert [{"call_id": "0001"}] == tables.ask("FROM calls WHERE call_id = ?", ("0001",))


def test_only_what_takes_too_long_is_ended_and_not_what_comes_after_it(tables):
    for _ in range(3):
        with pytest.raises(UsageError, match=r"took longer than 0.02 s and was ended"):
            tables.rows(ENDLESS, longest_s=0.02)
        assert (("n",), [(1000,)]) == tables.rows("SELECT count(*) AS n FROM calls", longest_s=60)


def test_threads_ask_at_once_while_one_is_ended_and_another_changes_rows(tables):
    answers, ended = [], []

    def ask() -> None:
        for _ in range(20):
            answers.append(tables.ask("SELECT count(*) AS n, count(DISTINCT call_id) AS d FROM calls")[0])

    def ask_too_much() -> None:
        with pytest.raises(UsageError, match="took longer"):
            tables.rows(ENDLESS, longest_s=0.05)
        ended.append(True)

    def change() -> None:
        for _ in range(10):
            tables.change(
                [("DELETE FROM calls WHERE call_id = '0001'", ()), ("INSERT INTO calls VALUES (?)", ("0001",))]
            )

    threads = [threading.Thread(target=each) for each in (ask, ask, ask_too_much, change)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [{"n": 1000, "d": 1000}] * 40 == answers
    assert [True] == ended


def test_a_change_that_fails_changes_nothing(tables):
    with pytest.raises(Exception, match="no_such"):
        tables.change([("DELETE FROM calls", ()), ("DELETE FROM no_such", ())])
    assert [(1000,)] == tables.rows("SELECT count(*) FROM calls")[1]


def test_rows_that_cannot_be_read_are_a_fault_of_the_store():
    def batches():
        yield pyarrow.record_batch({"n": [1]})
        raise OSError("the disk is gone")

    reader = pyarrow.RecordBatchReader.from_batches(pyarrow.schema({"n": pyarrow.int64()}), batches())
    with pytest.raises(StoreError, match=r"the store cannot be read .*; try again, and if it stays so") as refused:
        MemoryTables().take("rows", "FROM given", reader)
    assert "\n" not in str(refused.value)
