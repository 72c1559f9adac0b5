"""Move limits with sliders, see what would change in the calls of the store, and save the policy as a file."""

from typing import Any
from urllib.parse import urlencode

from cxaudio.errors import SettingError, UsageError
from cxaudio.workbench.pages.asked_limits import asking_in, has_too_few, judged_in, sent_pairs
from cxaudio.workbench.pages.filter_view import chips_of
from cxaudio.workbench.policies.asked_policy import (
    Judged,
    points_of,
    verdicts_of,
    what_if_of,
)
from cxaudio.workbench.policies.chart import chart_of
from cxaudio.workbench.policies.judges import LATER, Stopped
from cxaudio.workbench.policies.policy_file import (
    saved_policies,
)
from cxaudio.workbench.policies.shown import (
    fields_of,
    interval_text,
    label_of,
    rule_label,
    section_label,
    shown_changes,
)
from cxaudio.workbench.policies.trials import Asking
from cxaudio.workbench.policies.tried import tried_to_query
from cxaudio.workbench.serving.answers import Answer, json_answer, page
from cxaudio.workbench.serving.asked import Asked, Missing
from cxaudio.workbench.serving.route import Route
from cxaudio.workbench.serving.templates import rendered

__all__ = ["ROUTES"]

_WAIT_S = 1.0
"""For the first answer after a slider was moved; it becomes surer while the page asks again."""

_WITHOUT_SCRIPT_S = 3.0
_LISTED = 20  # calls that change
_MOST_TEAMS = 200


def show_policy(asked: Asked) -> Answer:
    """Show the sliders; with ``judge`` in the address also what would change, as a page without scripts needs it."""
    trials = asked.workbench.trials
    asking, tried, controls = asking_in(asked)
    trials.prepare(asking)
    present = asked.snapshot.ask("SELECT DISTINCT rule FROM flags WHERE severity_rank <> 1 AND type = 'flag'")
    sections = fields_of(
        trials.groups(asking.state), tried, asked.words, with_flags=frozenset(row["rule"] for row in present)
    )
    fragments: dict[str, str] = {}
    if "judge" in dict(asked.query):
        fragments = _fragments(asked, asking, wait_s=_WITHOUT_SCRIPT_S)
    chosen = asked.filter
    team = chosen.teams[0] if len(chosen.teams) == 1 else ""
    pairs = chosen.to_query()
    chips = chips_of(asked.words, pairs, "/policy", **dict(tried_to_query(tried)))
    teams = asked.snapshot.ask(
        "SELECT team, count(*) AS n FROM calls WHERE team IS NOT NULL GROUP BY team ORDER BY team LIMIT ?",
        (_MOST_TEAMS,),
    )
    return page(
        asked,
        "policy.html",
        script_words=("workbench_policy.", "workbench_policy_script."),
        sections=sections,
        tried=tried_to_query(tried),
        labels={key: label_of(control, asked.words) for key, control in controls.items()},
        chosen=pairs,
        teams=teams,
        team=team,
        chips=[chip for (name, _), chip in zip(pairs, chips, strict=True) if name != "team" or not team],
        saved=saved_policies(asked.workbench.store),
        fragments=fragments,
        facts={"filter": urlencode(pairs), "mayWrite": asked.may_write},
    )


def send_answer(asked: Asked) -> Answer:
    """Send what would change, as far as it is known."""
    asking, _, _ = asking_in(asked)
    try:
        return json_answer(_answer(asked, asking, wait_s=_WAIT_S))
    except Stopped:
        return json_answer({"stopped": True})


def send_verdicts(asked: Asked) -> Answer:
    """Send how often rules would be right by the verdicts so far."""
    asking, _, _ = asking_in(asked)
    try:
        return json_answer(_verdicts(asked, asking, wait_s=_WAIT_S))
    except Stopped:
        return json_answer({"stopped": True})


def send_chart(asked: Asked) -> Answer:
    """Send the chart of one setting: flags an hour and precision from one end of its slider to the other."""
    asking, tried, controls = asking_in(asked)
    if has_too_few(asked, asking):
        raise UsageError(asked.words["workbench_policy.too_few"].format(n=asked.workbench.options.min_calls))
    control = controls.get(asked.query.first("setting"))
    if control is None or not control.is_number:
        raise Missing(f"{asked.query.first('setting')[:60]!r} is no setting with a slider")
    points = points_of(asked.workbench.trials, asking, judged_in(asked), control, page=_page(asked), rank=LATER)
    chart = chart_of(points, control, value=tried.get(control.key, control.now))
    html = rendered(
        asked,
        "policy_chart.html",
        script_words=(),
        values={
            "chart": chart,
            "control": control,
            "label": label_of(control, asked.words),
            "rule": section_label(control.section, asked.words),
        },
    )
    return json_answer({"html": html, "complete": chart.is_complete})


