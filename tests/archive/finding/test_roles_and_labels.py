"""Say whose channel is whose and what is known of a call: from the command line, names, a manifest, and sidecars."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxaudio.archive.finding.jobs import find_jobs
from cxaudio.archive.finding.quiet import looked_again
from cxaudio.archive.job import CallLabels, Deferral, Job, Refusal
from cxaudio.archive.outside_text import with_pieces
from cxaudio.errors import UsageError

LONG_AGO = 1_700_000_000


def recording(path: Path, **sidecar: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF")
    os.utime(path, (LONG_AGO, LONG_AGO))
    if sidecar:
        path.with_suffix(".json").write_text(json.dumps(sidecar), encoding="utf-8")
    return path


def the_job(*places: str | Path, **rules: object) -> Job:
    (found,) = find_jobs(places, **rules)
    assert isinstance(found, Job), found
    return found


def reason(*places: str | Path, **rules: object) -> str:
    (found,) = find_jobs(places, **rules)
    assert isinstance(found, Refusal), found
    return with_pieces(found.reason)


# ------------------------------------------------------------------------------------------------------- command line


def test_the_command_line_says_it_for_all(tmp_path):
    recording(tmp_path / "a.wav")
    found = the_job(tmp_path, agent="1", language="zh_CN", headset="hion-u800")
    assert ("right", None, "zh-CN", "hion-u800") == (found.agent, found.layout, found.language, found.headset)
    assert "amazon-connect" == the_job(tmp_path, layout="Amazon-Connect", agent="right").layout


def test_a_recording_of_which_nothing_is_said_is_still_a_job(tmp_path):
    """It may be a mono mix, or the settings may say it: whoever opens it finds out."""
    recording(tmp_path / "a.wav")
    found = the_job(tmp_path)
    assert (None, None, CallLabels()) == (found.agent, found.layout, found.labels)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            {"agent": "left", "layout": "amazon-connect"},
            "--agent left contradicts --layout amazon-connect, in which channel 1 is the agent's",
        ),
        ({"agent": "middle"}, "the agent's channel cannot be 'middle'"),
        ({"layout": "amazon"}, "there is no layout 'amazon'; did you mean amazon-connect"),
        ({"layout": "asterisk-rt-inbound"}, "means a file for each side; say which is whose with the group `side`"),
        ({"language": "xx"}, "language 'xx' has no pacing policy"),
        ({"headset": "best"}, "headset 'best' has no profile"),
        ({"timezone": "Europe/Nowhere"}, "--timezone 'Europe/Nowhere' is not known"),
        ({"timezone": "../../etc/passwd"}, "is not known"),
        ({"start_format": "%Y%m%d"}, "--start-format '%Y%m%d' has no hour"),
        ({"start_format": "%m%d-%H%M"}, "has no year"),
        ({"start_format": "%Y-%H"}, "has no month"),
        ({"start_format": "%Y%m%d%H%Q"}, "cannot be read back"),
        ({"start_format": "%Y%Y%m%d%H"}, "cannot be read back"),
        ({"names": "(?P<agent>"}, "is no regular expression"),
        ({"names": r"\d+"}, "has no named group"),
        ({"names": "(?P<agnet>.*)"}, "has the group 'agnet', which is not known; did you mean agent?"),
        ({"names": "(?P<side>agent|customer)"}, r"not of which call; add the group \(\?P<call>...\)"),
    ],
)
def test_rules_that_cannot_be_used_stop_before_anything_is_searched(rules, message):
    with pytest.raises(UsageError, match=message):
        find_jobs(["/nonexistent"], **rules)


# --------------------------------------------------------------------------------------------------------------- names


def test_a_name_says_roles_and_labels(tmp_path):
    recording(tmp_path / "sales" / "in-ada_lovelace-20260331-140500-R.wav")
    found = the_job(
        tmp_path,
        names=r"^(?P<team>[^/]+)/(?P<direction>in|out)-(?P<agent>\w+)-(?P<start>\d{8}-\d{6})-[LR]\.wav$",
        start_format="%Y%m%d-%H%M%S",
        timezone="Europe/Vienna",
    )
    assert (
        CallLabels(
            agent="ada_lovelace",
            team="sales",
            direction="inbound",
            started_at=datetime(2026, 3, 31, 12, 5, tzinfo=UTC),
        )
        == found.labels
    )


def test_a_name_is_compared_below_the_place_that_was_given(tmp_path):
    recording(tmp_path / "x" / "sales" / "a.wav")
    pattern = "^(?P<team>[^/]+)/"
    assert "x" == the_job(tmp_path, names=pattern).labels.team
    assert "sales" == the_job(tmp_path / "x", names=pattern).labels.team
    assert "x" == the_job(tmp_path / "*" / "sales" / "a.wav", names=pattern).labels.team


def test_a_name_that_does_not_fit_is_refused_unless_something_else_says_it(tmp_path):
    path = recording(tmp_path / "a.wav")
    pattern = "(?P<agent>[A-Z]+)"
    assert f"its name does not fit --names {pattern}; correct the pattern or the name" == reason(
        tmp_path, names=pattern
    )
    path.with_suffix(".json").write_text('{"agent": "Ada"}', encoding="utf-8")
    assert "Ada" == the_job(tmp_path, names=pattern).labels.agent


def test_a_group_that_took_no_part_says_nothing(tmp_path):
    recording(tmp_path / "a.wav")
    assert CallLabels(agent="a") == the_job(tmp_path, names=r"(?P<agent>a)(?P<team>b)?").labels


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        (
            "sideways.wav",
            "(?P<direction>side)",
            "by its name, direction 'side' is not known; write inbound or outbound",
        ),
        ("up.wav", "(?P<channel>up)", "by its name, the agent's channel cannot be 'up'; use left, right, or a number"),
        ("xx.wav", "(?P<language>xx)", "by its name, language 'xx' has no pacing policy"),
        ("2026-03-31.wav", "(?P<start>[-0-9]+)", "by its name, start '2026-03-31' has no time of day"),
        (
            "20260331T1405.wav",
            "(?P<start>[T0-9]+)",
            "by its name, start '20260331T1405' does not say its offset from UTC",
        ),
        ("17.wav", "(?P<start>17)", "by its name, start '17' is no ISO 8601 time"),
        ("00010101T0000Z.wav", "(?P<start>[TZ0-9]+)", "start '00010101T0000Z' is before 1970; correct it"),
        ("99991231T2359-2359.wav", "(?P<start>[-T0-9]+)", "is out of range; correct it"),
        (
            "a" * 201 + ".wav",
            "(?P<agent>a+)",
            "by its name, agent has 201 characters, at most 200 are kept; shorten it",
        ),
        ("a\tb.wav", r"(?P<agent>a\tb)", r"by its name, agent 'a\tb' holds characters that cannot be printed"),
    ],
)
def test_a_wrong_value_in_a_name_is_refused_with_its_reason(tmp_path, name, pattern, expected):
    recording(tmp_path / name)
    assert expected in reason(tmp_path, names=pattern)


@pytest.mark.parametrize("local", ["2026-10-25T02:30:00", "2026-03-29T02:30:00"])
def test_a_time_that_the_change_of_clocks_makes_uncertain_is_refused(tmp_path, local):
    recording(tmp_path / f"{local}.wav")
    assert "is when the clocks of Europe/Vienna change, so it is no single instant" in reason(
        tmp_path, names=r"(?P<start>[^/]+)\.wav", timezone="Europe/Vienna"
    )


def test_a_time_with_its_offset_needs_no_zone(tmp_path):
    recording(tmp_path / "2026-10-25T02:30:00+0100.wav")
    found = the_job(tmp_path, names=r"(?P<start>[^/]+)\.wav", timezone="Asia/Shanghai")
    assert datetime(2026, 10, 25, 1, 30, tzinfo=UTC) == found.labels.started_at


def test_where_a_format_is_given_names_are_in_it_and_a_sidecar_may_be_in_iso_8601(tmp_path):
    recording(tmp_path / "31.03.2026 14h05.wav", start="2026-03-31T14:05:00Z")
    rules = {"names": r"(?P<start>.+)\.wav", "start_format": "%d.%m.%Y %Hh%M", "timezone": "UTC"}
    assert datetime(2026, 3, 31, 14, 5, tzinfo=UTC) == the_job(tmp_path, **rules).labels.started_at
    recording(tmp_path / "b" / "2026-03-31T14:05Z.wav")
    assert "is not written as --start-format %d.%m.%Y %Hh%M says" in reason(tmp_path / "b", **rules)


# ---------------------------------------------------------------------------------------------------- a file each side


SIDES = r"(?P<call>\w+)-(?P<side>agent|customer)\.wav$"


def test_two_files_of_one_call_are_one_job_wherever_they_are(tmp_path):
    for name in ("a/17-agent.wav", "c/17-customer.wav", "c/18-agent.wav", "a/18-customer.wav"):
        recording(tmp_path / name)
    found = list(find_jobs([tmp_path], names=SIDES, agent="left"))
    assert [
        ("c/18-agent.wav", "a/18-customer.wav"),
        ("a/17-agent.wav", "c/17-customer.wav"),
    ] == [tuple(os.path.relpath(file, tmp_path) for file in each.files) for each in reversed(found)]
    assert [(None, None)] * 2 == [(each.agent, each.layout) for each in found], "two files already say whose is whose"


def test_any_text_can_say_whose_side_a_file_is(tmp_path):
    """Asterisk writes what the channel sends as -r, and what it receives as -t."""
    for name in ("17-r.wav", "17-t.wav", "18.wav"):
        recording(tmp_path / name)
    pattern = r"(?P<call>\d+)(?:(?P<agent_side>-t)|(?P<customer_side>-r))?\.wav"
    pair, mix = find_jobs([tmp_path], names=pattern)
    assert (str(tmp_path / "17-t.wav"), str(tmp_path / "17-r.wav")) == pair.files
    assert (str(tmp_path / "18.wav"),) == mix.files
    both = r"(?P<call>17)(?P<agent_side>-)(?P<customer_side>r)"
    assert "its name says that it is the file of both sides; correct the pattern" == reason(
        tmp_path / "17-r.wav", names=both
    )


def test_labels_of_the_two_names_must_agree_and_a_channel_has_no_place_there(tmp_path):
    for name in ("ada/1-agent.wav", "bob/1-customer.wav"):
        recording(tmp_path / name)
    assert "agent is 'ada' by the name 1-agent.wav and 'bob' by the name 1-customer.wav; correct one of them" == reason(
        tmp_path, names=r"(?P<agent>\w+)/" + SIDES
    )
    recording(tmp_path / "bob" / "1-customer.wav", channel="left")
    (found,) = find_jobs([tmp_path], names=SIDES)
    assert isinstance(found, Refusal)
    assert 2 == len(found.files)
    assert (
        "channel is 'left' by its sidecar 1-customer.json, but the call has a file for each side; leave it out"
        == with_pieces(found.reason)
    )


def test_without_a_group_for_the_call_all_other_groups_must_agree(tmp_path):
    for name in ("ada/9-in.wav", "ada/9-out.wav", "bob/9-in.wav"):
        recording(tmp_path / name)
    pattern = r"(?P<agent>\w+)/(?P<queue>\d)-(?:(?P<side>agent|customer))?"
    assert [Job] * 3 == [type(each) for each in find_jobs([tmp_path], names=pattern)]
    for name in ("ada/7-agent.wav", "ada/7-customer.wav", "bob/7-customer.wav"):
        recording(tmp_path / "two" / name)
    pair, alone = find_jobs([tmp_path / "two"], names=pattern)
    assert isinstance(pair, Job)
    assert ("ada", "7") == (pair.labels.agent, pair.labels.queue)
    assert isinstance(alone, Refusal)
    assert alone.files[0].endswith("bob/7-customer.wav")


def test_a_side_without_the_other_is_refused_at_the_end(tmp_path):
    for name in ("1-agent.wav", "2-customer.wav", "3-agent.wav", "3-customer.wav"):
        recording(tmp_path / name)
    found = list(find_jobs([tmp_path], names=SIDES))
    assert [Job, Refusal, Refusal] == [type(each) for each in found]
    assert (
        "it is the agent's side of a call whose customer's side was not found; add it, or correct the name"
        == with_pieces(found[1].reason)
    )


def test_a_second_file_of_the_same_side_is_refused(tmp_path):
    for name in ("1-agent.wav", "1-customer.wav", "x/1-agent.wav"):
        recording(tmp_path / name)
    pair, third = find_jobs([tmp_path], names=SIDES)
    assert isinstance(pair, Job)
    assert isinstance(third, Refusal)
    assert (
        f"{tmp_path}/1-agent.wav is the agent's side of the same call; correct the pattern or one name"
        in with_pieces(third.reason)
    )


def test_what_the_two_files_say_is_put_together_or_refused(tmp_path):
    recording(tmp_path / "1-agent.wav", agent="Ada")
    recording(tmp_path / "1-customer.wav", queue="sales")
    found = the_job(tmp_path, names=SIDES)
    assert ("Ada", "sales") == (found.labels.agent, found.labels.queue)
    recording(tmp_path / "1-customer.wav", agent="Bob")
    assert (
        "agent is 'Ada' by its sidecar 1-agent.json and 'Bob' by its sidecar 1-customer.json; correct one of them"
        == reason(tmp_path, names=SIDES)
    )


def test_a_side_and_a_channel_in_one_name_contradict(tmp_path):
    recording(tmp_path / "1-agent-left.wav")
    pattern = r"(?P<call>\d)-(?P<side>agent)-(?P<channel>left)"
    assert "its name says a side and a channel, but a file of one side has one channel" in reason(
        tmp_path, names=pattern
    )


# ------------------------------------------------------------------------------------------------------------ sidecars


@pytest.mark.parametrize("name", ["call.json", "call.wav.json"])
def test_a_sidecar_says_roles_and_labels(tmp_path, name):
    recording(tmp_path / "call.wav")
    said = {
        "agent": 4711,
        "team": "sales",
        "queue": None,
        "direction": "OUTBOUND",
        "start": "2026-03-31T14:05:00+02:00",
        "language": "de",
        "layout": "verint",
        "channel": "left",
        "headset": "hion-u800",
    }
    (tmp_path / name).write_text(json.dumps(said), encoding="utf-8-sig")
    found = the_job(tmp_path)
    labels = CallLabels(
        agent="4711", team="sales", direction="outbound", started_at=datetime(2026, 3, 31, 12, 5, tzinfo=UTC)
    )
    assert (labels, "de", "verint", "left", "hion-u800") == (
        found.labels,
        found.language,
        found.layout,
        found.agent,
        found.headset,
    )
    assert CallLabels() == the_job(tmp_path, sidecars=False).labels


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"agent": "Ada"', "its sidecar a.json is no JSON (Expecting ',' delimiter"),
        ('{"agent": "Ada", "agent": "Bob"}', "a key stands in it twice"),
        ('{"agnet": "Ada"}', "its sidecar a.json has the key 'agnet'; did you mean agent?"),
        ('{"Agent": "Ada"}', "did you mean agent?"),
        ('{"agent": ["Ada"]}', "its sidecar a.json holds no text under agent; write it in quotes, or leave it out"),
        ('{"agent": true}', "holds no text under agent"),
        ('{"start": 1774965900}', "holds no text under start"),
        ('{"direction": "sideways"}', "by its sidecar a.json, direction 'sideways' is not known"),
        ("[" * 100_000, "is no JSON"),
        ('{"agent": ' + "9" * 5000 + "}", "is no JSON"),
        ('{"agent": "\\ud800"}', "holds characters that cannot be printed"),
        ("\xff\xfe", "is no JSON"),
    ],
)
def test_a_sidecar_that_is_wrong_costs_only_its_recording(tmp_path, content, expected):
    recording(tmp_path / "a.wav")
    recording(tmp_path / "b.wav")
    (tmp_path / "a.json").write_text(content, encoding="latin-1")
    refused, job = find_jobs([tmp_path])
    assert isinstance(refused, Refusal)
    assert expected in with_pieces(refused.reason)
    refused.reason.encode()
    assert isinstance(job, Job)


@pytest.mark.parametrize(
    "content", ['{"text": "hello", "segments": []}', "[1, 2]", '"agent"', "{}", "7", " " * 1_000_001]
)
def test_the_json_of_another_program_is_passed_over(tmp_path, content):
    recording(tmp_path / "a.wav")
    (tmp_path / "a.json").write_text(content, encoding="utf-8")
    assert CallLabels() == the_job(tmp_path).labels


def test_a_sidecar_that_is_a_link_or_a_folder_is_passed_over(tmp_path):
    recording(tmp_path / "a.wav")
    (tmp_path / "elsewhere.json").write_text('{"agent": "Ada"}', encoding="utf-8")
    (tmp_path / "a.json").symlink_to(tmp_path / "elsewhere.json")
    (tmp_path / "a.wav.json").mkdir()
    assert CallLabels() == the_job(tmp_path).labels


# ------------------------------------------------------------------------------------------------- one against another


@pytest.mark.parametrize(
    ("rules", "sidecar", "expected"),
    [
        (
            {"agent": "left"},
            {"channel": "right"},
            "channel is 'left' by the command line and 'right' by its sidecar a.json; correct one of them",
        ),
        (
            {"agent": "left"},
            {"layout": "amazon-connect"},
            "channel (by the command line) left contradicts layout (by its sidecar a.json) amazon-connect, in which "
            "channel 1 is the agent's",
        ),
        (
            {"names": "(?P<agent>a)"},
            {"agent": "Ada"},
            "agent is 'a' by its name and 'Ada' by its sidecar a.json; correct one of them",
        ),
        (
            {"language": "en"},
            {"language": "de"},
            "language is 'en' by the command line and 'de' by its sidecar a.json; correct one of them",
        ),
    ],
)
def test_what_two_places_say_differently_is_refused_and_both_are_named(tmp_path, rules, sidecar, expected):
    recording(tmp_path / "a.wav", **sidecar)
    assert expected in reason(tmp_path, **rules)


def test_what_two_places_say_alike_is_taken(tmp_path):
    recording(tmp_path / "a.wav", channel="1", layout="amazon-connect", start="2026-03-31T14:05:00+02:00")
    (tmp_path / "a.wav.json").write_text('{"channel": "right", "start": "2026-03-31T12:05:00Z"}', encoding="utf-8")
    assert "right" == the_job(tmp_path, agent="right").agent


# ------------------------------------------------------------------------------------------------------------- growing


class Clock:
    """A time that stands still until it is moved, in seconds after `LONG_AGO`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self) -> int:
        return int((LONG_AGO + self.seconds) * 1e9)


