"""Read roles and labels out of a CSV file; what is wrong in it is said with its line."""

import os
import re
from pathlib import Path

import pytest

from cxaudio.archive.finding.fields import FIELDS
from cxaudio.archive.finding.jobs import find_jobs
from cxaudio.archive.finding.manifest import COLUMNS
from cxaudio.archive.finding.names import GROUPS
from cxaudio.archive.job import CallLabels, Deferral, Job, Refusal
from cxaudio.archive.outside_text import with_pieces
from cxaudio.errors import UsageError

LONG_AGO = 1_700_000_000
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "manifest.md"


def recording(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF")
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def manifest(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def found_with(tmp_path: Path, text: str, **rules: object) -> list[Job | Refusal | Deferral]:
    """Search the folder `calls` with a manifest that lies beside it."""
    return list(find_jobs([tmp_path / "calls"], manifest=manifest(tmp_path / "m.csv", text), **rules))


def reasons(found: list[Job | Refusal | Deferral]) -> list[str]:
    return [with_pieces(each.reason) for each in found if isinstance(each, Refusal)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_row_says_roles_and_labels(tmp_path, encoding, separator, line_end):
    path = recording(tmp_path / "calls" / "ä.wav")
    rows = [
        ["File", "Agent", "team", "channel", "layout", "language", "headset", "direction"],
        [path.name, "Zoë", '"sales, ""north""; west"', "right", "amazon-connect", "de", "hion-u800", "in"],
    ]
    text = line_end.join(separator.join(row) for row in [*rows, ["", ""], []])
    given = manifest(tmp_path / "m.csv", text, encoding)
    (found,) = find_jobs([tmp_path / "calls"], manifest=given)
    assert isinstance(found, Job)
    assert CallLabels(agent="Zoë", team='sales, "north"; west', direction="inbound") == found.labels
    assert ("right", "amazon-connect", "de", "hion-u800") == (
        found.agent,
        found.layout,
        found.language,
        found.headset,
    )


@pytest.mark.parametrize(
    "written", ["calls/x/a.wav", "x/a.wav", "./x//a.wav", "calls/../calls/x/a.wav", "{tmp_path}/calls/x/a.wav"]
)
def test_a_path_is_relative_to_the_manifest_or_to_a_place(tmp_path, written):
    recording(tmp_path / "calls" / "x" / "a.wav")
    (found,) = found_with(tmp_path, f"file,agent\n{written.format(tmp_path=tmp_path)},Ada\n")
    assert isinstance(found, Job)
    assert "Ada" == found.labels.agent


def test_letters_that_systems_write_in_two_ways_are_the_same(tmp_path):
    """A name from macOS has the accent as a letter of its own."""
    recording(tmp_path / "calls" / "u\N{COMBINING DIAERESIS}.wav")
    (found,) = found_with(tmp_path, "file,agent\n\N{LATIN SMALL LETTER U WITH DIAERESIS}.wav,Ada\n")
    assert isinstance(found, Job)
    assert "Ada" == found.labels.agent


def test_a_recording_without_a_row_is_a_job_without_labels(tmp_path):
    for name in ("a.wav", "b.wav"):
        recording(tmp_path / "calls" / name)
    found = found_with(tmp_path, "file,agent\nb.wav,Ada\n")
    assert [None, "Ada"] == [each.labels.agent for each in found if isinstance(each, Job)]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            "c.wav,Ada\n",
            "line 2 of m.csv names no recording that was found; correct its path, or name its folder as well",
        ),
        ("a.wav,Ada\n\n./a.wav,Bob\n", "lines 2 and 4 of m.csv name it; leave one of them"),
        ("a.wav,Ada,x\n", "line 2 of m.csv has 1 more cells than there are columns; put cells with a comma"),
        (",Ada\n", "line 2 of m.csv names no recording; fill in file, or agent_file and customer_file"),
        ('"a\nb.wav",Ada\n', "line 2 of m.csv names a file with characters that cannot be printed; correct it"),
        ("a.wav," + "A" * 201 + "\n", "by line 2 of m.csv, agent has 201 characters, at most 200 are kept; shorten it"),
        ("\x00a.wav,Ada\n", "line 2 of m.csv names a file with characters that cannot be printed; correct it"),
    ],
)
def test_a_row_that_is_wrong_is_refused_with_its_line(tmp_path, rows, reason):
    recording(tmp_path / "calls" / "a.wav")
    recording(tmp_path / "calls" / "b.wav")
    found = found_with(tmp_path, f"file,agent\n{rows}")
    (said,) = reasons(found)
    assert reason in said
    assert any(isinstance(each, Job) and each.files[0].endswith("b.wav") for each in found), "the others go on"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("direction", "sideways", "by line 2 of m.csv, direction 'sideways' is not known; write inbound or outbound"),
        ("channel", "up", "by line 2 of m.csv, the agent's channel cannot be 'up'"),
        ("layout", "amazon", "by line 2 of m.csv, there is no layout 'amazon'; did you mean amazon-connect"),
        ("layout", "five9", "by line 2 of m.csv, layout five9 cannot be used: no public statement"),
        ("language", "xx", "by line 2 of m.csv, language 'xx' has no pacing policy"),
        ("headset", "best", "by line 2 of m.csv, headset 'best' has no profile"),
        ("start", "yesterday", "by line 2 of m.csv, start 'yesterday' is no ISO 8601 time"),
        ("start", "2026-03-31 14:05", "by line 2 of m.csv, start '2026-03-31 14:05' does not say its offset from UTC"),
    ],
)
def test_a_wrong_value_is_refused_with_its_line(tmp_path, column, value, reason):
    recording(tmp_path / "calls" / "a.wav")
    (said,) = reasons(found_with(tmp_path, f"file,{column}\na.wav,{value}\n"))
    assert reason in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,agnet\n", r"m\.csv, line 1: the column 'agnet' is not known; did you mean agent"),
        ("file,price\n", "the column 'price' is not known; use file, agent_file, customer_file, agent"),
        ("file\tagent\na.wav\tAda\n", "save it with commas or semicolons between the columns, and not with tabs"),
        ("file,agent,agent\n", "the column agent stands there twice; leave one"),
        ("agent,team\n", "no column names the recordings; add file, or agent_file and customer_file"),
        ("agent_file,team\n", "no column names the recordings"),
        ("", "no column names the recordings"),
        ('file,agent\n"a.wav,Ada\n', r"m\.csv: cannot be read as a manifest \(line 2: "),
        ('file,agent\na.wav,Ada\n"b"c.wav,Bob\n', r"\(line 3: "),
        ('"file"agent\n', r"\(line 1: "),
        ('"file', r"\(line 1: "),
        ("file,agent\na.wav," + "A" * 1_000_000, r"\(line 2 is longer than 1000000 bytes\)"),
        ("file,agent\na.wav," + "A" * 200_000, r"\(line 2: field larger than field limit"),
    ],
)
def test_a_manifest_that_cannot_be_read_stops_at_once(tmp_path, text, message):
    with pytest.raises(UsageError, match=message):
        found_with(tmp_path, text)


