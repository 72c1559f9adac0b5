"""Reviewers at work in real browsers: fifty flags by keys, a killed server, two people at once; nothing is lost."""

import csv
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.store.layout import Layout
from support.flagged_store import MadeFlag
from support.reviewed_store import ServeProcess, reviewed_store, serving, start_serving

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser; pip install playwright")
accessibility = pytest.importorskip("support.accessibility", reason="axe-core; pip install axe-playwright-python")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the system's chromium"),
]

N_CALLS, N_FLAGS = 10, 5
KEYS = {"r": "right", "w": "wrong", "e": "excused", "u": "unsure"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--mute-audio", "--autoplay-policy=no-user-gesture-required"]
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A store of ten calls with five flags each."""
    store = tmp_path_factory.mktemp("review") / "store"
    rules = ("rushing", "dead_air", "left_waiting", "monologue", "talking_over")
    calls = [[MadeFlag(rule=rule, severity="severe" if k < call else "flag") for k, rule in enumerate(rules)]
             for call in range(N_CALLS)]  # fmt: skip
    return store, reviewed_store(store, calls)


@pytest.fixture
def store(made) -> Path:
    """The store without verdicts."""
    for file in made[0].glob("reviews.sqlite*"):
        file.unlink()
    return made[0]


@pytest.fixture
def served(store) -> Iterator[ServeProcess]:
    with serving(store, "anna", "bernd") as running:
        yield running


class Reviewer:
    """Somebody at a browser, who has no mouse."""

    def __init__(self, browser: Any, name: str, running: ServeProcess, **options: Any) -> None:
        self.name = name
        self.context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
        self.base = f"http://127.0.0.1:{running.port}"
        self.faults: list[str] = []
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda line: self.faults.append(line.text) if "Security Policy" in line.text else None)
        self.come_in(running, self.page)

    def come_in(self, running: ServeProcess, page: Any) -> None:
        """Open the link that the server printed."""
        page.goto(running.links[self.name])
        page.wait_for_url("**/overview")

    def open(self, call: str, query: str = "") -> None:
        self.page.goto(f"{self.base}/calls/{call}{query}")
        self.wait_for("!!document.querySelector('.chosen')")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def wait_for(self, condition: str) -> None:
        """Wait for a condition of the page; playwright's own waiting would need eval, which the page forbids."""
        for _ in range(1_500):
            try:
                if self.page.evaluate(condition):
                    return
            except sync_api.Error as error:  # the page is just being exchanged for the next
                if "context was destroyed" not in str(error) and "navigation" not in str(error):
                    raise
            self.page.wait_for_timeout(20)
        raise AssertionError(f"never came true: {condition}; the page shows {self.page.inner_text('main')[:600]}")

    @property
    def chosen(self) -> tuple[str, str]:
        """The call and the number of the flag that is open."""
        return tuple(self.page.evaluate(CHOSEN))

    @property
    def saving(self) -> str:
        return self.page.evaluate("document.getElementById('saving').dataset.state")

    def decisions(self) -> list[str | None]:
        """The verdicts in the list."""
        return self.page.evaluate(
            "[...document.querySelectorAll('#flag-list > li')].map((li) => li.dataset.decision ?? null)"
        )

    def judge(self, key: str) -> None:
        """Press the key of a verdict, and wait until the next flag is open."""
        before = written(self.chosen)
        self.press(key)
        self.wait_for(f"document.querySelector('.chosen') && JSON.stringify({CHOSEN}) !== {before}")

    def wait_for_flag(self, flag: tuple[str, str]) -> None:
        self.wait_for(f"JSON.stringify({CHOSEN}) === {written(flag)}")


CHOSEN = "[location.pathname, document.querySelector('.chosen')?.dataset.n]"


def written(flag: tuple[str, str]) -> str:
    """Return a flag as JavaScript writes `CHOSEN` as JSON, in quotes."""
    return json.dumps(json.dumps(flag, separators=(",", ":")))


@pytest.fixture
def reviewer(browser) -> Iterator[Any]:
    opened: list[Reviewer] = []

    def make(name: str, running: ServeProcess, **options: Any) -> Reviewer:
        opened.append(Reviewer(browser, name, running, **options))
        return opened[-1]

    yield make
    for each in opened:
        each.context.close()
        assert [] == each.faults


def stored(store: Path) -> Counter[tuple[str, str, float | None, str]]:
    """How often each verdict is in the database: who, call, start, decision."""
    with Reviews(Layout(store).reviews, read_only=True) as reviews:
        return Counter(
            (each.verdict.reviewer, each.verdict.call_id, each.verdict.start_s, each.verdict.decision)
            for each in reviews.since(0)
        )


def exported(person: Reviewer) -> list[dict[str, str]]:
    """Go to the exports by keys, and take the table of verdicts as CSV."""
    person.press("g", "x")
    person.wait_for("location.pathname === '/exports' && document.readyState === 'complete'")
    number = person.page.evaluate(
        "[...document.querySelectorAll('.exports form')].findIndex((form) => form.dataset.table === 'verdicts')"
    )
    with person.page.expect_download() as download:
        person.press(str(number + 1), "Enter")
    return list(csv.DictReader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))