def test_a_recording_that_was_written_to_a_moment_ago_is_deferred_until_it_rests(tmp_path):
    recording(tmp_path / "a.wav", agent="Ada")
    clock = Clock(3)
    (found,) = find_jobs([tmp_path], now=clock)
    assert isinstance(found, Deferral)
    assert "it was written to within the last 10 s; it is judged once it rests for 10 s" == with_pieces(found.reason)
    assert isinstance(looked_again(found, now=clock), Deferral)
    clock.seconds = 10
    job = looked_again(found, now=clock)
    assert isinstance(job, Job)
    assert "Ada" == job.labels.agent
    assert job == the_job(tmp_path, now=clock)


def test_a_recording_that_grew_between_two_looks_is_deferred_again(tmp_path):
    path = recording(tmp_path / "a.wav")
    clock = Clock(3)
    (found,) = find_jobs([tmp_path], now=clock)
    path.write_bytes(b"RIFFmore")
    os.utime(path, (LONG_AGO + 12, LONG_AGO + 12))
    clock.seconds = 14
    again = looked_again(found, now=clock)
    assert isinstance(again, Deferral)
    assert 8 == again.stamps[0].size
    clock.seconds = 22
    assert isinstance(looked_again(again, now=clock), Job)


def test_a_clock_that_is_wrong_defers_no_recording_for_ever(tmp_path):
    recording(tmp_path / "a.wav")
    clock = Clock(-3600)
    (found,) = find_jobs([tmp_path], now=clock)
    assert isinstance(found, Deferral)
    assert "in the future by this machine's clock" in found.reason
    clock.seconds += 9
    again = looked_again(found, now=clock)
    assert isinstance(again, Deferral)
    clock.seconds += 1
    assert isinstance(looked_again(again, now=clock), Job)


def test_a_recording_under_a_name_in_progress_is_judged_under_its_final_name(tmp_path):
    path = recording(tmp_path / "ada.wav.part")
    (found,) = find_jobs([tmp_path], names=r"^(?P<agent>\w+)\.wav$")
    assert isinstance(found, Deferral)
    assert "its name says that it is still being written or fetched" in found.reason
    assert isinstance(looked_again(found), Deferral)
    path.rename(tmp_path / "ada.wav")
    job = looked_again(found)
    assert isinstance(job, Job)
    assert ((str(tmp_path / "ada.wav"),), "ada", 4) == (job.files, job.labels.agent, job.stamps[0].size)
    assert job == the_job(tmp_path, names=r"^(?P<agent>\w+)\.wav$")


def test_a_name_in_progress_beside_the_complete_recording_is_left_out(tmp_path):
    for name in ("a.wav", "a.wav.part"):
        recording(tmp_path / name)
    assert (str(tmp_path / "a.wav"),) == the_job(tmp_path).files


def test_a_deferral_names_a_recording_as_its_job_will(tmp_path):
    """So that a ledger knows them as the same."""
    recording(tmp_path / "a.wav.part")
    (found,) = find_jobs([tmp_path])
    assert isinstance(found, Deferral)
    assert ((str(tmp_path / "a.wav"),), str(tmp_path / "a.wav.part")) == (found.files, found.written_as)


def test_a_side_under_a_name_in_progress_is_joined_with_nothing(tmp_path):
    for name in ("1-agent.wav.part", "1-customer.wav"):
        recording(tmp_path / name)
    in_progress, alone = find_jobs([tmp_path], names=SIDES)
    assert isinstance(in_progress, Deferral)
    assert in_progress.job is None
    assert isinstance(alone, Refusal)
    (tmp_path / "1-agent.wav.part").rename(tmp_path / "1-agent.wav")
    assert 2 == len(the_job(tmp_path, names=SIDES).files)


def test_a_deferred_recording_that_is_gone_is_nothing(tmp_path):
    for name in ("a.wav", "b.wav.tmp"):
        recording(tmp_path / name)
    found = list(find_jobs([tmp_path], now=Clock(1)))
    for path in tmp_path.iterdir():
        path.unlink()
    assert [None, None] == [looked_again(each) for each in found]


def test_a_side_whose_other_side_may_still_come_is_deferred(tmp_path):
    path = recording(tmp_path / "1-agent.wav")
    (found,) = find_jobs([tmp_path], names=SIDES, now=Clock(1))
    assert isinstance(found, Deferral)
    assert "it is the agent's side of a call whose customer's side was not found" == with_pieces(found.reason)
    assert isinstance(looked_again(found, now=Clock(99)), Deferral), "only another search can find the other side"
    path.unlink()
    assert looked_again(found) is None


def test_a_call_of_two_files_rests_when_both_do(tmp_path):
    recording(tmp_path / "1-agent.wav")
    os.utime(recording(tmp_path / "1-customer.wav"), (LONG_AGO + 100, LONG_AGO + 100))
    (found,) = find_jobs([tmp_path], names=SIDES, now=Clock(105))
    assert isinstance(found, Deferral)
    assert 2 == len(found.files)
    assert isinstance(the_job(tmp_path, names=SIDES, now=Clock(110)), Job)
