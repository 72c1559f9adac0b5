"""Take in verdicts, take them back, and give those of a call to the page that shows it."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxaudio.archive.reviews.calibrations import Calibrations
from cxaudio.archive.reviews.matching import FlagTime, flags_of_verdicts, matched_verdicts
from cxaudio.archive.reviews.verdict import StoredVerdict, Verdict
from cxaudio.errors import UsageError
from cxaudio.workbench.pages.call_place import CallPlace
from cxaudio.workbench.reading.rows_of_calls import has_row
from cxaudio.workbench.serving.answers import Answer, json_answer
from cxaudio.workbench.serving.asked import Asked
from cxaudio.workbench.serving.route import Route

__all__ = ["ROUTES", "flag_rows", "review_state"]

_HISTORY = 500  # verdicts on one call that are shown as its history, the newest


def review_state(
    asked: Asked, call: Mapping[str, Any], *, calibration: int | None, flags: Sequence[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the verdicts on a call that its visitor may see.

    A calibration is blind: until it is closed its verdicts are seen there alone, and each reviewer sees only their own.

    Parameters
    ----------
    asked : Asked
        The request.
    call : mapping
        The call's row.
    calibration : int or None
        The calibration in which the visitor judges.
    flags : sequence of mapping, optional
        The call's rows of `flag_rows`, where they were asked for already.

    Returns
    -------
    dict
        ``number`` of the newest verdict, ``verdicts`` that count, and ``history``: all of them, in their order.
    """
    own, reviews = asked.visitor.name, asked.workbench.reviews
    closed = set(Calibrations(reviews).closed_numbers())

    def is_seen(verdict: Verdict) -> bool:
        if calibration is None:
            return verdict.calibration is None or verdict.calibration in closed
        return verdict.calibration == calibration and (verdict.reviewer == own or calibration in closed)

    def written(stored: StoredVerdict, n: int | None) -> dict[str, Any]:
        is_own = stored.verdict.reviewer == own and stored.verdict.calibration == calibration
        return {"n": n, "own": is_own, **_written(stored)}

    found = [each for each in reviews.of_calls([call["sound_id"]]) if is_seen(each.verdict)]
    times = [
        FlagTime(
            n=row["n"], type=row["type"], rule=row["rule"], side=row["side"], start_s=row["start_s"], end_s=row["end_s"]
        )
        for row in (flag_rows(asked, call["call_id"]) if flags is None else flags)
    ]
    places = flags_of_verdicts(found, times)
    return {
        "number": found[-1].number if found else 0,
        "verdicts": [written(each.stored, each.n) for each in matched_verdicts(found, times)],
        "history": [written(each, places[each.number]) for each in found[-_HISTORY:]],
    }


def flag_rows(asked: Asked, call_id: str) -> list[dict[str, Any]]:
    """Return the flags and broken limits of a call that has them in memory, by the number of their event."""
    columns = "n, type, start_s, end_s, decided_at_s, side, rule, severity, measured, limit_value, unit"
    return asked.snapshot.ask(f"SELECT {columns} FROM flags WHERE call_id = ? ORDER BY n", (call_id,))


def _written(stored: StoredVerdict) -> dict[str, Any]:
    values = {name: getattr(stored.verdict, name) for name in _SHOWN}
    return {"number": stored.number, "at_ms": stored.at_ms, "undoes": stored.undoes, **values}


_SHOWN: Sequence[str] = (
    "reviewer", "type", "rule", "side", "start_s", "end_s", "severity", "decision", "note", "calibration",
)  # fmt: skip


def show_verdicts(asked: Asked) -> Answer:
    """Give the verdicts on a call, where there are newer ones than the page has, and the row that it has now."""
    call = asked.call()
    since = asked.query.integer("since", 0, low=0, high=2**62)
    state = review_state(asked, call, calibration=CallPlace.of(asked).calibration)
    return json_answer({"call": call["call_id"], "state": state if state["number"] > since else None})


