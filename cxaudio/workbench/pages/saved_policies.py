"""Save limits that were tried as settings files, and set saved ones side by side."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlencode

from cxaudio.errors import UsageError
from cxaudio.workbench.pages.asked_limits import asking_in, has_too_few, judged_in, sent_pairs
from cxaudio.workbench.policies.asked_policy import compared_policies, figures_now, what_if_of
from cxaudio.workbench.policies.controls import Control, Value
from cxaudio.workbench.policies.judges import Stopped
from cxaudio.workbench.policies.policy_file import (
    delete_policy,
    policy_notes,
    policy_text,
    read_policy,
    save_policy,
)
from cxaudio.workbench.policies.shown import interval_text, label_of, rule_label, section_label
from cxaudio.workbench.policies.trials import Asking
from cxaudio.workbench.policies.tried import tried_from_values, tried_to_query, value_text
from cxaudio.workbench.serving.answers import Answer, file_answer, json_answer, page, redirect
from cxaudio.workbench.serving.asked import Asked
from cxaudio.workbench.serving.route import Route
from cxaudio.workbench.serving.templates import rendered

__all__ = ["ROUTES"]

_WAIT_S = 1.0
_MOST_COMPARED = 5


def send_file(asked: Asked) -> Answer:
    """Send what is tried as a settings file."""
    asking, _, controls = asking_in(asked)
    text = _policy_text(asked, asking, controls)
    return file_answer(text.encode(), media_type="application/toml; charset=utf-8", filename="policy.toml")


def save(asked: Asked) -> Answer:
    """Save what is tried in the store under a name."""
    asking, _, controls = asking_in(asked, pairs=sent_pairs(asked))
    if not asking.tried:
        raise UsageError("nothing differs from how the calls were judged; there is nothing to save")
    name = str(asked.json.get("name", "")).strip()
    text = _policy_text(asked, asking, controls)
    save_policy(asked.workbench.store, name, text, replace=asked.json.get("replace") is True)
    return json_answer({"name": name})


def delete(asked: Asked) -> Answer:
    """Delete a saved policy."""
    delete_policy(asked.workbench.store, str(asked.json.get("name", "")))
    return json_answer({})


def open_saved(asked: Asked) -> Answer:
    """Lead to the page with the values of a saved policy."""
    _, _, controls = asking_in(asked)
    tried = _saved(asked, asked.query.first("policy"), controls)
    return redirect(f"/policy?{urlencode([*asked.filter.to_query(), *tried_to_query(tried)])}")


def compare(asked: Asked) -> Answer:
    """Show saved policies side by side: what they change, and what that would give."""
    table, is_complete = _compared(asked)
    return page(asked, "policy_compare.html", table=table, is_complete=is_complete, chosen=asked.filter.to_query())


def send_compared(asked: Asked) -> Answer:
    """Send the table of policies side by side, which becomes surer while the page asks again."""
    table, is_complete = _compared(asked)
    return json_answer({"html": table, "complete": is_complete})


def _compared(asked: Asked) -> tuple[str, bool]:
    asking, tried, controls = asking_in(asked)
    if has_too_few(asked, asking):
        raise UsageError(asked.words["workbench_policy.too_few"].format(n=asked.workbench.options.min_calls))
    names = list(dict.fromkeys(asked.query.all("policy")))[:_MOST_COMPARED]
    policies: dict[str, Mapping[str, Value]] = {name: _saved(asked, name, controls) for name in names}
    if tried:
        policies[asked.words["workbench_policy.tried"]] = tried
    columns = compared_policies(asked.workbench.trials, asking, policies, judged_in(asked), wait_s=_WAIT_S)
    keys = [key for key in controls if any(key in values for values in policies.values())]
    values = {
        "columns": columns,
        "queries": [urlencode([*asked.filter.to_query(), *tried_to_query(each.tried)]) for each in columns],
        "settings": [(controls[key], label_of(controls[key], asked.words)) for key in keys],
        "figures": figures_now(asked.workbench.trials, asking),
        "rule_label": lambda rule: rule_label(rule, asked.words),
        "section_label": lambda section: section_label(section, asked.words),
        "interval": interval_text,
        "value_text": lambda value: _in_words(value, asked.words),
    }
    table = rendered(asked, "policy_compared.html", script_words=(), values=values)
    return table, all(each.is_complete for each in columns)


def _in_words(value: Value, words: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return words["workbench_policy.yes" if value else "workbench_policy.no"]
    return value_text(value)


def _saved(asked: Asked, name: str, controls: Mapping[str, Control]) -> dict[str, Value]:
    values = read_policy(asked.workbench.store, name)
    return tried_from_values(values, controls, source=name)


def _policy_text(asked: Asked, asking: Asking, controls: Mapping[str, Control]) -> str:
    """Return the file of what is tried; its comment says what it would change, as far as that is known."""
    kept = asked.workbench.trials.kept(asking.state)
    figures = None
    if asking.tried and not has_too_few(asked, asking):
        with suppress(Stopped):
            figures = what_if_of(asked.workbench.trials, asking, page="", wait_s=_WAIT_S).figures
    notes = policy_notes(kept.digest, figures)
    return policy_text(asking.tried, controls, made_at=datetime.now(UTC), notes=notes)


ROUTES = (
    Route("GET", "/policy/file", send_file, audit="export"),
    Route("GET", "/policy/open", open_saved),
    Route("GET", "/policy/compare", compare),
    Route("GET", "/policy/compared", send_compared),
    Route("POST", "/policy/saved", save, audit="save policy", writes=True),
    Route("POST", "/policy/saved/delete", delete, audit="delete policy", writes=True),
)
