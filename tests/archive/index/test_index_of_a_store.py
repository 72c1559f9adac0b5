"""The index page of a store: the calls of the newest run, the worst first, and what was not judged, without names."""

import base64
import gzip
import json
import os
import re
import stat

import pytest

from cxaudio.archive.failed_names import shown_name, shown_reason
from cxaudio.archive.index import renew_index, write_index
from cxaudio.archive.job import Refusal
from cxaudio.archive.outcome import Failure, FailureKind
from cxaudio.archive.outside_text import outside, with_pieces
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.ledger import FailedJob, State
from cxaudio.errors import StoreError
from support.made_store import SETTINGS, call_id_of, judged_in_turn, made_job, made_judged


@pytest.fixture
def store(tmp_path):
    with Store.create(tmp_path / "store") as store:
        store.ledger.begin(SETTINGS)
        yield store


def judge(store, *numbers, settings=SETTINGS, **values):
    """Take judged calls into the store; `values` replace those of their rows."""
    store.ledger.add([made_job(number) for number in numbers])
    leased = [each.job for each in store.ledger.lease(100, seconds=60)]
    judged = list(judged_in_turn(leased, settings=settings))
    store.commit([_with(each, number, values) for number, each in enumerate(judged)])


def _with(judged, number, values):
    from dataclasses import replace

    return replace(judged, call={**judged.call, **{key: found[number] for key, found in values.items()}})


def shown(path):
    """Return the facts and the columns of a page."""
    text = path.read_text(encoding="utf-8")
    facts = json.loads(re.search(r'id="facts">(.*?)</script>', text)[1])
    return facts, json.loads(gzip.decompress(base64.b64decode(re.search(r'id="columns">(.*?)</script>', text)[1])))


def test_the_page_lists_the_calls_worst_first_and_is_its_owners_alone(store):
    judge(store, 1, 2, 3, n_severe=[0, 5, 1])
    judge(store, 4, n_severe=[2])
    path = write_index(store)
    assert store.layout.index == path
    assert [5, 2, 1, 0] == shown(path)[1]["n_severe"]
    if os.name == "posix":
        assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert ["index.html"] == [name for name in os.listdir(store.path) if "index" in name]


def test_each_call_has_the_flags_that_its_events_have(store):
    jobs = [made_job(number) for number in (1, 2, 3)]
    store.ledger.add(jobs)
    store.ledger.lease(9, seconds=60)
    judged = [made_judged(job, number) for number, job in enumerate(jobs)]
    flags = {
        0: [{"type": "flag", "start_s": 0.0, "end_s": 0.1, "severity": "severe"}],
        1: [{"type": "turn", "start_s": 0.0, "end_s": 0.1, "severity": None}],
        2: [{"type": "flag", "start_s": 0.2, "end_s": None, "severity": "flag"}],
    }
    for number, each in enumerate(judged):
        each.call["duration_s"] = 0.25
        each.call["n_severe"] = 3 - number
        for k, event in enumerate(each.events):
            event.update(flags[number][0] if k == 0 else {"type": "turn"})
    store.commit(judged)
    letters = shown(write_index(store))[1]["flag_letters"]
    parts = [letters[60 * k : 60 * k + 60] for k in range(3)]
    assert "s" * 24 + "-" * 36 == parts[0]
    assert " " * 60 == parts[1]
    assert "-" * 48 + "f" * 12 == parts[2]


def test_the_page_and_the_query_for_the_worst_calls_agree(store):
    """The documentation promises it: *worst* means the same in both places."""
    from cxaudio.archive.asking.questions import worst_question
    from cxaudio.archive.asking.tables import open_duck

    judge(
        store, *range(8),
        n_severe=[0, 0, 1, 1, 1, 0, 0, 0], n_flag=[0, 2, 1, 1, 3, 0, 0, 0], n_whole_call=[0, 0, 2, 1, 0, 0, 0, 0],
        in_step_share=[0.5, 0.5, 0.5, 0.5, 0.5, 0.2, None, 0.5],
        duration_s=[10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 99.0, 20.0],
    )  # fmt: skip
    with open_duck(store.path) as duck:
        answer = duck.ask(worst_question(8))
        file = answer.columns.index("file")
        asked = [row[file] for row in answer.rows]
    assert 8 == len(set(asked))
    assert asked == shown(write_index(store))[1]["name"]


def test_calls_of_other_settings_and_rows_that_were_replaced_are_left_out(store):
    judge(store, 1, 2)
    write_index(store)
    other = "ab" * 32
    store.ledger.begin(other)
    job = made_job(1, agent="right")
    store.ledger.add([job])
    leased = store.ledger.lease(9, seconds=60)
    assert leased
    store.commit([made_judged(each.job, 7, settings=other) for each in leased[:1]])
    columns = shown(write_index(store))[1]
    assert 1 == len(columns["name"])


def test_a_call_without_a_page_is_listed_without_a_link(store):
    judge(store, 1, 2, n_severe=[9, 1])
    ids = [call_id_of(1), call_id_of(2)]
    page = store.layout.page(ids[0])
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("<h1>a call</h1>")
    columns = shown(write_index(store))[1]
    assert sorted([f"pages/{ids[0][:2]}/{ids[0]}.html", None], key=str) == sorted(columns["page"], key=str)