def add_verdict(asked: Asked) -> Answer:
    """Store a verdict; one that is sent again is stored once."""
    sent = asked.json
    if answer := _of_another(asked):
        return answer
    verdict = Verdict(
        client=_text(sent, "client"),
        reviewer=asked.visitor.name,
        sound_id=_text(sent, "sound_id"),
        call_id=asked.path["call"],
        type=_text(sent, "type"),  # type: ignore[arg-type]  # Verdict checks it
        decision=_text(sent, "decision"),  # type: ignore[arg-type]
        rule=_text(sent, "rule"),
        side=_side(sent),
        start_s=_seconds(sent, "start_s"),
        end_s=_seconds(sent, "end_s"),
        severity=_optional_text(sent, "severity"),
        note=_text(sent, "note").strip(),
        calibration=_number(sent, "calibration"),
        sample=_number(sent, "sample"),
    )
    now = asked.snapshot.call_of_sound(verdict.sound_id)
    rows = {verdict.call_id, *([] if now is None else [now["call_id"]])}
    reviews = asked.workbench.reviews

    def check() -> None:
        _check_there(asked.workbench.store, rows)
        if verdict.calibration is not None:
            Calibrations(reviews).check_takes_part(verdict.calibration, verdict.reviewer)

    reviews.add(verdict, check=check)
    return json_answer(_answer(asked, verdict.sound_id, calibration=verdict.calibration))


def undo_verdict(asked: Asked) -> Answer:
    """Take back the visitor's newest verdict, on whatever call it is."""
    if answer := _of_another(asked):
        return answer
    done = asked.workbench.reviews.undo(asked.visitor.name, client=_text(asked.json, "client"))
    if done is None:
        return json_answer({"undone": False})
    calibration = done.verdict.calibration
    answer_values = _answer(asked, done.verdict.sound_id, calibration=calibration)
    history = answer_values["state"]["history"] if answer_values["state"] else []
    n = next((each["n"] for each in history if each["number"] == done.number), None)
    place = CallPlace.of(asked)
    address = place.call(answer_values["call"], flag=n) if answer_values["call"] else None
    return json_answer({**answer_values, "undone": True, "n": n, "address": address})


def _answer(asked: Asked, sound_id: str, *, calibration: int | None) -> dict[str, Any]:
    call = asked.snapshot.call_of_sound(sound_id)
    if call is None:
        return {"call": None, "state": None}
    return {"call": call["call_id"], "state": review_state(asked, call, calibration=calibration)}


def _check_there(store: Path, rows: Collection[str]) -> None:
    """Check that a call is in the store, as the row that a page shows or the one that was made of it anew.

    Raises
    ------
    UsageError
        If it is not: what is said of a purged call is deleted with it, and a page that was open must not bring it back.
    """
    if not has_row(store, rows):
        raise UsageError("this call was purged, and all that was said of it; the verdict is not kept")


def _of_another(asked: Asked) -> Answer | None:
    """Return the answer to a verdict that another reviewer of the same browser gave; it waits there for them."""
    name = asked.json.get("reviewer")
    if name == asked.visitor.name:
        return None
    sentence = f"these verdicts are of {str(name)[:80]}; open the workbench under that name to send them"
    return json_answer({"error": sentence}, status=409)


def _text(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str):
        raise UsageError(f"{name} of a verdict must be a text")
    return value


def _optional_text(sent: Mapping[str, Any], name: str) -> str | None:
    return None if sent.get(name) is None else _text(sent, name)


def _side(sent: Mapping[str, Any]) -> str | None:
    side = _optional_text(sent, "side")
    if side not in (None, "agent", "customer"):
        raise UsageError(f"side {side[:40]!r} of a verdict is not known; use agent or customer")
    return side


def _seconds(sent: Mapping[str, Any], name: str) -> float | None:
    value = sent.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e7:
        raise UsageError(f"{name} of a verdict must be seconds from 0 to 10 000 000")
    return float(value)


def _number(sent: Mapping[str, Any], name: str) -> int | None:
    value = sent.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise UsageError(f"{name} of a verdict must be the number of one")
    return value


ROUTES = (
    Route("GET", "/calls/{call}/verdicts.json", show_verdicts),
    Route("POST", "/calls/{call}/verdicts", add_verdict, audit="judge", writes=True),
    Route("POST", "/verdicts/undo", undo_verdict, audit="undo", writes=True),
)