def test_two_reviewers_judge_fifty_flags_each_by_keys_and_a_killed_server_loses_none(store, made, reviewer):
    """From the list to the export without a mouse; each verdict is in the database once, under its reviewer's name."""
    running = start_serving(store, "anna", "bernd")
    try:
        people = [reviewer("anna", running), reviewer("bernd", running)]
        for person in people:
            person.press("g", "c")  # to the list
            person.wait_for("location.pathname === '/calls' && document.readyState === 'complete'")
            person.press("j", "Enter")  # the first call of it
            person.wait_for("!!document.querySelector('.chosen')")
        expected: Counter[Any] = Counter()
        keys = list(KEYS)
        for number in range(N_CALLS * N_FLAGS):
            for k, person in enumerate(people):
                key = keys[(number + k) % 4]
                path, n = person.chosen
                expected[person.name, path.rpartition("/")[2], 10.0 * int(n), KEYS[key]] += 1
                if number == N_CALLS * N_FLAGS - 1:
                    person.press(key)
                else:
                    person.judge(key)
            if number == 21:  # two flags of the fifth call are judged, the next ones while the server is gone
                running.kill()
            if number == 23:
                assert ["unreachable", "unreachable"] == [person.saving for person in people]
                assert re.fullmatch(r"[23] wait: the server does not answer", people[0].page.inner_text("#saving"))
                running = start_serving(store, "anna", "bernd", port=running.port)
                for person in people:
                    other = person.context.new_page()
                    person.come_in(running, other)
                    other.close()
                    person.page.bring_to_front()
                    person.wait_for("document.getElementById('saving').dataset.state === 'saved'")
        for person in people:
            person.wait_for("/Every flag of this list is judged/.test(document.getElementById('messages').textContent)")
            person.wait_for("document.getElementById('saving').dataset.state === 'saved'")
        assert N_FLAGS * N_CALLS == Counter(row["reviewer"] for row in exported(people[0]))["anna"]
        assert expected == stored(store)
        assert {1} == set(expected.values())
        assert {"anna": 50, "bernd": 50} == Counter(name for name, *_ in expected)
    finally:
        running.kill()


def test_a_verdict_of_another_reviewer_is_shown_within_seconds(served, made, reviewer):
    anna, bernd = reviewer("anna", served), reviewer("bernd", served)
    for person in (anna, bernd):
        person.open(made[1][0])
    anna.press("a")  # do not go on by itself
    anna.press("w", "n")
    anna.page.keyboard.type("not rushed at all")
    anna.press("Control+Enter")
    bernd.wait_for("!!document.querySelector('.others-list')")
    assert "not rushed at all" in bernd.page.inner_text(".others-list")
    bernd.press("r")
    anna.wait_for("!!document.querySelector('.chosen .others .right')")
    assert "wrong" == anna.decisions()[0]


def test_undo_goes_back_over_twelve_verdicts_and_over_calls(store, served, made, reviewer):
    anna = reviewer("anna", served)
    anna.open(made[1][0])
    judged = []
    for _ in range(12):
        judged.append(anna.chosen)
        anna.judge("r")
    for path, n in reversed(judged):
        anna.press("z")
        anna.wait_for_flag((path, n))
        anna.wait_for("document.querySelector('.chosen').dataset.decision === undefined")
    assert [None] * N_FLAGS == anna.decisions()
    anna.press("z")
    anna.wait_for("/nothing to take back/.test(document.getElementById('messages').textContent)")
    assert {"right": 12, "withdrawn": 12} == Counter(decision for *_, decision in stored(store).elements())