def test_the_page_is_made_anew_whenever_it_would_be_another(store):
    """A process killed between its calls and its page leaves an old page; so do settings that are gone back to."""
    other = "ab" * 32
    judge(store, 1)
    path = renew_index(store)
    made = path.stat().st_ino
    assert made == renew_index(store).stat().st_ino, "a page that is right is not written again"
    judge(store, 2)  # and the process is killed here
    assert 2 == shown(renew_index(store))[0]["n_calls"]
    store.ledger.begin(other)
    judge(store, 3, settings=other)
    assert 1 == shown(renew_index(store))[0]["n_calls"]
    store.ledger.begin(SETTINGS)
    assert 2 == shown(renew_index(store))[0]["n_calls"]
    store.ledger.add([Refusal(files=("/calls/r.wav",), stamps=(), reason="no role")])
    assert "r.wav" not in renew_index(store).read_text(encoding="utf-8")
    assert "r.wav" in renew_index(store, file_names="plain").read_text(encoding="utf-8")
    assert 'lang="zh' in renew_index(store, file_names="plain", language="zh-Hans").read_text(encoding="utf-8")[:99]
    path.unlink()
    assert renew_index(store).is_file()


def test_what_was_not_judged_stands_there_without_its_name_unless_asked_for(store):
    job, number = made_job(5), "+4915112345678"
    store.ledger.add([Refusal(files=(f"/calls/{number}.wav",), stamps=(), reason=f"/calls/{number}.wav: no role")])
    store.ledger.add([job])
    store.ledger.lease(9, seconds=60)
    store.ledger.fail([Failure(job_key=job.key, kind=FailureKind.USAGE, reason="0000005.wav: wrong")], max_attempts=1)
    hidden = write_index(store)
    assert number not in hidden.read_text(encoding="utf-8")
    facts = shown(hidden)[0]
    assert 2 == facts["n_failed"]
    assert all(re.fullmatch(r"[0-9a-f]{16}", each["name"]) for each in facts["failed"])
    assert {f"{each['name']}: no role" for each in facts["failed"]} & {each["reason"] for each in facts["failed"]}
    plain = shown(write_index(store, file_names="plain"))[0]["failed"]
    assert {f"{number}.wav", "0000005.wav"} == {each["name"] for each in plain}


@pytest.mark.parametrize(
    ("files", "reason", "expected"),
    [
        (["/calls/a.wav"], "/calls/a.wav: a says that a.wav has a channel", "NAME: a says that NAME has a channel"),
        (["/calls/empty.wav"], "/calls/empty.wav: is empty; copy it again", "NAME: is empty; copy it again"),
        (["/c/1 Ada.wav"], "/c/1 Ada.marks.jsonl: cannot be read", "NAME: cannot be read"),
        (
            ["/c/4366.wav"],
            "by its name, start '4366' is no time; correct it",
            "by its name, start … is no time; correct it",
        ),
        (["/c/a.wav"], f"line 2 names {outside('../4366 Ada Low.wav')} beside it", "line 2 names … beside it"),
        (
            ["/c/a.wav"],
            "[Errno 36] File name too long: '/c/a.xyz' at /c/other.wav",
            "[Errno 36] File name too long: … at …",
        ),
        (["/c/a.wav"], "it is the agent's side of a call whose customer's side is away", None),
    ],
)
def test_a_reason_holds_no_name_where_none_may_be_shown(files, reason, expected):
    failed = FailedJob(
        key="0" * 32, files=tuple(files), state=State.FAILED, kind="usage", attempts=1, at_s=0.0, reason=reason
    )
    name = shown_name(failed, plain=False)
    assert (reason if expected is None else expected.replace("NAME", name)) == shown_reason(failed, plain=False)
    assert with_pieces(reason) == shown_reason(failed, plain=True)


def test_parts_that_are_merged_meanwhile_are_asked_for_again(store, monkeypatch):
    judge(store, 1, 2)
    parts, n_asked = Store.parts, []

    def stale(self):
        n_asked.append(1)
        found = parts(self)
        if len(n_asked) == 1:
            from dataclasses import replace

            return [replace(part, calls=part.calls.with_name("gone.parquet")) for part in found]
        return found

    monkeypatch.setattr(Store, "parts", stale)
    assert 2 == len(shown(write_index(store))[1]["name"])


def test_a_part_that_is_gone_for_good_is_told(store):
    judge(store, 1)
    store.parts()[0].calls.unlink()
    with pytest.raises(StoreError, match="is missing; run cxaudio archive verify"):
        write_index(store)


def test_an_empty_store_has_a_page(store):
    assert 0 == shown(write_index(store))[0]["n_calls"]


@pytest.mark.slow
def test_a_run_leaves_the_page_and_each_call_leads_back_to_it(tmp_path, capsys):
    from cxaudio.cli.app import run_cli
    from support.sample_reports import sample_report, write_sample_wav

    recording = tmp_path / "calls" / "a.wav"
    recording.parent.mkdir()
    write_sample_wav(recording, sample_report(3))
    os.utime(recording, (1_700_000_000, 1_700_000_000))
    command = ["archive", "run", str(recording.parent), "--agent", "left", "--workers", "1"]
    assert 0 == run_cli([*command, "--store", str(tmp_path / "store")])
    index = tmp_path / "store" / "index.html"
    assert str(index) in capsys.readouterr().out.splitlines()
    (page,) = shown(index)[1]["page"]
    assert 'href="../../index.html"' in (index.parent / page).read_text(encoding="utf-8")