def judge_all(asked: Asked) -> Answer:
    """Begin to judge all calls in the background."""
    asking, _, _ = asking_in(asked, pairs=sent_pairs(asked))
    if not asking.tried:
        raise UsageError("nothing differs from how the calls were judged; move a slider first")
    asked.workbench.trials.judge_all(asking, page=str(asked.json.get("page", ""))[:40])
    return json_answer({"progress": 0.0})


def send_progress(asked: Asked) -> Answer:
    """Send how far judging all calls is."""
    asking, _, _ = asking_in(asked)
    running = asked.workbench.trials.all_calls(asking)
    if running is None or running.is_stopped:
        return json_answer({"stopped": True, "problem": running.problem if running is not None else None})
    return json_answer({"progress": running.progress, "done": running.answer is not None})


def stop_all(asked: Asked) -> Answer:
    """Stop judging all calls."""
    asking, _, _ = asking_in(asked, pairs=sent_pairs(asked))
    running = asked.workbench.trials.all_calls(asking)
    if running is not None:
        running.stop()
    return json_answer({"stopped": True})


def _page(asked: Asked) -> str:
    return asked.query.first("page")[:40]


def _fragments(asked: Asked, asking: Asking, *, wait_s: float) -> dict[str, str]:
    answer = _answer(asked, asking, wait_s=wait_s)
    return {"answer": answer["html"], "verdicts": _verdicts(asked, asking, wait_s=wait_s)["html"]}


def _answer(asked: Asked, asking: Asking, *, wait_s: float) -> dict[str, Any]:
    """Return what would change, as a part of the page, with whether more comes; or what a setting refuses."""
    words, snapshot = asked.words, asked.snapshot
    judged: Judged | None = None
    problem: SettingError | None = None
    changes: list[Any] = []
    if asking.tried:
        try:
            judged = what_if_of(asked.workbench.trials, asking, page=_page(asked), wait_s=wait_s)
        except SettingError as error:
            problem = error
    if judged is not None:
        listed = [call.call_id for call in judged.answer.changed[:_LISTED]]
        rows = snapshot.ask(
            "SELECT call_id, sound_id, file, agent, team, started_at, duration_s FROM calls "
            "WHERE call_id IN (SELECT unnest(CAST(? AS VARCHAR[])))",
            (listed,),
        )
        changes = shown_changes(judged.answer, {row["call_id"]: row for row in rows}, words, most=_LISTED)
    values = {
        "judged": judged,
        "too_few": has_too_few(asked, asking),
        "min_calls": asked.workbench.options.min_calls,
        "problem": problem,
        "changes": changes,
        "rule_label": lambda rule: rule_label(rule, words),
        "interval": interval_text,
    }
    return {
        "html": rendered(asked, "policy_answer.html", script_words=(), values=values),
        "complete": judged is None or judged.is_complete,
        "exact": judged is not None and judged.figures.is_exact,
        "refused": problem.key if problem is not None else None,
    }


def _verdicts(asked: Asked, asking: Asking, *, wait_s: float) -> dict[str, Any]:
    if has_too_few(asked, asking):  # the answer says it
        return {"html": "", "complete": True}
    try:
        found = verdicts_of(asked.workbench.trials, asking, judged_in(asked), page=_page(asked), wait_s=wait_s)
    except SettingError:  # the answer says it
        return {"html": "", "complete": True}
    values = {
        "verdicts": found,
        "is_tried": bool(asking.tried),
        "rule_label": lambda rule: rule_label(rule, asked.words),
    }
    return {
        "html": rendered(asked, "policy_verdicts.html", script_words=(), values=values),
        "complete": found.is_complete,
    }


ROUTES = (
    Route("GET", "/policy", show_policy),
    Route("GET", "/policy/answer", send_answer),
    Route("GET", "/policy/verdicts", send_verdicts),
    Route("GET", "/policy/chart", send_chart),
    Route("POST", "/policy/all", judge_all),
    Route("GET", "/policy/all", send_progress),
    Route("POST", "/policy/all/stop", stop_all),
)