def test_a_note_is_kept_until_the_verdict_and_keys_are_dead_while_it_is_written(store, served, made, reviewer):
    anna = reviewer("anna", served)
    anna.open(made[1][0])
    anna.press("n")
    anna.page.keyboard.type("r w e u z j 1 2 d")
    assert [None] * N_FLAGS == anna.decisions()
    anna.press("Escape")
    anna.page.reload()
    anna.wait_for("!!document.getElementById('note')")
    assert "r w e u z j 1 2 d" == anna.page.input_value("#note")
    anna.judge("e")
    anna.wait_for("document.getElementById('saving').dataset.state === 'saved'")
    with Reviews(Layout(store).reviews, read_only=True) as reviews:
        assert [("excused", "r w e u z j 1 2 d")] == [
            (each.verdict.decision, each.verdict.note) for each in reviews.since(0)
        ]


def test_a_browser_without_room_for_anything_still_sends_every_verdict(store, served, made, reviewer):
    anna = reviewer("anna", served)
    anna.open(made[1][0])
    anna.page.evaluate(
        """() => {
          for (const text of ["x".repeat(1 << 20), "x".repeat(1 << 10), "x"]) {
            try {
              for (let n = 0; ; n += 1) window.localStorage.setItem(`${text.length} ${n}`, text);
            } catch { /* full */ }
          }
        }"""
    )
    anna.press("n")
    anna.page.keyboard.type("no room")
    anna.press("Escape")
    for key in "wrw":
        anna.judge(key)
    anna.wait_for("document.getElementById('saving').dataset.state === 'saved'")
    with Reviews(Layout(store).reviews, read_only=True) as reviews:
        assert [("wrong", "no room"), ("right", ""), ("wrong", "")] == [
            (each.verdict.decision, each.verdict.note) for each in reviews.since(0)
        ]


def test_a_verdict_that_waits_is_sent_from_whatever_page_is_opened_next(store, served, made, reviewer):
    _, calls = made
    anna = reviewer("anna", served)
    anna.open(calls[0])
    anna.page.route("**/verdicts", lambda route: route.abort())
    anna.press("r")
    anna.wait_for("document.getElementById('saving').dataset.state === 'unreachable'")
    assert Counter() == stored(store)
    anna.page.unroute("**/verdicts")
    anna.page.goto(f"{anna.base}/exports")
    anna.wait_for("document.getElementById('messages').textContent.includes('1 verdict')")
    assert 1 == stored(store).total()


def test_keys_move_through_the_list_where_the_browser_keeps_nothing(served, made, reviewer):
    anna = reviewer("anna", served)
    anna.page.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"]) {
          Object.defineProperty(window, name, { get() { throw new DOMException("switched off", "SecurityError"); } });
        }"""
    )
    anna.page.goto(f"{anna.base}/calls")
    anna.press("j", "Enter")
    anna.wait_for("!!document.querySelector('.chosen')")


def test_the_list_goes_on_from_the_call_that_was_open_last(served, reviewer):
    person = reviewer("anna", served)
    person.page.goto(f"{person.base}/calls")
    person.press("j", "Enter")
    person.wait_for("!!document.querySelector('.chosen')")
    first = person.chosen[0]
    person.press("]")
    person.wait_for(f"location.pathname !== '{first}' && !!document.querySelector('.chosen')")
    last = person.chosen[0].removeprefix("/calls/")
    person.press("o")
    person.wait_for(f"document.querySelector('#calls tr.current')?.dataset.call === '{last}'")


def test_a_note_that_is_being_written_stays_the_same_field_when_others_judge(served, made, reviewer):
    """A field that is exchanged breaks off an input method in the middle of a word."""
    anna, bernd = reviewer("anna", served), reviewer("bernd", served)
    for person in (anna, bernd):
        person.open(made[1][0])
    anna.press("n")
    anna.page.keyboard.type("half a w")
    anna.page.evaluate("document.getElementById('note').dataset.same = 'yes'")
    bernd.judge("w")
    bernd.press("r")
    anna.wait_for("document.querySelectorAll('#flag-list .others .decision').length > 0")
    anna.page.keyboard.type("ord")
    assert ["yes", "half a word"] == anna.page.evaluate(
        "[document.activeElement.dataset.same, document.activeElement.value]"
    )
    anna.press("Escape")
    anna.wait_for("!!document.querySelector('.chosen .others .wrong')")


def test_what_is_chosen_is_seen_where_the_system_gives_the_colours(served, made, reviewer):
    anna = reviewer("anna", served, forced_colors="active")
    anna.open(made[1][0])
    pressed, other = anna.page.evaluate(
        """["true", "false"].map((pressed) => getComputedStyle(
          document.querySelector(`[data-hear][aria-pressed="${pressed}"]`)).backgroundColor)"""
    )
    assert pressed != other
    assert "solid" == anna.page.evaluate("getComputedStyle(document.querySelector('#flag-list .chosen')).outlineStyle")


def test_keys_that_write_with_an_input_method_or_with_a_modifier_do_nothing(served, made, reviewer):
    anna = reviewer("anna", served)
    anna.open(made[1][0])
    anna.page.evaluate(
        """() => {
          for (const name of ["isComposing", "ctrlKey", "altKey", "metaKey", "repeat"]) {
            const more = { code: "KeyR", bubbles: true, [name]: true };
            document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "r", ...more }));
          }
        }"""
    )
    assert [None] * N_FLAGS == anna.decisions()
    anna.page.evaluate(
        'document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "к", code: "KeyR", bubbles: true }))'
    )
    anna.wait_for("document.querySelector('#flag-list > li').dataset.decision === 'right'")


def test_keys_work_after_sixty_clips_were_played(served, made, reviewer):
    anna = reviewer("anna", served)
    anna.open(made[1][0])
    playing = "document.querySelector('.listen').getAttribute('aria-pressed') === "
    for number in range(60):
        if number == 20:
            anna.press("c")  # from here on one side alone is heard
        anna.press(" ")
        anna.wait_for(playing + "'true'")
        anna.press(" ")
        anna.wait_for(playing + "'false'")
    anna.press("j", "r")
    anna.wait_for("document.querySelectorAll('#flag-list > li[data-decision=right]').length === 1")


def test_the_evidence_is_three_seconds_around_the_flag_and_stops_by_itself(served, made, reviewer):
    anna = reviewer("anna", served)
    asked: list[str] = []
    anna.page.on("request", lambda request: asked.append(request.url) if "clip.wav" in request.url else None)
    anna.open(made[1][0])
    anna.press("j", "j")
    anna.wait_for("document.querySelector('.listen').getAttribute('aria-pressed') === 'true'")
    assert any("from_s=17.000&to_s=28.000" in url for url in asked)
    anna.press(">", ">", ">")  # as fast as it goes
    anna.wait_for("document.querySelector('.listen').getAttribute('aria-pressed') === 'false'")
    heard_to = anna.page.evaluate("document.getElementById('clock').firstChild.textContent")
    assert 27.5 <= float(heard_to.partition(":")[2]) <= 28.1


def test_a_session_that_ended_keeps_verdicts_and_says_what_to_do(store, made, reviewer):
    first = start_serving(store, "anna")
    anna = reviewer("anna", first)
    anna.open(made[1][0])
    first.kill()
    second = start_serving(store, "anna", "bernd", port=first.port)
    try:
        anna.press("r")
        anna.wait_for("!document.getElementById('session').hidden")
        assert "are sent as soon as anna is back" in anna.page.inner_text("#session")
        assert "1 kept here, not sent" == anna.page.inner_text("#saving")
        other = anna.context.new_page()
        other.goto(second.links["bernd"])  # somebody else uses the browser: nothing is sent under their name
        other.wait_for_url("**/overview")
        anna.page.evaluate("window.dispatchEvent(new Event('focus'))")
        anna.wait_for("document.getElementById('saving').dataset.state === 'session_ended'")
        assert not stored(store)
        anna.come_in(second, other)
        anna.page.evaluate("window.dispatchEvent(new Event('focus'))")
        anna.wait_for("document.getElementById('saving').dataset.state === 'saved'")
        assert {"anna": 1} == Counter(name for name, *_ in stored(store).elements())
    finally:
        second.kill()


def test_a_missed_fault_is_noted_by_two_keys_at_the_playhead(store, served, made, reviewer):
    anna = reviewer("anna", served)
    anna.open(made[1][0])
    anna.press("ArrowRight", "m")
    anna.wait_for("document.getElementById('missed-dialog').open")
    at = anna.page.inner_text("#missed-at")
    anna.press("2")
    anna.wait_for("!document.getElementById('missed').hidden")
    assert at in anna.page.inner_text("#missed-list")
    anna.wait_for("document.getElementById('saving').dataset.state === 'saved'")
    with Reviews(Layout(store).reviews, read_only=True) as reviews:
        assert ["missed"] == [each.verdict.type for each in reviews.since(0)]


def test_a_call_whose_recording_was_moved_says_so_and_is_judged_without_sound(store, served, made, reviewer):
    folder = store.with_name(f"{store.name}-recordings")
    away = folder.rename(folder.with_name("away"))
    try:
        anna = reviewer("anna", served)
        anna.open(made[1][0])
        anna.wait_for("document.getElementById('sound-note').textContent.startsWith('Without sound: ')")
        assert "The recording is not where it was" in anna.page.inner_text("#sound-note")
        anna.press(" ")
        anna.wait_for("/cannot be played|Without sound/.test(document.body.innerText)")
        anna.judge("r")
        anna.wait_for("document.getElementById('saving').dataset.state === 'saved'")
        assert ["right"] == [decision for *_, decision in stored(store)]
    finally:
        away.rename(folder)


def test_keys_zoom_hear_one_side_and_hide_the_waveform(served, made, reviewer):
    anna = reviewer("anna", served)
    anna.open(made[1][0])
    anna.wait_for("!document.getElementById('waveform').hidden")
    anna.press("f")
    anna.wait_for("document.getElementById('waveform').hidden")
    anna.press("0")
    anna.wait_for("document.getElementById('lanes').dataset.from === '0.000'")
    anna.press("+")
    anna.wait_for("Number(document.getElementById('lanes').dataset.to) < 65")
    anna.press("c")
    anna.wait_for("document.querySelector('[data-hear=agent]').getAttribute('aria-pressed') === 'true'")
    anna.press("h")
    anna.wait_for("!!document.querySelector('.history')")
    anna.press("?")
    anna.wait_for("document.getElementById('help').open")
    assert "Wrong: it did not happen" in anna.page.inner_text("#help")


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-Hans", "dark")])
def test_every_state_of_the_panel_is_accessible_and_fits_800_pixels(served, made, reviewer, language, theme):
    anna = reviewer("anna", served)
    cookies = [
        {"name": f"cxaudio_{name}", "value": value, "url": anna.base}
        for name, value in (("language", language), ("theme", theme))
    ]
    anna.context.add_cookies(cookies)
    anna.open(made[1][0])
    anna.press("a")
    for keys, shown in (
        (("j", "r", "h", "x"), "!!document.querySelector('.history')"),
        (("j", "w", "m"), "document.getElementById('missed-dialog').open"),
        (("Escape", "d", "n"), "document.activeElement.id === 'note'"),
        (("Escape", "?"), "document.getElementById('help').open"),
    ):
        anna.press(*keys)
        anna.wait_for(shown)
        assert [] == accessibility.grave_findings(anna.page), keys
    anna.press("?")
    anna.page.set_viewport_size({"width": 800, "height": 900})
    anna.wait_for("document.documentElement.scrollWidth === 800")
    assert [] == accessibility.grave_findings(anna.page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_two_calls_are_compared_by_keys_at_one_scale(served, made, reviewer, theme):
    anna = reviewer("anna", served)
    anna.context.add_cookies([{"name": "cxaudio_theme", "value": theme, "url": anna.base}])
    anna.open(made[1][0])
    anna.press("v")
    anna.wait_for("location.pathname === '/compare' && document.readyState === 'complete'")
    assert [] == accessibility.grave_findings(anna.page)
    anna.press("+", "ArrowRight")
    anna.wait_for("Number(document.getElementById('line-1').dataset.from) > 0")
    views = [
        anna.page.evaluate(f"Object.entries(document.getElementById('{id}').dataset)") for id in ("line-1", "line-2")
    ]
    assert views[0] == views[1]
    anna.page.set_viewport_size({"width": 800, "height": 900})
    assert 800 == anna.page.evaluate("document.documentElement.scrollWidth")
    anna.press("b")
    anna.wait_for("document.querySelectorAll('.line.playing').length === 1")
    anna.press("x")
    anna.wait_for(f"location.search.endsWith('b={made[1][0]}') && document.readyState === 'complete'")
    anna.press("2")
    anna.wait_for(f"location.pathname === '/calls/{made[1][0]}'")
