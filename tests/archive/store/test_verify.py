"""What does not fit in a store is found and named, what can be mended is mended, and a whole store has no faults."""

import os

import pytest

from cxaudio.archive.job import FileStamp, Job
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.verify import FaultKind, repair, verify
from cxaudio.errors import AudioFormatError
from support.made_store import SETTINGS, call_id_of, made_judged, stored_rows


def recorded(folder, number):
    """A job whose file exists."""
    path = folder / f"{number:07d}.wav"
    path.write_bytes(bytes(number))
    found = path.stat()
    return Job(files=(str(path),), stamps=(FileStamp(size=found.st_size, modified_ns=found.st_mtime_ns),))


@pytest.fixture
def store(tmp_path):
    """Three calls in two parts; recordings 3 and 4 sound alike; call 1 has a page."""
    (tmp_path / "calls").mkdir()
    with Store.create(tmp_path / "store") as made:
        made.ledger.begin(SETTINGS)
        jobs = [recorded(tmp_path / "calls", number) for number in (1, 2, 3, 4)]
        made.ledger.add(jobs)
        made.ledger.lease(9, seconds=60)
        made.layout.page(call_id_of(1)).parent.mkdir()
        made.layout.page(call_id_of(1)).write_text("page")
        made.commit([made_judged(jobs[0], 1, page="page"), made_judged(jobs[1], 2)])
        made.commit([made_judged(jobs[2], 3), made_judged(jobs[3], 3)])
        yield made


def kinds(store, **options):
    return [fault.kind for fault in verify(store, **options)]


def judge_all_again(store):
    """Judge what waits, as a next run would; return how many."""
    leased = [each.job for each in store.ledger.lease(9, seconds=60)]
    sounds = {job: min(int(job.files[0][-11:-4]), 3) for job in leased}
    for job in leased:
        if sounds[job] == 1:
            store.layout.page(call_id_of(1)).write_text("page")
    store.commit([made_judged(job, sound, page="page" if sound == 1 else None) for job, sound in sounds.items()])
    return len(leased)


def sound_of(job):
    return call_id_of(min(int(job.files[0][-11:-4]), 3))


def test_a_whole_store_has_no_faults(store):
    assert [] == kinds(store, call_id_of=sound_of)
    with Store.open(store.path, read_only=True) as reader:
        assert [] == kinds(reader)


@pytest.mark.parametrize("table", ["calls", "events", "tapes"])
@pytest.mark.parametrize("harm", ["missing", "cut", "changed"])
def test_a_harmed_part_is_found_and_its_calls_are_judged_again(store, table, harm):
    before = stored_rows(store)
    path = getattr(store.parts()[0], table)
    content = path.read_bytes()
    path.unlink()
    if harm != "missing":
        middle = len(content) // 2
        changed = bytes([content[middle] ^ 1])
        path.write_bytes(content[:middle] if harm == "cut" else content[:middle] + changed + content[middle + 1 :])
    (fault,) = verify(store)
    assert (FaultKind.PART_MISSING if harm == "missing" else FaultKind.PART_DAMAGED) is fault.kind
    assert f"{table}/{path.name} " in fault.what
    assert 1 == repair(store, [fault])
    assert [] == kinds(store)
    assert 2 == store.ledger.counts().waiting
    assert 2 == judge_all_again(store)
    assert before == stored_rows(store)
    assert [] == kinds(store)


def test_twins_of_a_lost_row_are_judged_again_too(store):
    store.parts()[1].calls.unlink()
    repair(store, list(verify(store)))
    assert 2 == judge_all_again(store)
    assert (3, 1) == (store.ledger.counts().done, store.ledger.counts().same)
    assert [] == kinds(store)


def test_files_that_belong_to_nothing_are_found_and_deleted(store):
    orphans = [store.path / "calls" / "part-00.parquet", store.path / "events" / "notes.txt"]
    pages = [
        store.layout.page("ab" * 32),
        store.layout.pages / "ab" / ".ab.html.1.part",
        store.layout.page(call_id_of(2)),
    ]
    for path in (*orphans, *pages):
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    faults = list(verify(store))
    assert [FaultKind.ORPHAN] * 2 + [FaultKind.PAGE_WITHOUT_ROW] * 3 == [fault.kind for fault in faults]
    assert 5 == repair(store, faults)
    assert [] == [path for path in (*orphans, *pages) if path.exists()]
    assert [] == kinds(store)