def test_bytes_that_are_no_utf_8_stop_at_once(tmp_path):
    given = manifest(tmp_path / "m.csv", "file,agent\na.wav,Zoë\n", "cp1252")
    with pytest.raises(UsageError, match=r"line 2 is no UTF-8; save it as CSV UTF-8"):
        find_jobs([tmp_path], manifest=given)


def test_what_is_no_file_is_no_manifest(tmp_path):
    os.mkfifo(tmp_path / "fifo.csv")
    for name, message in (
        ("fifo.csv", "it is no file"),
        (".", "Is a directory|it is no file"),
        ("x.csv", "No such file"),
    ):
        with pytest.raises(UsageError, match=message):
            find_jobs([tmp_path], manifest=tmp_path / name)


def test_a_row_may_name_a_file_for_each_side(tmp_path):
    for name in ("a-1.wav", "c-1.wav", "sub/a-2.wav", "sub/c-2.wav", "z.wav"):
        recording(tmp_path / "calls" / name)
    text = "file;agent_file;customer_file;agent\n;a-1.wav;c-1.wav;Ada\n"
    text += ";calls/sub/a-2.wav;calls/sub/c-2.wav;Bob\nz.wav;;;Cy\n"
    found = found_with(tmp_path, text, agent="right")
    assert [
        (("a-1.wav", "c-1.wav"), "Ada", None),
        (("sub/a-2.wav", "sub/c-2.wav"), "Bob", None),
        (("z.wav",), "Cy", "right"),
    ] == [
        (tuple(os.path.relpath(file, tmp_path / "calls") for file in each.files), each.labels.agent, each.agent)
        for each in found
        if isinstance(each, Job)
    ]
    assert [] == reasons(found)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "file,agent_file,customer_file\na.wav,a.wav,c.wav\n",
            "names a recording and sides beside it; leave one of the two",
        ),
        ("agent_file,customer_file\na.wav,\n", "names the file of one side only; name both, or use the column file"),
        ("agent_file,customer_file,channel\na.wav,c.wav,left\n", "names a file for each side, and a channel or layout"),
        ("agent_file,customer_file\na.wav,a.wav\n", "names it for both sides; name a file for each side"),
    ],
)
def test_sides_that_contradict_are_refused(tmp_path, text, reason):
    for name in ("a.wav", "c.wav"):
        recording(tmp_path / "calls" / name)
    found = found_with(tmp_path, text)
    assert reasons(found)
    assert all(reason in said and "line 2 of m.csv" in said for said in reasons(found))


