"""`cxaudio archive query`, `export` and `summary`: what a person, a program and a spreadsheet get, and exit codes."""

import csv
import io
import json

import pytest

from cxaudio.archive.store.layout import Layout
from cxaudio.cli.app import run_cli
from support.asked_store import add_failures, store_of
from support.made_store import call_id_of

ESCAPE = "\x1b]0;title\x07"


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("ask") / "store"
    calls = [{"agent": f"Ada{ESCAPE}", "n_flag": n, "in_step_share": None if n % 2 else 0.8} for n in range(60)]
    store_of(path, calls)
    add_failures(path, "{file}: is damaged")
    return path


@pytest.fixture
def ask(store, capsys):
    def run(*arguments: str, code: int = 0) -> tuple[str, str]:
        assert code == run_cli(["archive", arguments[0], "--store", str(store), *arguments[1:]])
        shown = capsys.readouterr()
        return shown.out, shown.err

    return run


def test_a_table_is_aligned_and_says_what_is_unknown(ask):
    sql = "SELECT n_flag, in_step_share, two_sided, 1.25 AS x, started_at FROM calls ORDER BY n_flag DESC LIMIT 2"
    out, err = ask("query", sql)
    assert [
        "n_flag  in_step_share  two_sided     x  started_at",
        "    59              –  yes        1.25  2026-01-01 00:59:00",
        "    58            0.8  yes        1.25  2026-01-01 00:58:00",
    ] == [line.rstrip() for line in out.splitlines()]
    assert "" == err


def test_a_long_answer_ends_with_the_number_of_its_rows(ask):
    lines = ask("query", "SELECT n_flag FROM calls ORDER BY n_flag")[0].splitlines()
    assert "… 50 of 60 rows; --limit N shows more, --json and --csv give all" == lines[-1]
    assert 52 == len(lines)
    assert 61 == len(ask("query", "SELECT n_flag FROM calls", "--limit", "100")[0].splitlines())
    assert "no rows" in ask("query", "SELECT n_flag FROM calls WHERE false")[0]


def test_a_row_that_is_wider_than_the_terminal_is_a_list_and_long_texts_are_cut(ask):
    lines = ask("query", "FROM calls", "--limit", "1")[0].splitlines()
    assert "row 1" == lines[0]
    (call_id,) = [line for line in lines if line.startswith("  call_id ")]
    assert call_id.endswith("…")
    assert max(map(len, lines)) <= 120
    assert "… 1 of 60 rows" in lines[-1]


def test_no_text_of_the_store_reaches_the_terminal_as_a_command(ask):
    for arguments in (
        ("query", "SELECT agent FROM calls"),
        ("query", 'SELECT agent AS "x\x1b[31m" FROM calls LIMIT 1'),
        ("query", "--worst", "3"),
        ("summary", "--by", "agent"),
        ("query", "FROM calls", "--limit", "1"),
    ):
        out, _ = ask(*arguments)
        assert r"Ada\x1b]0;title\x07" in out
        assert not set(out) & set("\x1b\x07")
    _, err = ask("query", f"SELECT {ESCAPE}", code=2)
    assert not set(err) & set("\x1b\x07")


def test_json_is_a_list_of_all_rows(ask):
    rows = json.loads(ask("query", "SELECT n_flag, in_step_share FROM calls ORDER BY n_flag", "--json")[0])
    assert 60 == len(rows)
    assert [{"n_flag": 0, "in_step_share": 0.8}, {"n_flag": 1, "in_step_share": None}] == rows[:2]
    assert 7 == len(json.loads(ask("query", "FROM events", "--json", "--limit", "7")[0]))
    assert [] == json.loads(ask("query", "FROM verdicts", "--json")[0])
    assert [] == json.loads(ask("query", "FROM verdicts", "--json", "--limit", "7")[0])


def test_csv_is_what_spreadsheets_read(ask):
    out, _ = ask("query", "SELECT '=1+1' AS a, NULL AS a, n_flag FROM calls ORDER BY n_flag LIMIT 1", "--csv")
    assert "\ufeffa,a_2,n_flag\r\n'=1+1,,0\r\n" == out
    assert "\ufeffcall_id" == ask("query", "SELECT call_id FROM verdicts", "--csv")[0].rstrip()
    assert 60 == len(list(csv.DictReader(io.StringIO(ask("query", "FROM calls", "--csv")[0][1:]))))


def test_of_a_call_in_which_nothing_was_found_that_is_said(tmp_path, capsys):
    path = store_of(tmp_path / "clean", [{}, {"n_severe": 1}])
    assert 0 == run_cli(["archive", "query", "--worst", "2", "--store", str(path)])
    heads = [line for line in capsys.readouterr().out.splitlines() if line[0].isdigit()]
    assert heads[0].startswith("1. 1 severe flag, 0 flags, 0 limits of the whole call broken, out of step")
    assert heads[1].startswith("2. no flag, no limit of the whole call broken, out of step")


def test_the_worst_calls_come_with_their_sentence_and_their_page(ask, store):
    page = Layout(store).page(call_id_of(59))
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("<html>")
    lines = ask("query", "--worst", "2")[0].splitlines()
    assert [
        "1. 0 severe flags, 59 flags, 0 limits of the whole call broken",
        r"   agent Ada\x1b]0;title\x07, 2026-01-01 00:59 UTC, 6:00, recording " + lines[1][-16:],
        "   The agent kept the customer's pace.",
        f"   {page}",
        "2. 0 severe flags, 58 flags, 0 limits of the whole call broken, "
        "out of step for 20 % of the time with known paces",
    ] == lines[:5]
    rows = json.loads(ask("query", "--worst", "2", "--json")[0])
    assert [(59, str(page)), (58, None)] == [(row["n_flag"], row["page"]) for row in rows]
    hint = "To listen: --file-names plain, or cxaudio archive find DIGITS, says where a recording is."
    assert hint == lines[-1]
    assert hint not in ask("query", "--worst", "2", "--file-names", "plain")[0]
    page.unlink()
    assert "no pages of these calls" in ask("query", "--worst", "1")[0]


def test_the_worst_calls_are_named_and_have_their_pages_in_every_form(ask, store):
    page = Layout(store).page(call_id_of(58))
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("<html>")
    named = ("query", "--worst", "2", "--file-names", "plain")
    table = list(csv.DictReader(io.StringIO(ask(*named, "--csv")[0][1:])))
    rows = json.loads(ask(*named, "--json")[0])
    files = ["/calls/0000059.wav", "/calls/0000058.wav"]
    assert files == [row["file"] for row in rows] == [row["file"] for row in table]
    assert (["", str(page)], [None, str(page)]) == ([row["page"] for row in table], [row["page"] for row in rows])
    assert list(table[0]) == list(rows[0])
    hidden = ask("query", "--worst", "2", "--csv")[0]
    assert 3 == len(hidden.splitlines())
    assert "/calls/" not in hidden
    assert 2 == len(ask("query", "--worst", "9", "--limit", "1", "--csv")[0].splitlines())
    page.unlink()


def test_ready_questions_are_listed_with_their_sql_and_run_by_name(ask, capsys):
    assert 0 == run_cli(["archive", "query", "--list"])
    out = capsys.readouterr().out
    assert "failures: recordings that were not judged, by reason" in out
    assert "    FROM failures GROUP BY state, kind" in out
    assert 0 == run_cli(["archive", "query", "--list", "--json"])
    assert {"worst", "agents", "failures", "hours"} <= {each["name"] for each in json.loads(capsys.readouterr().out)}
    (row,) = json.loads(ask("query", "--ready", "failures", "--json")[0])
    assert ("failed", "unreadable", 1) == (row["state"], row["kind"], row["recordings"])