def test_a_page_of_a_call_that_is_being_judged_is_no_fault(store, tmp_path):
    store.ledger.add([recorded(tmp_path / "calls", 5)])
    store.ledger.lease(1, seconds=60)
    page = store.layout.page("ab" * 32)
    page.parent.mkdir(exist_ok=True)
    page.write_text("x")
    assert [] == kinds(store)


def test_a_missing_page_is_made_again_by_the_next_run(store):
    store.layout.page(call_id_of(1)).unlink()
    (fault,) = verify(store)
    assert FaultKind.PAGE_MISSING is fault.kind
    repair(store, [fault])
    assert 1 == judge_all_again(store)
    assert [] == kinds(store)


@pytest.mark.parametrize(
    ("harm", "kind", "waiting"),
    [
        ("DELETE FROM jobs WHERE id = 1", FaultKind.ROW_WITHOUT_JOB, 0),
        ("DELETE FROM rows WHERE job = 1", FaultKind.ROW_UNKNOWN, 1),
        ("INSERT INTO rows SELECT x'00', part, job, 0, at_ms FROM rows WHERE job = 1", FaultKind.ROW_MISSING, 1),
    ],
)
def test_a_ledger_that_does_not_fit_its_parts_is_mended(store, harm, kind, waiting):
    with store.ledger.database.writing() as rows:
        rows.execute(harm)
    faults = list(verify(store))
    assert kind is faults[0].kind
    while faults:  # what was mended can uncover more
        assert len(faults) == repair(store, faults)
        faults = list(verify(store))
    assert waiting == store.ledger.counts().waiting
    judge_all_again(store)
    assert [] == kinds(store)


def test_the_row_of_a_recording_that_was_renamed_is_judged_anew_from_the_file_that_is_there(store, tmp_path):
    old, new = tmp_path / "calls" / "0000001.wav", tmp_path / "calls" / "0000009.wav"
    stamp = FileStamp(size=old.stat().st_size, modified_ns=old.stat().st_mtime_ns)
    os.rename(old, new)
    (fault,) = verify(store)
    assert 0 == repair(store, [fault]), "no other recording has this sound"
    renamed = Job(files=(str(new),), stamps=(stamp,))
    store.ledger.add([renamed])
    (leased,) = store.ledger.lease(9, seconds=60)
    store.commit([made_judged(leased.job, 1, page="page")])
    assert (str(new),) in [twin.files for twin in store.ledger.twins()]
    (fault,) = verify(store)
    assert (FaultKind.RECORDING_MISSING, 1) == (fault.kind, repair(store, [fault]))
    (leased,) = store.ledger.lease(9, seconds=60)
    assert renamed == leased.job
    store.commit([made_judged(leased.job, 1, page="page")])
    assert [] == list(verify(store))
    assert {call_id_of(1): (str(new),)} == store.ledger.recordings_of([call_id_of(1)])


def test_a_recording_that_is_gone_or_changed_or_sounds_otherwise_is_told_with_what_to_do(store, tmp_path):
    (tmp_path / "calls" / "0000001.wav").unlink()
    (tmp_path / "calls" / "0000002.wav").write_bytes(b"something else")

    def other_sound(job):
        if job.files[0].endswith("3.wav"):
            return "00" * 32
        raise AudioFormatError(job.files[0], "is no recording")

    faults = list(verify(store, call_id_of=other_sound))
    found = [FaultKind.RECORDING_MISSING, FaultKind.RECORDING_CHANGED, FaultKind.OTHER_SOUND, FaultKind.OTHER_SOUND]
    assert found == [fault.kind for fault in faults]
    assert "0000001.wav cannot be looked at (No such file or directory)" in faults[0].what
    assert "0000004.wav cannot be decoded any more" in faults[3].what
    assert 0 == repair(store, faults)
