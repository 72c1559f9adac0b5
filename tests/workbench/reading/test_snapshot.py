"""A snapshot has the calls that count, lists them in any order, and of one agent's calls no others."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from cxaudio.archive.store.compaction import compact
from cxaudio.archive.store.folder import Store
from cxaudio.errors import StoreError, UsageError
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.call_order import ORDERS
from cxaudio.workbench.reading.found_words import FoundWords
from cxaudio.workbench.reading.snapshot import Snapshot
from support import made_store
from support.asked_store import add_failures, store_of
from support.made_store import call_id_of

OTHER = "0a" * 32
AGENTS = ("Ada", "Bo", "Cy")


def call(n: int) -> dict[str, object]:
    """Return a call whose figures have ties and gaps."""
    return {
        "agent": AGENTS[n % 3],
        "team": f"T{n % 2}",
        "queue": None if n % 5 == 0 else "billing",
        "sound_id": f"call-{n:012d}",
        "duration_s": 60.0 + n % 7,
        "n_severe": None if n % 11 == 10 else n % 4 // 3,
        "n_flag": None if n % 11 == 10 else n % 3,
        "two_sided": n % 11 != 10,
        "in_step_share": None if n % 4 == 0 else (n % 5) / 5,
        "agent_interruptions": n % 6,
        "agent_response_median_s": None if n % 3 == 0 else (n % 8) / 4,
        "started_at": None if n % 9 == 8 else datetime(2026, 11, 1 + n % 20, n % 24, tzinfo=UTC),
        "sentence": f"The agent's pace (call {n}) was kept; nobody waited.",
    }


@pytest.fixture(scope="module")
def forty(tmp_path_factory) -> Snapshot:
    path = tmp_path_factory.mktemp("forty") / "store"
    store_of(path, [call(n) for n in range(40)], per_part=9)
    add_failures(path, "{file}: is no recording; name one")
    return Snapshot.of_store(path)


def listed(snapshot: Snapshot, chosen: CallFilter, sort: str) -> list[str]:
    """Return a whole list, page by page."""
    return [row["call_id"] for rows in pages(snapshot, chosen, sort) for row in rows]


def pages(snapshot: Snapshot, chosen: CallFilter, sort: str) -> Iterator[list[dict[str, object]]]:
    page = snapshot.calls(chosen, sort, limit=7)
    yield list(page.rows)
    while page.after is not None:
        page = snapshot.calls(chosen, sort, after=page.after, limit=7)
        yield list(page.rows)


# Lists ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", [*ORDERS, "random-9"])
@pytest.mark.parametrize("chosen", [CallFilter(), CallFilter(agents=("Ada", "Bo"), min_duration_s=61.0)])
def test_a_list_holds_each_call_once_in_its_order_forwards_and_backwards(forty, sort, chosen):
    where = chosen.where()
    expected = {row["call_id"] for row in forty.ask(f"SELECT call_id FROM calls WHERE {where.sql}", where.parameters)}
    found = listed(forty, chosen, sort)
    assert len(expected) == len(found)
    assert expected == set(found)
    assert [len(rows) for rows in pages(forty, chosen, sort)][:-1] == [7] * (-(-len(found) // 7) - 1)
    backwards: list[str] = []
    before: str | None = found[-1]
    while before is not None:
        page = forty.calls(chosen, sort, before=before, limit=7)
        backwards = [row["call_id"] for row in page.rows] + backwards
        before = page.before
    assert found[:-1] == backwards


@pytest.mark.parametrize(
    ("sort", "column", "largest_first"),
    [
        ("newest", "started_at", True),
        ("oldest", "started_at", False),
        ("longest", "duration_s", True),
        ("shortest", "duration_s", False),
        ("out_of_step", "in_step_share", False),
        ("talking_over", "agent_interruptions", True),
        ("slowest_answers", "agent_response_median_s", True),
    ],
)
def test_an_order_is_by_its_figure_with_the_unknown_last_and_ties_worst_first(forty, sort, column, largest_first):
    rows = [row for each in pages(forty, CallFilter(), sort) for row in each]
    known = [(row[column], row["worst_rank"]) for row in rows if row[column] is not None]
    unknown = [row["worst_rank"] for row in rows if row[column] is None]
    assert unknown == [row["worst_rank"] for row in rows[len(known) :]] == sorted(unknown)
    ranks = dict.fromkeys(sorted({key for key, _ in known}, reverse=largest_first))
    assert [key for key, _ in known] == [key for key in ranks for other, _ in known if other == key]
    assert known == [pair for key in ranks for pair in sorted(known, key=lambda pair: pair[1]) if pair[0] == key]


def test_a_random_order_is_the_same_each_time_and_another_with_another_number(forty):
    first, again, other = (listed(forty, CallFilter(), sort) for sort in ("random-1", "random-1", "random-2"))
    assert first == again
    assert first != other


def test_neighbours_follow_the_list(forty):
    chosen = CallFilter(teams=("T1",))
    ids = listed(forty, chosen, "slowest_answers")
    for place, call_id in enumerate(ids, start=1):
        found = forty.neighbours(chosen, "slowest_answers", call_id)
        assert found.previous == (ids[place - 2] if place > 1 else None)
        assert place == found.position
        assert found.next == (ids[place] if place < len(ids) else None)
    assert (None, None, None) == forty.neighbours(chosen, "worst", "no such call")


def test_a_call_that_is_gone_begins_the_list_anew(forty):
    assert forty.calls(limit=3).rows == forty.calls(after="0" * 64, limit=3).rows


def test_an_unknown_order_is_refused(forty):
    with pytest.raises(UsageError, match="sort = 'best' is not known; give one of worst, newest"):
        forty.calls(sort="best")


# Filters -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "passes"),
    [
        ("agent=Ada", lambda n: n % 3 == 0),
        ("agent=Ada&agent=Bo&team=T0", lambda n: n % 3 < 2 and n % 2 == 0),
        ("unknown=queue", lambda n: n % 5 == 0),
        ("unknown=start", lambda n: n % 9 == 8),
        ("unknown=sides", lambda n: n % 11 == 10),
        ("unknown=pace", lambda n: n % 4 == 0 and n % 11 != 10),
        ("severity=severe", lambda n: n % 4 == 3 and n % 11 != 10),
        ("min_duration_s=62&max_duration_s=65", lambda n: 2 <= n % 7 < 5),
        ("max_in_step_share=0.4", lambda n: n % 4 != 0 and n % 5 < 2),
        ("since=2026-11-05&until=2026-11-06", lambda n: n % 9 != 8 and n % 20 in (4, 5)),
        ("weekday=7&hour=0", lambda n: n % 9 != 8 and n % 24 == 0 and (n % 20) % 7 == 0),
        ("text=call-00000000000", lambda n: n < 10),
        ("text=PACE+nobody", lambda n: True),
        ("text=obody", lambda n: False),
        ("text=ada", lambda n: n % 3 == 0),
        ("text=t1", lambda n: n % 2 == 1),
        ("text=%25", lambda n: False),
        ("verdict=some", lambda n: False),
        ("verdict=none", lambda n: True),
    ],
)
def test_a_filter_passes_the_calls_that_it_names(forty, query, passes):
    from urllib.parse import parse_qsl

    chosen = CallFilter.from_query(parse_qsl(query))
    expected = {f"call-{n:012d}" for n in range(40) if passes(n)}
    rows = [row for each in pages(forty, chosen, "worst") for row in each]
    assert expected == {row["sound_id"] for row in rows}
    assert (len(expected), False) == forty.count(chosen.where())


@pytest.mark.parametrize("text", ["", "pace", "PACE (call", "ada t1", "nothing-of-this", "call-000000000011"])
def test_words_that_are_kept_pass_the_same_calls(forty, text):
    chosen = CallFilter(text=text, min_duration_s=61.0)
    expected = forty.ask(f"SELECT call_id FROM calls WHERE {(each := chosen.where()).sql} ORDER BY 1", each.parameters)
    for _ in range(2):
        where = forty.where(chosen)
        assert expected == forty.ask(f"SELECT call_id FROM calls WHERE {where.sql} ORDER BY 1", where.parameters)


def test_words_that_nobody_asked_for_lately_are_forgotten(forty):
    clock_s = [0.0]
    words = FoundWords(forty._tables, clock=lambda: clock_s[0])
    words._n_made = 1000  # its tables have names of their own
    asked = [words.where(f"call {n}") for n in range(40)]
    tables = "SELECT count(*) AS n FROM information_schema.tables WHERE table_name LIKE 'found_10__'"
    assert [{"n": 40}] == forty.ask(tables)  # each may still be read
    clock_s[0] = 1000.0
    assert words.where("call 39") == asked[39]
    assert [{"n": 16}] == forty.ask(tables)
    assert words.where("call 0") != asked[0]


# One agent's calls ---------------------------------------------------------------------------------------------------


def test_of_one_agents_calls_no_table_holds_another(forty):
    own = forty.limited_to("Bo")
    tables = [row["name"] for row in own.ask("SELECT table_name AS name FROM information_schema.tables")]
    assert {"calls", "flags", "failures", "judged", "judged_open"} <= set(tables)
    theirs = {row["call_id"] for row in forty.ask("SELECT call_id FROM calls WHERE agent = 'Bo'")}
    for table in tables:
        rows = own.ask(f'SELECT * FROM "{table}"')
        assert {row["call_id"] for row in rows if "call_id" in row} <= theirs
    assert [] == own.ask("FROM failures")
    assert 13 == own.n_calls == own.count().n
    assert sorted(theirs) == sorted(listed(own, CallFilter(), "worst"))
    assert list(range(1, 14)) == [row["worst_rank"] for row in own.ask("SELECT worst_rank FROM calls ORDER BY 1")]


def test_of_one_agents_calls_another_call_is_not_there_by_any_name(forty):
    own = forty.limited_to("Bo")
    other = forty.ask("SELECT call_id, sound_id FROM calls WHERE agent = 'Ada' LIMIT 1")[0]
    assert own.call(other["call_id"]) is None
    assert own.call_of_sound(other["sound_id"]) is None
    assert [] == own.flags(other["call_id"]) == own.events(other["call_id"])
    assert (None, None, None) == own.neighbours(CallFilter(), "worst", other["call_id"])
    assert [] == own.calls(CallFilter(agents=("Ada",))).rows
    assert own is own.limited_to("Bo") is forty.limited_to("Bo")
    with pytest.raises(ValueError, match="one agent"):
        own.limited_to("Ada")


def test_an_agent_without_calls_sees_none(forty):
    own = forty.limited_to("Nobody' OR true --")
    assert 0 == own.n_calls
    assert [] == own.calls().rows


# What is read --------------------------------------------------------------------------------------------------------


def test_calls_of_other_settings_and_superseded_rows_are_left_out(tmp_path):
    path = store_of(tmp_path / "store", [{}] * 4)
    with Store.open(path) as store:
        (part,) = store.parts()
        with store.ledger.database.writing() as rows:
            number = rows.execute("SELECT id FROM parts WHERE name = ?", (part.name,)).fetchone()[0]
            hidden = (number, bytes.fromhex(call_id_of(0)))
            rows.execute("INSERT INTO superseded (part, call_id) VALUES (?, ?)", hidden)
    assert 3 == Snapshot.of_store(path).n_calls
    store_of(path, [{}] * 2, settings=OTHER)
    assert 2 == Snapshot.of_store(path).n_calls


def test_calls_that_wait_to_be_judged_anew_are_counted(tmp_path):
    path = store_of(tmp_path / "store", [{"sound_id": f"call-{n}", "agent": "Ada"} for n in range(4)])
    assert 0 == Snapshot.of_store(path).n_earlier
    store_of(path, [{"sound_id": f"call-{n}", "agent": "Ada"} for n in range(3)], settings=OTHER)
    snapshot = Snapshot.of_store(path)
    assert (3, 1) == (snapshot.n_calls, snapshot.n_earlier)
    assert 0 == snapshot.limited_to("Ada").n_earlier


def test_an_empty_store_and_one_without_calls_of_the_current_settings_have_no_calls(tmp_path):
    with Store.create(tmp_path / "empty"):
        pass
    path = store_of(tmp_path / "store", [{}] * 2)
    with Store.open(path) as store:
        store.ledger.begin(OTHER)
    for each in (tmp_path / "empty", path):
        snapshot = Snapshot.of_store(each)
        assert (0, False) == snapshot.count()
        assert ([], None, None) == (
            (page := snapshot.calls(CallFilter(text="a"), "newest")).rows,
            page.before,
            page.after,
        )
        assert snapshot.call("0" * 64) is None


def test_a_snapshot_stays_readable_while_parts_are_merged(tmp_path):
    path = store_of(tmp_path / "store", [{}] * 6, per_part=2)
    snapshot = Snapshot.of_store(path)
    with Store.open(path) as store:
        compact(store)
    assert 6 == len(snapshot.calls().rows)
    assert 6 == Snapshot.of_store(path).n_calls


def test_a_missing_part_is_refused_in_one_sentence(tmp_path):
    path = store_of(tmp_path / "store", [{}] * 2)
    with Store.open(path) as store:
        store.parts()[0].events.unlink()
    with pytest.raises(StoreError, match="is missing; ask again, and if it stays so, run cxaudio archive verify"):
        Snapshot.of_store(path)


def test_a_damaged_part_is_refused_in_one_sentence(tmp_path):
    path = store_of(tmp_path / "store", [{}] * 2)
    with Store.open(path) as store:
        file = store.parts()[0].calls
    file.write_bytes(file.read_bytes()[:-500] + bytes(500))
    with pytest.raises(StoreError, match="cxaudio archive verify") as refused:
        Snapshot.of_store(path)
    assert "\n" not in str(refused.value)


def test_events_are_read_from_the_part_that_has_them_now_and_a_deleted_call_has_none(tmp_path, monkeypatch):
    monkeypatch.setitem(made_store._VALUES, "text", '"word"')  # of a detail, JSON
    path = store_of(tmp_path / "store", [{}] * 6, per_part=2)
    snapshot = Snapshot.of_store(path)
    call_id = call_id_of(3)
    before = snapshot.events(call_id)
    with Store.open(path) as store:
        compact(store)
        assert [0, 1] == [event["n"] for event in before]
        assert before == snapshot.events(call_id)
        with store.ledger.database.writing() as rows:
            rows.execute("DELETE FROM rows")
    assert [] == snapshot.events(call_id)


def test_a_question_can_only_read(forty):
    for sql in ("DELETE FROM calls", "COPY calls TO 'x.csv'", "SELECT 1; SELECT 2", "SET threads = 1"):
        with pytest.raises(ValueError, match="one statement that reads"):
            forty.ask(sql)


def test_a_question_that_takes_too_long_is_ended_with_a_sentence(forty):
    endless = "SELECT count(*) FROM range(10000000000) AS a, range(1000) AS b WHERE hash(a.range, b.range) = 1"
    with pytest.raises(UsageError, match=r"this question took longer than 0.05 s and was ended; ask for fewer calls"):
        forty.ask(endless, longest_s=0.05)
    assert [{"n": 40}] == forty.ask("SELECT count(*) AS n FROM calls")
