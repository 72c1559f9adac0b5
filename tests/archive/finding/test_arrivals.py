"""Find recordings as they arrive in a folder that is watched: as if the folder had been searched."""

import os
from pathlib import Path

from cxaudio.archive.finding.jobs import Finder
from cxaudio.archive.job import Job

LONG_AGO = 1_700_000_000


def recording(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF")
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def test_an_arrival_is_named_as_in_a_search_of_the_whole_folder(tmp_path):
    finder = Finder(names="^(?P<team>[^/]+)/(?P<agent>[^/]+)/")
    path = recording(tmp_path / "sales" / "ada" / "1.wav")
    whole = list(finder.find([tmp_path]))
    assert whole == list(finder.find([path], arrived_in=tmp_path))
    assert whole == list(finder.find([tmp_path / "sales"], arrived_in=tmp_path))
    assert whole == list(finder.find([tmp_path], arrived_in=tmp_path))


def test_what_a_search_leaves_out_is_left_out_when_it_arrives(tmp_path):
    finder = Finder()
    link = tmp_path / "in" / "link.wav"
    outside = recording(tmp_path / "in.wav")
    arrived = [
        recording(tmp_path / "in" / ".hidden" / "1.wav"),
        recording(tmp_path / "in" / "notes.txt"),
        recording(tmp_path / "in" / "out" / "events.jsonl").with_name("clean.wav"),
        tmp_path / "in" / "gone.wav",
        link,
        outside,
    ]
    recording(arrived[2])
    link.symlink_to(outside)
    assert [] == list(finder.find(arrived, arrived_in=tmp_path / "in"))
    events = recording(tmp_path / "in" / "clean.wav")
    assert [(str(events),)] == [each.files for each in finder.find([events], arrived_in=tmp_path / "in")]


def test_two_sides_that_arrive_one_after_the_other_are_joined(tmp_path):
    finder = Finder(names=r"(?P<call>\d)-(?P<side>agent|customer)")
    agent = recording(tmp_path / "1-agent.wav")
    assert [] == list(finder.find([agent], arrived_in=tmp_path))
    customer = recording(tmp_path / "1-customer.wav")
    (found,) = finder.find([customer], arrived_in=tmp_path)
    assert (str(agent), str(customer)) == found.files
    (again,) = finder.find([agent], arrived_in=tmp_path)
    assert found == again, "also where one of them is written anew"


def test_rows_of_a_manifest_wait_for_their_recordings(tmp_path):
    (tmp_path / "m.csv").write_text(
        "file,agent_file,customer_file,agent\nz.wav,,,Zoe\n,a.wav,c.wav,Ada\n", encoding="utf-8"
    )
    finder = Finder(manifest=tmp_path / "m.csv")
    agent = recording(tmp_path / "a.wav")
    (alone,) = finder.find([agent], arrived_in=tmp_path)
    assert not isinstance(alone, Job)
    customer = recording(tmp_path / "c.wav")
    (found,) = finder.find([customer], arrived_in=tmp_path)
    assert isinstance(found, Job)
    assert ((str(agent), str(customer)), "Ada") == (found.files, found.labels.agent)
