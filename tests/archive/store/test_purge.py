"""What is purged is nowhere any more: not in a file, a page, a verdict or the ledger."""

from datetime import UTC, datetime, timedelta

import pytest

from cxaudio.archive.job import FileStamp, Refusal
from cxaudio.archive.outcome import Failure, FailureKind
from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.reviews.verdict import Verdict
from cxaudio.archive.store import purge as purging
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.purge import Purged, purge
from support.made_store import SETTINGS, call_id_of, made_job, made_judged, stored_rows

OLD, NEW = datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
LIMIT = datetime(2026, 1, 1, tzinfo=UTC)


def page_of(store, sound):
    page = store.layout.page(call_id_of(sound))
    page.parent.mkdir(mode=0o700, exist_ok=True)
    page.write_text("page")
    return page


@pytest.fixture
def store(tmp_path):
    """Sounds 1 to 4 are of old calls, 5 and 6 of new ones; recording 4 has a twin, 9."""
    with Store.create(tmp_path / "store") as made:
        made.ledger.begin(SETTINGS)
        jobs = [made_job(number, started=OLD) for number in (1, 2, 3, 4)]
        jobs += [made_job(number, started=NEW) for number in (5, 6)] + [made_job(9)]
        made.ledger.add(jobs)
        made.ledger.lease(100, seconds=60)
        for chosen in (jobs[:3], jobs[3:]):
            judged = [made_judged(job, min(int(job.files[0][7:14]), 6), page="page") for job in chosen[:3]]
            judged += [made_judged(job, 4) for job in chosen[3:]]
            made.commit(judged)
        for sound in range(1, 7):
            page_of(made, sound)
        made.layout.index.write_text("list")
        yield made


def test_old_calls_are_gone_everywhere_and_new_ones_stay(store):
    kept = [call_id_of(5), call_id_of(6)]
    events = [event for event in stored_rows(store, "events") if event["call_id"] in kept]
    assert Purged(calls=4, recordings=5, pages=4) == purge(store, LIMIT)
    assert sorted(kept) == [row["call_id"] for row in stored_rows(store)]
    assert events == stored_rows(store, "events")
    assert [] == store.superseded()
    assert sorted(kept) == sorted(path.stem for path in store.layout.pages.glob("*/*"))
    assert not store.layout.index.exists()
    assert 2 == store.ledger.counts().total
    content = b"".join(path.read_bytes() for path in store.path.rglob("*") if path.is_file())
    for sound in (1, 2, 3, 4):
        assert call_id_of(sound).encode() not in content
        assert bytes.fromhex(call_id_of(sound)) not in content
        assert f"/calls/{sound:07d}.wav".encode() not in content
    assert b"/calls/0000009.wav" not in content
    assert b"/calls/0000005.wav" in content
    assert Purged() == purge(store, LIMIT)


def test_a_dry_run_counts_the_same_and_changes_nothing(store):
    before = {path: path.stat().st_mtime_ns for path in store.path.rglob("*") if path.is_file()}
    with Store.open(store.path, read_only=True) as reader:
        assert Purged(calls=4, recordings=5, pages=4) == purge(reader, LIMIT, dry_run=True)
    assert before == {path: path.stat().st_mtime_ns for path in store.path.rglob("*") if path.is_file()}


def test_a_call_of_unknown_start_is_as_old_as_its_judgement(store):
    store.ledger.add([made_job(8)])
    judged = [made_judged(leased.job, 8) for leased in store.ledger.lease(1, seconds=60)]
    judged[0].call["started_at"] = None
    store.commit(judged)
    purge(store, LIMIT)
    assert call_id_of(8) in [row["call_id"] for row in stored_rows(store)]
    purge(store, datetime.now(UTC) + timedelta(minutes=1))
    assert [call_id_of(5), call_id_of(6)] == sorted(
        [row["call_id"] for row in stored_rows(store)], key=[call_id_of(5), call_id_of(6)].index
    )


def test_what_was_set_aside_or_refused_is_purged_by_its_start(store):
    refusal = Refusal(files=("/r.wav",), stamps=(FileStamp(size=1, modified_ns=1),), reason="no roles")
    store.ledger.add([made_job(11, started=OLD), made_job(12, started=NEW), made_job(13, started=OLD), refusal])
    for leased in store.ledger.lease(2, seconds=60):
        failure = Failure(job_key=leased.job.key, kind=FailureKind.CRASHED, reason="died")
        store.ledger.fail([failure], max_attempts=1)
    purge(store, LIMIT)
    assert [made_job(12).files, ("/r.wav",)] == [each.files for each in store.ledger.failures()]
    assert 1 == store.ledger.counts().waiting


def test_verdicts_of_purged_calls_go_and_others_stay(store):
    said = {"reviewer": "anna", "type": "call", "decision": "right"}
    with Reviews(store.layout.reviews) as reviews:
        for number, sound in enumerate((5, 1, 6, 1)):
            call_id = call_id_of(sound)
            reviews.add(Verdict(client=str(number), sound_id=f"call-{sound}", call_id=call_id, note="a word", **said))
            reviews.note("anna", "open call", call_id)
        # The same sound as 1, judged with settings whose row went earlier.
        reviews.add(Verdict(client="old", sound_id="call-1", call_id="0" * 64, note="older", **said))
    assert 3 == purge(store, LIMIT, dry_run=True).verdicts
    assert 3 == purge(store, LIMIT).verdicts
    with Reviews(store.layout.reviews) as reviews:
        assert ["call-5", "call-6"] == [each.verdict.sound_id for each in reviews.since(0)]
        assert {call_id_of(5), call_id_of(6)} == {entry.target for _, entry in reviews.audit()}
    assert 0o600 == store.layout.reviews.stat().st_mode & 0o777
    content = store.layout.reviews.read_bytes()
    assert b"older" not in content
    assert call_id_of(1).encode() not in content


def test_a_purge_of_a_store_without_reviews_makes_none(store):
    purge(store, LIMIT)
    assert not store.layout.reviews.exists()


def test_a_purge_that_was_killed_hides_the_calls_and_the_next_one_ends_it(store, monkeypatch):
    def killed(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(purging, "_gone_calls", killed)
        with pytest.raises(KeyboardInterrupt):
            purge(store, LIMIT)
    assert sorted([call_id_of(5), call_id_of(6)]) == [row["call_id"] for row in stored_rows(store)]
    assert page_of(store, 1).exists()
    assert Purged(pages=4) == purge(store, LIMIT)
    assert [] == store.superseded()
    assert 2 == sum(part.n_calls for part in store.parts())