def test_names_of_recordings_are_shown_only_on_request(ask):
    assert "9000000" not in "".join(ask("query", "FROM failures", "--json"))
    assert "9000000.wav" == json.loads(ask("query", "FROM failures", "--json", "--file-names", "plain")[0])[0]["file"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["SELEC 1"], 'syntax error at or near "SELEC"'),
        (["SELECT nope FROM calls"], '"nope" not found'),
        (["DROP VIEW calls"], "begin it with SELECT"),
        (["SELECT * FROM read_text('/etc/passwd')"], "the question was refused"),
        ([], "ask one thing"),
        (["SELECT 1", "--worst", "3"], "ask one thing"),
        (["--worst", "0"], "--worst 0 asks for nothing"),
        (["--ready", "nope"], "--ready nope is not known; choose worst, agents"),
        (["SELECT 1", "--json", "--csv"], "exclude each other"),
        (["SELECT 1", "--limit", "0"], "--limit 0 shows nothing"),
        (["SELECT 1", "--file-names", "x"], "--file-names x is not known"),
    ],
)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_wrong_question_is_one_sentence_and_exit_code_2(arguments, words, form, ask):
    out, err = ask("query", *arguments, *(form if "--json" not in arguments else []), code=2)
    assert words in err
    assert ("", 1) == (out, err.count("\n"))


def test_a_folder_that_is_no_store_is_one_sentence_and_exit_code_3(tmp_path, capsys):
    for command in (["query", "FROM calls"], ["summary"], ["export", "--out", str(tmp_path.parent / "out")]):
        assert 3 == run_cli(["archive", *command, "--store", str(tmp_path)])
        assert "is no store" in capsys.readouterr().err
    assert 2 == run_cli(["archive", "query", "FROM calls"])
    assert "name it with --store" in capsys.readouterr().err


def test_export_says_what_it_wrote(ask, tmp_path):
    out, _ = ask("export", "--out", str(tmp_path / "out"), "--format", "csv", "--where", "n_flag < 3")
    assert [["3", str(tmp_path / "out" / "calls.csv")], ["6", str(tmp_path / "out" / "events.csv")]] == [
        line.split() for line in out.splitlines()
    ]
    out, _ = ask("export", "--out", str(tmp_path / "out"), "--format", "jsonl", "--json")
    assert {"calls.jsonl": 60, "events.jsonl": 120} == json.loads(out)["files"]


def test_a_summary_has_a_block_for_each_group_and_fits_80_letters(ask, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    out, _ = ask("summary")
    lines = out.splitlines()
    assert "all calls: 60 calls, 6.0 h without holds" == lines[0]
    assert max(map(len, lines)) <= 80
    (flags,) = [line for line in lines if line.startswith("flags per 100 calls")]
    assert "2950" == flags.split()[4]
    (step,) = [line for line in lines if line.startswith("in step, % of known")]
    assert ["80.0", "–", "80.0–80.0", "0.0", "50", "%"] == step.split()[5:]
    assert "–: no interval, since all calls are alike." in lines


def test_a_figure_of_one_call_is_said_to_be_known_in_too_few_also_where_groups_may_be_that_small(tmp_path, capsys):
    path = store_of(tmp_path / "one", [{}])
    assert 0 == run_cli(["archive", "summary", "--store", str(path), "--set", "archive.min_group=1"])
    assert "few: known in fewer than 2 calls." in capsys.readouterr().out.splitlines()


def test_a_summary_for_machines_names_its_groups_and_the_smallest_that_is_shown(ask):
    found = json.loads(ask("summary", "--by", "agent", "--json")[0])
    assert ("agent", 5, [f"Ada{ESCAPE}"]) == (found["by"], found["min_group"], [g["name"] for g in found["groups"]])
    assert 0.5 == found["groups"][0]["figures"]["in_step_share"]["unknown_share"]
    few = ["summary", "--by", "agent", "--set", "archive.min_group=61"]
    assert "fewer than 61 calls" in ask(*few)[0]
    assert [{}] == [group["figures"] for group in json.loads(ask(*few, "--json")[0])["groups"]]
    assert (
        "--by mood is not known; choose agent, team, queue, day, settings" in ask("summary", "--by", "mood", code=2)[1]
    )
