"""The sound of a call over HTTP: ranges, clips, peaks, refusals; and nothing of it on disk."""

import base64
import io
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.visitor import Visitor
from cxaudio.workbench.serving.workbench import Options
from support.sound_store import store_with
from support.workbench_server import Client, served
from support.written_sound import FORMATS, two_voices, write_sound


@contextmanager
def workbench(store: Path, extra: tuple[Path, ...] = ()) -> Iterator[Client]:
    with open_workbench(store, options=Options(), recordings=extra) as opened, served(opened) as server:
        yield server.client("anna")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], np.ndarray]:
    """Return a store with one call of 40 s, its row, and its sound."""
    folder = tmp_path_factory.mktemp("sound")
    x = two_voices(40.0)
    write_sound(folder / "calls" / "a.wav", x, form="WAV", codec="PCM_16")
    row = store_with(folder / "store", [folder / "calls" / "a.wav"], agent="right")
    return folder / "store", row, np.rint(x[:, ::-1] * 2.0**15).astype(np.int16)


@pytest.fixture(scope="module")
def client(made: tuple[Path, dict[str, Any], np.ndarray]) -> Iterator[Client]:
    with workbench(made[0]) as asked:
        yield asked


def path_of(made: tuple[Path, dict[str, Any], np.ndarray], name: str) -> str:
    return f"/calls/{made[1]['call_id']}/{name}"


def samples(content: bytes) -> np.ndarray:
    return soundfile.read(io.BytesIO(content), dtype="int16", always_2d=True)[0]


def test_without_a_range_the_whole_call_comes_with_its_length(made, client):
    answer = client.get(path_of(made, "sound.wav"))
    assert (200, "audio/wav", "bytes") == (
        answer.status,
        answer.headers["content-type"],
        answer.headers["accept-ranges"],
    )
    assert str(44 + made[2].nbytes) == answer.headers["content-length"]
    np.testing.assert_allclose(samples(answer.body), made[2], atol=1)


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-43", 0, 44),
        ("bytes=40-1039", 40, 1040),
        ("bytes=600001-600100", 600_001, 600_101),
        ("bytes=-500", -500, None),
        ("bytes=1279944-", -100, None),
        ("bytes=1279944-99999999", -100, None),
        ("bytes=0-", 0, 1 << 20),
    ],
)
def test_a_range_is_that_part_of_the_whole_and_no_more_than_1_mib(asked, start, stop, made, client):
    whole = client.get(path_of(made, "sound.wav")).body
    answer = client.get(path_of(made, "sound.wav"), range=asked)
    expected = whole[start:stop]
    first = start % len(whole)
    assert 206 == answer.status
    assert f"bytes {first}-{first + len(expected) - 1}/{len(whole)}" == answer.headers["content-range"]
    assert expected == answer.body


