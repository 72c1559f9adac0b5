"""The display's page as one file, and a view as the few plain values that it draws; knows no server."""

from collections.abc import Iterable
from typing import Any

from cxaudio.analysis.pacing_rules.dawdling import DawdlingRule
from cxaudio.analysis.pacing_rules.rushing import RushingRule
from cxaudio.i18n import LANGUAGES, is_chinese, match_language, texts
from cxaudio.model.policy import PacingPolicy
from cxaudio.sinks.hud.state import LEVEL_STEPS, HudView
from cxaudio.sinks.web_files import digest, page_script, page_style, script_json, web_file

__all__ = ["hud_page", "view_facts"]

_SECTIONS = ("hud.", "language.")  # besides the messages of the rules


def hud_page(*, language: str, pacing: PacingPolicy) -> tuple[bytes, str]:
    """Return the page, with texts and limits but no fact of a call, and its security policy.

    Parameters
    ----------
    language : str
        BCP 47 tag of the language it opens in.
    pacing : PacingPolicy
        Where "in step" ends, and its own wording of nudges.

    Returns
    -------
    bytes, str
        UTF-8, and the value of ``Content-Security-Policy``: this very style and script, and nothing from elsewhere.
    """
    language = match_language(language)
    style, script = page_style("base", "hud"), page_script("hud")
    facts = {
        "language": language,
        "languages": {name: texts(name)["language.name"] for name in LANGUAGES},
        "texts": {name: _page_texts(name, pacing.rules) for name in LANGUAGES},
        "words": dict(pacing.words),
        "characters": is_chinese(pacing.language),
        "zone": [pacing.rule(DawdlingRule).flag_ratio, pacing.rule(RushingRule).flag_ratio],
        "level_steps": LEVEL_STEPS,
    }
    page = web_file("hud.html")
    for name, content in (
        ("language", texts(language)["language.html"]),
        ("no-script", texts(language)["hud.no_script"]),
        ("style", style),
        ("facts", script_json(facts)),
        ("script", script),
    ):
        before, blank, after = page.partition(f"<!--{name}-->")
        assert blank, name
        page = f"{before}{content}{after}"
    return page.encode("utf-8"), _policy(style=style, script=script)


def view_facts(view: HudView) -> dict[str, Any]:
    """Return a view as plain values, rounded to what is seen.

    Parameters
    ----------
    view : HudView
        What is shown now.

    Returns
    -------
    dict
        For one line of JSON; sides in the order agent, customer.

    Examples
    --------
    >>> facts = view_facts(HudView())
    >>> facts["state"], facts["sides"][1], facts["nudge"]
    ('waiting', {'level': 0, 'speaking': False, 'heard': True, 'rate': None}, None)
    """
    pace, wait, nudge = view.pace, view.wait, view.nudge
    return {
        "state": view.state.value,
        "in_call": view.in_call,
        "recording": view.recording,
        "snoozed_min": -(-view.snoozed_s // 60),
        "troubles": [
            {
                "kind": trouble.kind.value,
                "side": None if trouble.side is None else trouble.side.label,
                "device": trouble.device,
            }
            for trouble in view.troubles
        ],
        "sides": [
            {"level": side.level, "speaking": side.speaking, "heard": side.heard, "rate": _rounded(rate, 2)}
            for side, rate in zip(view.sides, pace.rates, strict=True)
        ],
        "pace": {
            "word": pace.pace.value,
            "ratio": _rounded(pace.ratio, 3),
            "share": _rounded(pace.talk_share, 2),
            "tempo": pace.tempo.value,
            "minded": pace.minded,
        },
        "wait": None
        if wait is None
        else {
            "owed_by": "nobody" if wait.owed_by is None else wait.owed_by.label,
            "seconds": wait.seconds,
            "late": wait.late,
        },
        "hold": None if view.hold is None else view.hold.value,
        "nudge": None
        if nudge is None
        else {
            "id": nudge.nudge_id,
            "key": nudge.message_key,
            "positive": nudge.positive,
            "left_s": max(1, -(-round(100 * nudge.left_s) // 100)),
        },
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _page_texts(language: str, rules: Iterable[str]) -> dict[str, str]:
    sections = (*_SECTIONS, *(f"{rule}." for rule in rules))
    return {key: text for key, text in texts(language).items() if key.startswith(sections)}


def _policy(*, style: str, script: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{digest(script)}'",
            f"style-src '{digest(style)}'",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )
