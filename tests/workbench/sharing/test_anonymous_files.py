"""A call and its flags as files for people outside: whole, readable, and without a name of anybody or anything."""

import base64
import io
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import soundfile

from cxaudio.i18n import LANGUAGES, workbench_texts
from cxaudio.workbench.reading.call_facts import call_facts
from cxaudio.workbench.reading.snapshot import Snapshot
from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.workbench import Options, Workbench
from cxaudio.workbench.sharing.anonymous import anonymous_facts, verdicts_by_flag
from cxaudio.workbench.sharing.call_html import call_html
from cxaudio.workbench.sharing.call_pdf import call_pdf
from cxaudio.workbench.sharing.clip_html import clip_html, clip_span
from cxaudio.workbench.sharing.embedded_sound import embedded_sound, evidence_spans
from cxaudio.workbench.sharing.flag_in_words import evidence_in_words, figure_in_words, flag_name
from support.pdf_text import n_sheets, pdf_text
from support.shared_store import NOTE, REVIEWERS, SharedStore, shared_store, texts_in

NAME = "6RND-K9B8-1JCH"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> SharedStore:
    return shared_store(tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="module")
def workbench(made) -> Iterator[Workbench]:
    with open_workbench(made.path, options=Options()) as workbench:
        workbench.archive.current().keep_in_step(workbench.reviews)
        yield workbench


def facts_of(workbench: Workbench, made: SharedStore, *, verdicts=False, notes=False, day=None):
    snapshot = workbench.archive.current()
    given = None
    if verdicts:
        flags = snapshot.ask("SELECT n, type, rule, side, start_s FROM flags")
        judged = snapshot.ask('SELECT n, reviewer, verdict, note FROM judged_open ORDER BY "at"')
        given = verdicts_by_flag(flags, judged, notes=notes)
    facts = call_facts(made.path, snapshot, made.call_id).facts
    return anonymous_facts(facts, name=NAME, day=day, verdicts=given)


@contextmanager
def sound_of(workbench: Workbench, made: SharedStore):
    row = workbench.archive.current().call(made.call_id)
    with workbench.recordings.opened(row) as call:
        yield call.sound


def decoded(content: bytes) -> np.ndarray:
    samples, _ = soundfile.read(io.BytesIO(content), dtype="int16", always_2d=True)
    return samples


def played(page: bytes) -> np.ndarray:
    """Return the sound that a page holds."""
    (content,) = re.findall(rb'"data:audio/flac;base64,([^"]+)"', page)
    return decoded(base64.b64decode(content, validate=True))


def page_of(facts, **options) -> bytes:
    return b"".join(call_html(facts, **options))


def secrets_in(text: str, made: SharedStore) -> list[str]:
    return [secret for secret in made.secrets if secret.casefold() in text.casefold()]


def test_the_stored_page_holds_the_names_that_are_looked_for(made):
    """Else the tests below would find nothing wherever they look."""
    page = texts_in((made.path / "pages" / made.call_id[:2] / f"{made.call_id}.html").read_bytes())
    assert {made.sound_id, "99887766", "Acme"} <= set(secrets_in(page, made))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shared_page_holds_no_name_of_anybody_or_anything(made, workbench, language):
    facts = facts_of(workbench, made, verdicts=True, day=date(2026, 3, 4))
    with sound_of(workbench, made) as sound:
        content = page_of(facts, sound=embedded_sound(sound), language=language)
    assert [] == secrets_in(texts_in(content), made)
    assert [] == [name for name in REVIEWERS if name in texts_in(content)]
    assert NAME in content.decode()


def test_a_shared_page_holds_the_same_flags_as_the_stored_one(made, workbench):
    stored = call_facts(made.path, workbench.archive.current(), made.call_id).facts
    content = page_of(facts_of(workbench, made)).decode()
    start = content.index('id="facts">') + len('id="facts">')
    shared = json.loads(content[start : content.index("</script>", start)])
    for part in ("flags", "overlaps", "speech", "turns", "rates", "levels", "head", "duration", "whole_call"):
        assert stored[part] == shared[part], part


def test_the_day_of_a_call_is_shared_only_where_asked_and_never_the_time(made, workbench):
    assert "2026-03-04" not in page_of(facts_of(workbench, made)).decode()
    dated = page_of(facts_of(workbench, made, day=date(2026, 3, 4))).decode()
    assert "2026-03-04" in dated
    assert "10:11" not in dated


def test_verdicts_are_counted_without_names_and_notes_come_only_where_asked(made, workbench):
    first = facts_of(workbench, made, verdicts=True)["flags"][0]
    assert ([["right", 2]], []) == (first["verdicts"], first["notes"])
    second = facts_of(workbench, made, verdicts=True, notes=True)["flags"][1]
    assert ([["right", 1], ["wrong", 1]], [NOTE]) == (second["verdicts"], second["notes"])


def test_of_one_reviewer_the_newest_verdict_counts():
    flag = {"n": 3, "type": "flag", "rule": "rushing", "side": "agent", "start_s": 1.0}
    judged = [{"n": 3, "reviewer": "a", "verdict": verdict, "note": None} for verdict in ("right", "wrong")]
    (found,) = verdicts_by_flag([flag], judged).values()
    assert ["wrong"] == [each.decision for each in found]


def test_the_whole_sound_comes_without_loss_and_without_tags(made, workbench):
    expected, rate = soundfile.read(made.recording, dtype="int16", always_2d=True)
    with sound_of(workbench, made) as sound:
        content = bytes(embedded_sound(sound))
    assert 8000 == rate
    np.testing.assert_array_equal(expected, decoded(content))
    assert [] == secrets_in(content.decode("latin-1"), made)


def test_a_page_that_is_sent_in_pieces_holds_the_whole_sound(made, workbench, monkeypatch):
    monkeypatch.setattr("cxaudio.workbench.sharing.call_html._BYTES_AT_ONCE", 3000)
    expected, _ = soundfile.read(made.recording, dtype="int16", always_2d=True)
    facts = facts_of(workbench, made, verdicts=True, notes=True)
    facts["flags"][0]["notes"] = ['"sources":["data:audio/flac;base64,']
    with sound_of(workbench, made) as sound:
        np.testing.assert_array_equal(expected, played(page_of(facts, sound=embedded_sound(sound))))


def test_sound_of_the_flags_alone_is_silent_between_them(made, workbench):
    whole, rate = soundfile.read(made.recording, dtype="int16", always_2d=True)
    spans = evidence_spans([(40.0, 42.0), (100.0, None)], duration_s=len(whole) / rate)
    with sound_of(workbench, made) as sound:
        found = decoded(bytes(embedded_sound(sound, only=spans)))
    assert whole.shape == found.shape
    inside = slice(int(38 * rate), int(44 * rate))
    np.testing.assert_array_equal(whole[inside], found[inside])
    assert whole[int(60 * rate) : int(90 * rate)].any()
    assert not found[int(45.1 * rate) : int(97 * rate)].any()
    assert not found[: int(36.9 * rate)].any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clip_holds_its_stretch_and_no_name(made, workbench, language):
    facts = facts_of(workbench, made, verdicts=True)
    words = workbench_texts(language)
    whole, rate = soundfile.read(made.recording, dtype="int16", always_2d=True)
    flag = facts["flags"][0]
    with sound_of(workbench, made) as sound:
        content = clip_html(facts, flag, sound=sound, language=language)
    assert [] == secrets_in(texts_in(content), made)
    text = content.decode()
    assert words[f"rule_meaning.{flag['rule']}"] in text.replace("&#39;", "'")
    assert f"{words['verdict.right']} ×2" in text
    span = clip_span(flag, duration_s=facts["duration"])
    start, stop = round(span.start_s * rate), round(span.end_s * rate)
    found = played(content)
    assert stop - start == len(found)
    faded = round(0.01 * rate)
    np.testing.assert_array_equal(whole[start + faded : stop - faded], found[faded:-faded])


def test_a_clip_of_ten_seconds_has_a_few_hundred_kilobytes(made, workbench):
    facts = facts_of(workbench, made)
    shortest = min(facts["flags"], key=lambda flag: (flag["end"] or 1e9) - flag["start"])
    with sound_of(workbench, made) as sound:
        content = clip_html(facts, shortest, sound=sound)
    assert 20_000 < len(content) < 700_000


def test_a_clip_of_a_very_long_flag_has_its_beginning():
    span = clip_span({"start": 100.0, "end": None}, duration_s=3600.0)
    assert (97.0, 120.0) == (span.start_s, span.end_s - span.start_s)


def test_the_same_call_gives_the_same_bytes(made, workbench):
    facts = facts_of(workbench, made, verdicts=True)
    with sound_of(workbench, made) as sound:
        for make in (
            lambda: page_of(facts, sound=embedded_sound(sound)),
            lambda: call_pdf(facts, language="zh-Hant", verdicts=True),
            lambda: clip_html(facts, facts["flags"][0], sound=sound),
        ):
            assert make() == make()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_has_the_sentence_the_figures_and_the_flags_and_no_name(made, workbench, language):
    facts = facts_of(workbench, made, verdicts=True)
    words = workbench_texts(language)
    content = call_pdf(facts, language=language, verdicts=True)
    text = pdf_text(content)
    squeezed = "".join(text.split())

    def plain(expected: str) -> str:
        return (
            expected.replace("\N{NO-BREAK SPACE}", "").replace("\N{MINUS SIGN}", "–").replace("\n", "").replace(" ", "")
        )

    assert plain(facts["head"][language]["sentence"]) in squeezed
    for figure in facts["head"][language]["figures"]:
        assert plain(figure["label"]) in squeezed
        assert plain(figure["value"]) in squeezed
    for flag in facts["flags"]:
        assert plain(words[f"rule.{flag['rule']}"]) in squeezed
    assert NAME in text
    assert plain(words["verdict.right"]) in squeezed
    assert [] == secrets_in(text + content.decode("latin-1"), made)


def test_a_pdf_without_verdicts_does_not_speak_of_any(made, workbench):
    text = pdf_text(call_pdf(facts_of(workbench, made)))
    assert workbench_texts("en")["column.verdict"] not in text


@pytest.mark.parametrize(("n", "expected"), [(0, 1), (3, 1), (12, 2), (400, 2)])
def test_a_pdf_has_two_sheets_at_most_and_says_how_many_flags_it_leaves_out(made, workbench, n, expected):
    facts = facts_of(workbench, made)
    flag = facts["flags"][0]
    severities = ("note", "flag", "severe")
    facts["flags"] = [{**flag, "start": 0.4 * k, "end": 0.4 * k + 1, "severity": severities[k % 3]} for k in range(n)]
    facts["whole_call"] = {**facts["whole_call"], "flags": []}
    content = call_pdf(facts)
    assert expected == n_sheets(content)
    text = pdf_text(content)
    left_out = re.search(r"^(\d+) of 400 flags are left out", text, re.MULTILINE)
    assert (n == 400) == (left_out is not None)
    if left_out is not None:
        drawn = text.splitlines()
        n_drawn = sum(drawn.count(word) for word in severities) - 3  # those of the legend
        assert 400 - int(left_out[1]) == n_drawn
        assert 20 < n_drawn == drawn.count("severe") - 1


def test_the_rows_of_a_pdf_stay_above_its_foot(made, workbench):
    """The table is drawn within two sheets: no row is drawn on a sheet that is not there."""
    facts = facts_of(workbench, made, verdicts=True, notes=True)
    for flag in facts["flags"]:
        flag["notes"] = ["看 " + "long note " * 30] * 3
    assert 2 >= n_sheets(call_pdf(facts, verdicts=True))


def test_without_reportlab_it_is_said_how_to_get_it(made, workbench, monkeypatch):
    import sys

    from cxaudio.errors import UsageError

    for name in ("reportlab.pdfbase.cidfonts", "reportlab.pdfbase", "reportlab"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=re.escape("pip install 'cxaudio[workbench]'")):
        call_pdf(facts_of(workbench, made))


def test_a_call_without_a_page_is_shared_from_its_rows(tmp_path):
    made = shared_store(tmp_path, page=False)
    snapshot = Snapshot.of_store(made.path)
    facts = anonymous_facts(call_facts(made.path, snapshot, made.call_id).facts, name=NAME, from_rows=True)
    content = page_of(facts)
    assert [] == secrets_in(texts_in(content), made)
    said = workbench_texts("en")["page.from_rows"]
    assert said in content.decode().partition("<script")[0]
    assert said in pdf_text(call_pdf(facts))


def test_a_call_with_a_page_is_not_said_to_be_made_from_rows(made, workbench):
    said = workbench_texts("en")["page.from_rows"]
    assert said not in page_of(facts_of(workbench, made)).decode().partition("<script")[0]
    assert said not in pdf_text(call_pdf(facts_of(workbench, made)))


def open_offline(page, folder: Path, content: bytes) -> list[str]:
    """Open a file as somebody does who received it, and return what goes wrong, and what it asks a network for."""
    (folder / "received.html").write_bytes(content)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: faults.append(asked.url) if asked.url.split(":")[0] in ("http", "https") else None)
    page.goto((folder / "received.html").as_uri())
    page.wait_for_load_state("networkidle")
    return faults


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine; install the system's chromium"
)
UNTIL_PLAYED = """() => new Promise((done) => {
  const sound = document.querySelector("audio");
  const look = () => sound.currentTime > 0.2 && done();
  sound.addEventListener("timeupdate", look);
  look();
})"""


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@needs_chromium
@pytest.mark.browser
def test_a_shared_page_opens_from_a_disk_and_plays(made, workbench, browser, tmp_path):
    facts = facts_of(workbench, made, verdicts=True, notes=True)
    with sound_of(workbench, made) as sound:
        content = page_of(facts, sound=embedded_sound(sound))
    page = browser.new_page(viewport={"width": 800, "height": 900})
    assert [] == open_offline(page, tmp_path, content)
    page.click("#play")
    page.evaluate(UNTIL_PLAYED)
    assert "right ×2" in page.inner_text("#panel-flags")
    assert NOTE in page.inner_text("#panel-flags")
    page.click("[data-set-language='zh-Hans']")
    assert f"{workbench_texts('zh-Hans')['verdict.right']} ×2" in page.inner_text("#panel-flags")
    page.close()


@needs_chromium
@pytest.mark.browser
def test_flags_are_in_the_same_words_on_a_page_and_in_python(made, workbench, browser, tmp_path):
    """The words of the clip and of the PDF are made here, those of the page by its script."""
    facts = facts_of(workbench, made)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    assert [] == open_offline(page, tmp_path, page_of(facts))
    for language in LANGUAGES:
        words = workbench_texts(language)
        page.click(f"[data-set-language='{language}']")
        cells = "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
        rows = page.eval_on_selector_all("#panel-flags tbody tr", cells)
        assert len(facts["flags"]) <= len(rows)
        for flag, row in zip(facts["flags"], rows, strict=False):
            evidence = [f"{name} {value}" for name, value in evidence_in_words(flag["evidence"], words)]
            limits = [figure_in_words(flag[name], flag["unit"], words) for name in ("measured", "limit")]
            assert [flag_name(flag, words), *limits] == [row[2], *row[4:6]]
            assert "".join("".join(evidence).split()) == "".join(row[7].split())
    page.close()


@needs_chromium
@pytest.mark.browser
def test_a_page_made_from_rows_opens_without_a_fault(browser, tmp_path):
    made = shared_store(tmp_path, page=False)
    facts = anonymous_facts(call_facts(made.path, Snapshot.of_store(made.path), made.call_id).facts, name=NAME)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    assert [] == open_offline(page, tmp_path, page_of(facts))
    assert page.is_visible("#drawing")
    page.close()


@needs_chromium
@pytest.mark.browser
def test_a_clip_opens_from_a_disk_and_plays_where_it_is_clicked(made, workbench, browser, tmp_path):
    facts = facts_of(workbench, made)
    with sound_of(workbench, made) as sound:
        content = clip_html(facts, facts["flags"][0], sound=sound)
    page = browser.new_page(viewport={"width": 800, "height": 900})
    assert [] == open_offline(page, tmp_path, content)
    page.keyboard.press(" ")
    page.evaluate(UNTIL_PLAYED)
    page.keyboard.press(" ")
    assert page.evaluate("document.getElementById('sound').paused")
    box = page.locator("#strip").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    length = page.evaluate("document.getElementById('sound').duration")
    assert abs(page.evaluate("document.getElementById('sound').currentTime") - length / 2) < 0.5
    page.close()