@pytest.mark.parametrize("asked", ["bytes=1280044-", "bytes=99999999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused_with_the_length(asked, made, client):
    answer = client.get(path_of(made, "sound.wav"), range=asked)
    assert (416, "bytes */1280044", b"") == (answer.status, answer.headers["content-range"], answer.body)


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=5-1", "frames=0-1", "bytes=a-b", "bytes=" + "9" * 5000 + "-"]
)
def test_several_ranges_and_what_is_none_give_the_whole(asked, made, client):
    assert 200 == client.get(path_of(made, "sound.wav"), range=asked).status


def test_a_range_of_another_version_gives_the_whole(made, client):
    tag = client.get(path_of(made, "sound.wav"), range="bytes=0-9").headers["etag"]
    same = client.get(path_of(made, "sound.wav"), range="bytes=0-9", if_range=tag)
    other = client.get(path_of(made, "sound.wav"), range="bytes=0-9", if_range='"other"')
    assert (206, 200) == (same.status, other.status)


def test_the_tag_changes_with_the_file(tmp_path):
    path = write_sound(tmp_path / "calls" / "a.wav", two_voices(2.0), form="WAV", codec="PCM_16")
    row = store_with(tmp_path / "store", [path], agent="left")
    address = f"/calls/{row['call_id']}/sound.wav"
    with workbench(tmp_path / "store") as client:
        before = client.get(address)
        os.utime(path, ns=(1, 1))
        after = client.get(address)
    assert before.body == after.body
    assert before.headers["etag"] != after.headers["etag"]


def test_a_head_says_the_length_and_sends_nothing(made, client):
    answer = client.ask("HEAD", path_of(made, "sound.wav"), None, {"sec-fetch-site": "same-origin"})
    assert (200, "1280044", b"") == (answer.status, answer.headers["content-length"], answer.body)


def test_no_browser_may_keep_the_sound_on_its_disk(made, client):
    for name in ("sound.wav", "clip.wav?from_s=1&to_s=2", "peaks.json"):
        assert "no-store" == client.get(path_of(made, name)).headers["cache-control"]


def test_a_clip_is_cut_at_exact_samples_and_faded_for_10_ms(made, client):
    answer = client.get(path_of(made, "clip.wav?from_s=10.5&to_s=12&margin_s=3"))
    expected = made[2][60_000:120_000]
    actual = samples(answer.body)
    assert expected.shape == actual.shape
    np.testing.assert_allclose(actual[80:-80], expected[80:-80], atol=1)
    assert (0, 0) == (np.abs(actual[0]).max(), np.abs(actual[-1]).max())
    np.testing.assert_allclose(actual[40], expected[40] / 2, atol=1)


def test_a_clip_at_the_ends_is_clamped_to_the_call(made, client):
    first = samples(client.get(path_of(made, "clip.wav?from_s=1&to_s=2&margin_s=3")).body)
    last = samples(client.get(path_of(made, "clip.wav?from_s=39&to_s=41&margin_s=3")).body)
    assert (5 * 8_000, 4 * 8_000) == (len(first), len(last))


def test_a_clip_of_one_side_has_one_channel(made, client):
    for column, heard in enumerate(("agent", "customer")):
        actual = samples(client.get(path_of(made, f"clip.wav?from_s=8&to_s=9&heard={heard}")).body)
        assert (8_000, 1) == actual.shape
        np.testing.assert_allclose(actual[80:-80, 0], made[2][64_080:71_920, column], atol=1)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from_s=50&to_s=60", "outside of the call, which has 40.000 s"),
        ("from_s=5&to_s=4", "is no part of a call"),
        ("from_s=5", "to_s= must be seconds"),
        ("from_s=nan&to_s=inf", "from_s=nan must be seconds"),
        ("from_s=1&to_s=2&heard=me", "use both, agent or customer"),
    ],
)
def test_a_clip_that_cannot_be_is_one_sentence(query, sentence, made, client):
    answer = client.get(path_of(made, f"clip.wav?{query}"), accept="*/*")
    assert 400 == answer.status
    assert sentence in answer.json["error"]


def test_a_clip_is_two_minutes_at_most(tmp_path):
    path = write_sound(tmp_path / "calls" / "a.wav", two_voices(130.0), form="WAV", codec="PCM_16")
    row = store_with(tmp_path / "store", [path], agent="left")
    with workbench(tmp_path / "store") as client:
        answer = client.get(f"/calls/{row['call_id']}/clip.wav?from_s=0&to_s=121", accept="*/*")
        longest = client.get(f"/calls/{row['call_id']}/clip.wav?from_s=0&to_s=120", accept="*/*")
    assert (400, 200) == (answer.status, longest.status)
    assert "longer than 120 s" in answer.json["error"]


def drawn(packed: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    low, high = (np.frombuffer(base64.b64decode(packed[name]), np.int8) for name in ("low", "high"))
    return low * packed["peak"] / 127, high * packed["peak"] / 127


@pytest.mark.parametrize(
    "query", ["n=800", "n=400&from_s=10&to_s=30", "n=1000&from_s=12&to_s=14.5", "n=100&from_s=39.95"]
)
def test_peaks_enclose_the_sound_of_both_sides(query, made, client):
    answer = client.get(path_of(made, f"peaks.json?{query}")).json
    for column, side in enumerate(("agent", "customer")):
        low, high = drawn(answer["sides"][side])
        n, from_s, to_s = answer["n"], answer["from_s"], answer["to_s"]
        x = made[2][:, column] / 2.0**15
        for part in (0, n // 3, n // 2, n - 1):
            edges = [round((from_s + (to_s - from_s) * (part + k) / n) * 8_000) for k in (0, 1)]
            inside = x[edges[0] : max(edges[1], edges[0] + 1)]
            step = answer["sides"][side]["peak"] / 127
            assert low[part] <= inside.min() + 1e-9
            assert high[part] >= inside.max() - 1e-9
            around = x[max(edges[0] - 80, 0) : edges[1] + 80]
            assert low[part] >= around.min() - step
            assert high[part] <= around.max() + step


def test_peaks_say_whether_it_is_still_the_sound_that_was_judged(made, client, tmp_path):
    assert client.get(path_of(made, "peaks.json?n=10")).json["changed"] is False
    path = write_sound(tmp_path / "calls" / "a.wav", two_voices(4.0), form="WAV", codec="PCM_16")
    row = store_with(tmp_path / "store", [path], agent="left")
    with workbench(tmp_path / "store") as other:
        write_sound(path, two_voices(4.0, seed=9), form="WAV", codec="PCM_16")
        answer = other.get(f"/calls/{row['call_id']}/peaks.json?n=10").json
    assert answer["changed"] is True
    assert "no longer the one that was judged" in answer["warning"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_recording_of_any_format_is_recognised_as_the_one_that_was_judged(name, tmp_path):
    form, codec, channels = FORMATS[name]
    path = write_sound(tmp_path / "calls" / name, two_voices(4.0)[:, :channels], form=form, codec=codec)
    row = store_with(tmp_path / "store", [path], **({"agent": "left"} if channels == 2 else {}))
    with workbench(tmp_path / "store") as client:
        client.get(f"/calls/{row['call_id']}/sound.wav", range="bytes=40000-")
        answer = client.get(f"/calls/{row['call_id']}/peaks.json?n=10").json
    assert (False, None, channels == 2) == (answer["changed"], answer["warning"], answer["two_sided"])


def test_a_call_that_is_to_be_judged_again_with_other_roles_says_so(tmp_path):
    from dataclasses import replace

    from cxaudio.archive.store.folder import Store

    path = write_sound(tmp_path / "calls" / "a.wav", two_voices(4.0), form="WAV", codec="PCM_16")
    row = store_with(tmp_path / "store", [path], agent="left")
    with Store.open(tmp_path / "store") as store:
        job, is_current = store.ledger.job_of(row["call_id"])
        assert is_current
        store.ledger.add([replace(job, agent="right")])
    with workbench(tmp_path / "store") as client:
        answer = client.get(f"/calls/{row['call_id']}/peaks.json?n=10").json
    assert "its roles or its labels have changed" in answer["warning"]


def test_eight_threads_get_the_same_sound_as_one(made, client):
    whole = client.get(path_of(made, "sound.wav")).body
    rng = np.random.default_rng(4)
    starts = rng.integers(0, len(whole) - 1, 48).tolist()

    def part(start: int) -> bool:
        answer = client.get(path_of(made, "sound.wav"), range=f"bytes={start}-{start + 50_000}")
        peaks = client.get(path_of(made, "peaks.json?n=50"))
        return answer.body == whole[start : start + 50_001] and peaks.status == 200

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(part, starts))


def test_a_call_that_nobody_knows_is_not_there(client):
    assert 404 == client.get(f"/calls/{'0' * 64}/sound.wav", accept="*/*").status
    assert 404 == client.get("/calls/..%2f..%2fetc%2fpasswd/sound.wav", accept="*/*").status


def test_a_moved_recording_is_one_sentence_and_is_found_below_another_folder(tmp_path):
    path = write_sound(tmp_path / "calls" / "2026" / "a.wav", two_voices(2.0), form="WAV", codec="PCM_16")
    row = store_with(tmp_path / "store", [path], agent="left", places=[tmp_path / "calls"])
    (tmp_path / "calls").rename(tmp_path / "moved")
    address = f"/calls/{row['call_id']}/sound.wav"
    with workbench(tmp_path / "store") as client:
        answer = client.get(address)
    assert (404, "moved") == (answer.status, answer.json["reason"])
    assert "--recordings FOLDER" in answer.json["error"]
    assert str(tmp_path) not in answer.text
    for folder in ("moved", "moved/2026"):
        with workbench(tmp_path / "store", (tmp_path / folder,)) as client:
            assert 200 == client.get(address).status


def test_playing_writes_nothing_below_any_folder(tmp_path, monkeypatch):
    """No file is opened for writing from the first request to the last, but those of the store's reviews."""
    path = write_sound(tmp_path / "calls" / "a.ogg", two_voices(20.0), form="OGG", codec="VORBIS")
    row = store_with(tmp_path / "store", [path], agent="left")
    written = []

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and recording[0]:
            name, _, flags = arguments
            if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                written.append(str(name))

    import sys

    recording = [False]
    sys.addaudithook(note)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    before = {each for each in tmp_path.rglob("*")}
    with workbench(tmp_path / "store") as client:
        recording[0] = True
        for name in ("sound.wav", "clip.wav?from_s=1&to_s=9", "peaks.json"):
            assert 200 == client.get(f"/calls/{row['call_id']}/{name}").status
        recording[0] = False
    after = {each for each in tmp_path.rglob("*")}
    assert [] == written
    assert [] == [each for each in after - before if not each.name.startswith("reviews.sqlite")]
    assert stat.S_ISREG(path.stat().st_mode)


def test_agents_hear_their_own_calls_and_no_others(made):
    visitors = (Visitor(name="ada", own_agent="word", may_write=False), Visitor(name="ben", own_agent="Ben"))
    with open_workbench(made[0], options=Options()) as opened, served(opened, *visitors) as server:
        ada, ben = server.client("ada"), server.client("ben")
        for name in ("sound.wav", "clip.wav?from_s=1&to_s=2", "peaks.json"):
            statuses = [each.get(path_of(made, name), range="bytes=0-9").status for each in (ada, ben)]
            assert [206 if name == "sound.wav" else 200, 404] == statuses
