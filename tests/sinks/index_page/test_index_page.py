"""The page of many calls as a file: in order, closed to what is not its own, and open about what it leaves out."""

import base64
import gzip
import hashlib
import itertools
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from cxaudio.i18n import LANGUAGES, texts
from cxaudio.sinks.index_page.html import render_index
from cxaudio.sinks.index_page.index_file import refuse_foreign_index
from cxaudio.sinks.index_page.listed_call import FailedCall, ListedCall
from cxaudio.sinks.index_page.worst_first import WORST_FIRST

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\u2028<!--"


def call(name="a", **changes):
    given = {"page": f"{name}/report.html", "duration_s": 90.0, "n_severe": 0, "n_flag": 0, "n_whole_call": 0}
    return ListedCall(name=name, **(given | changes))


class _Page(HTMLParser):
    """What a browser would make of a page: its elements, and the text of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[tuple[str, str]] = []
        self._open: str | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open = tag if tag in ("script", "style", "h1") else None
        if self._open:
            self.inside.append((tag, ""))

    def handle_endtag(self, tag):
        if tag == self._open:
            self._open = None

    def handle_data(self, data):
        if self._open:
            tag, text = self.inside[-1]
            self.inside[-1] = (tag, text + data)

    def of(self, tag: str) -> list[str]:
        return [text for found, text in self.inside if found == tag]

    @property
    def facts(self):
        return json.loads(self.of("script")[0])

    @property
    def columns(self):
        return json.loads(gzip.decompress(base64.b64decode(self.of("script")[1])))


def test_the_worst_call_comes_first_whatever_the_order_of_the_rows():
    rows = [
        call("clean", in_step_share=0.95),
        call("long and clean", in_step_share=0.95, duration_s=91.0),
        call("unjudged", n_severe=None, n_flag=None, n_whole_call=None),
        call("flag", n_flag=1),
        call("out of step", in_step_share=0.2),
        call("severe", n_severe=1),
        call("severe and limit", n_severe=1, n_whole_call=1),
        call("never known"),
    ]
    pages = {render_index(order) for order in itertools.islice(itertools.permutations(rows), 0, None, 4001)}
    assert 1 == len(pages), "the same calls give the same bytes"
    expected = ["severe and limit", "severe", "flag", "out of step", "long and clean", "clean"]
    assert [*expected, "never known", "unjudged"] == _Page(pages.pop()).columns["name"]


def test_the_page_states_the_order_that_is_used():
    columns = [column for column, _ in WORST_FIRST]
    assert ["n_severe", "n_flag", "n_whole_call", "in_step_share", "duration_s"] == columns
    told = texts("en")["index.order_worst"]
    words = ("severe flags", "most flags", "limits of the whole call", "out of step", "longest")
    places = [told.index(part) for part in words]
    assert sorted(places) == places


def test_beyond_its_limit_the_page_keeps_the_worst_and_counts_all():
    rows = [call(str(n), n_severe=n, duration_s=60.0) for n in range(7)]
    page = _Page(render_index(rows, [FailedCall(name=str(n), reason="x") for n in range(5)], max_calls=3, max_failed=2))
    assert ["6", "5", "4"] == page.columns["name"]
    assert (7, 3, 5) == (page.facts["n_calls"], page.facts["n_listed"], page.facts["n_failed"])
    assert ["0", "1"] == [failure["name"] for failure in page.facts["failed"]]
    told = "7 calls, 7:00 of sound: 6 with severe flags, 0 with other flags, 1 without a flag; 5 recordings could not"
    assert page.of("h1")[0].startswith(told)


@pytest.mark.parametrize("n_unjudged", [0, 1, 8])
def test_the_numbers_of_calls_in_the_headline_add_up(n_unjudged):
    rows = [call("a", n_severe=1), call("b", n_severe=0, n_flag=2), call("c", n_severe=0, n_flag=0)]
    rows += [call(f"mono {n}", n_severe=None, n_flag=None) for n in range(n_unjudged)]
    head = _Page(render_index(rows)).of("h1")[0]
    of_all, *kinds = (int(number) for number in re.findall(r"(\d+) (?:call|with|not)", head))
    assert (n_unjudged + 3, n_unjudged + 3) == (of_all, sum(kinds))
    assert ("not judged" in head) == bool(n_unjudged)


def test_values_arrive_as_they_were():
    started = datetime(2026, 11, 29, 8, 30, tzinfo=UTC)
    row = {
        "duration_s": 60.04, "started_at": started.replace(tzinfo=None), "agent": "Anna", "team": None, "queue": "",
        "n_severe": 1, "n_flag": None, "in_step_share": 0.123456, "rules": "rushing dead_air", "notices": "noisy",
        "timeline": "ac" * 30, "sentence": "客服说得太快。",
    }  # fmt: skip
    rows = [ListedCall.from_row(row, name="a", page="x/y.html", flags=[(0.0, 3.0, "severe")]), call("b", page=None)]
    columns = _Page(render_index(rows)).columns
    assert {
        "name": ["a", "b"], "page": ["x/y.html", None], "sentence": ["客服说得太快。", ""],
        "n_severe": [1, 0], "n_flag": [None, 0], "n_whole_call": [None, 0],
        "started": [int(started.timestamp()), None], "duration": [60.0, 90.0], "in_step": [0.1235, None],
        "agent": {"values": ["Anna", None], "at": [0, 1]}, "team": {"values": [None], "at": [0, 0]},
        "queue": {"values": ["", None], "at": [0, 1]}, "direction": {"values": [None], "at": [0, 0]},
        "rules": {"values": ["rushing dead_air", ""], "at": [0, 1]}, "whole_call_rules": {"values": [""], "at": [0, 0]},
        "notices": {"values": ["noisy", ""], "at": [0, 1]},
        "timeline": "ac" * 30 + " " * 60, "flag_letters": "sss" + "-" * 57 + " " * 60,
    } == columns  # fmt: skip


def test_only_the_pages_own_script_and_style_may_run():
    page = _Page(render_index([call()]))
    policy = next(a["content"] for tag, a in page.elements if tag == "meta" and "Policy" in (a.get("http-equiv") or ""))
    for directive, text in (("script-src", page.of("script")[2]), ("style-src", page.of("style")[0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_nothing_on_the_page_points_outside_it():
    text = render_index([call()], [FailedCall(name="b", reason="c")])
    for tag, attributes in _Page(text).elements:
        assert not {"src", "href", "action", "srcset", "style"} & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")], tag
    assert not re.search(r"https?://|\bfetch\(|XMLHttpRequest|WebSocket|import\(", text)


def test_hostile_names_stay_text():
    hostile = call(HOSTILE, page=HOSTILE, agent=HOSTILE, team=HOSTILE, rules=HOSTILE, notices=HOSTILE, sentence=HOSTILE)
    page = _Page(render_index([hostile], [FailedCall(name=HOSTILE, reason=HOSTILE)]))
    assert 3 == sum(tag == "script" for tag, _ in page.elements)
    assert not any(tag == "img" for tag, _ in page.elements)
    assert [HOSTILE] == page.columns["name"]
    assert HOSTILE == page.facts["failed"][0]["reason"]


def test_a_name_that_is_no_valid_unicode_does_not_stop_the_page():
    page = render_index([call("caf\udce9")], [FailedCall(name="caf\udce9", reason="\udce9")])
    assert page.encode("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_in_the_language_that_was_asked_for_and_holds_all(language):
    page = _Page(render_index([call()], language=language))
    assert texts(language)["language.html"] == next(a["lang"] for tag, a in page.elements if tag == "html")
    assert page.facts["head"][language] == page.of("h1")[0]
    assert set(LANGUAGES) == set(page.facts["texts"]) == set(page.facts["head"])


def test_without_a_call_the_page_says_so():
    assert ["No call has been analysed yet."] == _Page(render_index([])).of("h1")


def test_a_page_of_somebody_else_is_not_written_over(tmp_path):
    from cxaudio.errors import StoreError

    refuse_foreign_index(tmp_path / "missing")
    refuse_foreign_index(tmp_path)
    (tmp_path / "index.html").write_text(render_index([call()]), encoding="utf-8")
    refuse_foreign_index(tmp_path)
    (tmp_path / "index.html").write_text("<h1>My site</h1>")
    with pytest.raises(StoreError, match="was not made by cxaudio; move it"):
        refuse_foreign_index(tmp_path)