def test_a_side_that_is_not_there_is_refused_with_its_line(tmp_path):
    recording(tmp_path / "calls" / "a.wav")
    (said,) = reasons(found_with(tmp_path, "agent_file,customer_file\na.wav,c.wav\n"))
    assert "line 2 of m.csv names c.wav beside it, which is not there; add it, or correct the name" == said


def test_the_two_sides_may_lie_in_two_places(tmp_path):
    recording(tmp_path / "calls" / "agent" / "a-1.wav")
    recording(tmp_path / "calls" / "customer" / "c-1.wav")
    given = manifest(tmp_path / "lists" / "m.csv", "agent_file,customer_file\na-1.wav,c-1.wav\n")
    (found,) = find_jobs([tmp_path / "calls" / "customer", tmp_path / "calls" / "agent"], manifest=given)
    assert isinstance(found, Job)
    assert ["a-1.wav", "c-1.wav"] == [os.path.basename(file) for file in found.files]


def test_sides_of_a_name_and_of_a_row_must_agree(tmp_path):
    for name in ("1-agent.wav", "1-customer.wav"):
        recording(tmp_path / "calls" / name)
    names = r"(?P<call>\d)-(?P<side>agent|customer)"
    (found,) = found_with(tmp_path, "agent_file,customer_file\n1-agent.wav,1-customer.wav\n", names=names)
    assert isinstance(found, Job)
    found = found_with(tmp_path, "agent_file,customer_file\n1-customer.wav,1-agent.wav\n", names=names)
    assert [
        "side is 'agent' by its name and 'customer' by line 2 of m.csv; correct one of them",
        "side is 'customer' by its name and 'agent' by line 2 of m.csv; correct one of them",
    ] == reasons(found)
    recording(tmp_path / "calls" / "x.wav")
    found = found_with(tmp_path, "agent_file,customer_file\nx.wav,1-agent.wav\n", names=names)
    assert "side is 'agent' by its name and 'customer' by line 2 of m.csv; correct one of them" in reasons(found)


def test_what_stands_beside_either_file_of_a_row_counts(tmp_path):
    for name in ("a.wav", "c.wav"):
        recording(tmp_path / "calls" / name)
    (tmp_path / "calls" / "c.json").write_text('{"queue": "sales"}', encoding="utf-8")
    rules = {"names": r"^(?P<team>a)?"}
    (found,) = found_with(tmp_path, "agent_file,customer_file,agent\na.wav,c.wav,Ada\n", **rules)
    assert isinstance(found, Job)
    assert CallLabels(agent="Ada", team="a", queue="sales") == found.labels
    (tmp_path / "calls" / "c.json").write_text('{"agent": "Bob"}', encoding="utf-8")
    found = found_with(tmp_path, "agent_file,customer_file,agent\na.wav,c.wav,Ada\n", **rules)
    assert ["agent is 'Ada' by line 2 of m.csv and 'Bob' by its sidecar c.json; correct one of them"] == reasons(found)


def test_a_row_that_fits_two_recordings_is_refused_for_the_second(tmp_path):
    recording(tmp_path / "a.wav")
    recording(tmp_path / "calls" / "a.wav")
    given = manifest(tmp_path / "m.csv", "file,agent\na.wav,Ada\n")
    found = list(find_jobs([tmp_path / "a.wav", tmp_path / "calls"], manifest=given))
    assert [Job, Refusal] == [type(each) for each in found]
    assert [
        f"line 2 of m.csv fits it and {tmp_path}/a.wav; write the absolute path of the one that it means"
    ] == reasons(found)


def test_a_manifest_and_a_name_that_contradict_are_both_named(tmp_path):
    recording(tmp_path / "calls" / "ada.wav")
    found = found_with(tmp_path, "file,agent\nada.wav,Ada\n", names=r"(?P<agent>\w+)\.wav")
    assert ["agent is 'Ada' by line 2 of m.csv and 'ada' by its name; correct one of them"] == reasons(found)


# ------------------------------------------------------------------------------------------------------- documentation


def documented(heading: str) -> dict[str, str]:
    """Return the rows of the table below a heading of the page."""
    text = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|$", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("heading", "fields"),
    [("Groups of a pattern", GROUPS), ("Columns of a manifest", COLUMNS), ("Keys of a sidecar", FIELDS)],
)
def test_the_page_has_exactly_the_fields_of_the_program(heading, fields):
    assert {field.name: field.meaning for field in fields} == documented(heading)


def test_the_example_of_the_page_can_be_read(tmp_path):
    (text,) = re.findall(r"```csv\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for name in ("2026-03-31/0001.wav", "2026-03-31/0002-agent.wav", "2026-03-31/0002-customer.wav"):
        recording(tmp_path / "calls" / name)
    found = found_with(tmp_path, text)
    assert [] == reasons(found)
    assert [1, 2] == [len(each.files) for each in found]
