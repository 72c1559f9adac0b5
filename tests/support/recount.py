"""Count again, from the rows of a report alone, every figure that its page and its sentence show.

Nothing here is shared with the program: plain values in, plain values out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["minus", "recount", "total"]

Span = tuple[float, float]
Values = Mapping[str, Any]

PER_RATE = 30.0  # seconds for which an estimate of a rate stands at most
LONG_SILENCE = 2.0  # seconds
MIN_NUCLEI = 10
SIDES = ("agent", "customer")


def total(spans: Iterable[Span]) -> float:
    """Return the length of the union of stretches."""
    length, at = 0.0, float("-inf")
    for start, end in sorted(spans):
        length += max(0.0, end - max(start, at))
        at = max(at, end)
    return length


def minus(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """Return what is left of stretches outside others."""
    left = list(spans)
    for begin, end in taken:
        left = [
            part
            for start, stop in left
            for part in ((start, min(stop, begin)), (max(start, end), stop))
            if part[1] > part[0]
        ]
    return left


def recount(values: Values) -> dict[str, Any]:
    """Return every figure of the head and of the whole call by its name in the report, counted from rows."""
    duration = values["call"]["duration_s"]
    held = spans_of(values["holds"], duration)
    out_of_both = [span for span, hold in zip(held, values["holds"], strict=True) if hold["kind"] != "not_recorded"]
    figures: dict[str, Any] = {}
    together = {}
    for side in SIDES:
        found = values["sides"][side]
        speech = [(start, end) for start, end in found["speech"]]
        together[side] = total(span for span in speech if not mostly(span, held))
        small = spans_of((b for b in values["backchannels"] if b["side"] == side), duration)
        paced = [
            (span, n)
            for span, n in zip(speech, found["speech_syllables"], strict=True)
            if not mostly(span, out_of_both) and not mostly(span, small)
        ]
        n_paced = sum(n for _, n in paced)
        paced_s = total(span for span, _ in paced)
        paced_s += 2 * values["settings"]["values"]["rates"]["spurt_edge_s"] * len(paced)
        times = sorted(row["response_time_s"] for row in values["responses"] if row["side"] == side)
        entered = [o for o in values["overlaps"] if o["entrant"] == side]
        figures[side] = {
            "speech_s": total(span for span in speech if not mostly(span, out_of_both)),
            "syllables": sum(found["speech_syllables"]),
            "articulation_rate": n_paced / paced_s if n_paced >= MIN_NUCLEI else None,
            "responses": (len(times), quantile(times, 0.5), quantile(times, 0.9)),
            "interruptions": sum(counts(o) for o in entered),
            "longest_interruption": max((o["overlap_s"] for o in entered if counts(o)), default=None),
            "backchannels": sum(o["kind"] == "backchannel" for o in entered),
        }
    both = together["agent"] + together["customer"]
    for side in SIDES:
        figures[side]["talk_share"] = together[side] / both if both else None
    figures["overlap_share"], figures["silence_share"] = _shares(values, held, duration)
    figures["in_step"] = _in_step(values, held, duration)
    figures["n_flags"] = sum(f["severity"] != "note" for f in values["flags"]) + len(values["whole_call"]["flags"])
    figures["n_severe"] = sum(f["severity"] == "severe" for f in values["flags"])
    figures["n_notes"] = sum(f["severity"] == "note" for f in values["flags"])
    return figures


def counts(overlap: Values) -> bool:
    """Return whether a row of the table of overlaps counts as an interruption."""
    return overlap["kind"] in ("interruption", "butt_in") and not overlap["latency_suspect"]


def spans_of(rows: Iterable[Values], duration: float) -> list[Span]:
    """Return the stretches of rows; one without an end lasts to the end of the call."""
    return [(row["start"], duration if row["end"] is None else row["end"]) for row in rows]


def mostly(span: Span, by: Sequence[Span]) -> bool:
    """Return whether more than half of a stretch is inside others."""
    return total(minus([span], by)) < 0.5 * (span[1] - span[0]) - 1e-9


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Interpolate between the two nearest of sorted values; None without values."""
    if not ordered:
        return None
    at = share * (len(ordered) - 1)
    low = int(at)
    return ordered[low] + (at - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def _shares(values: Values, held: Sequence[Span], duration: float) -> tuple[float | None, float | None]:
    counted = duration - total(held)
    if counted <= 0:
        return None, None
    spoken = []
    for side in SIDES:
        small = spans_of((b for b in values["backchannels"] if b["side"] == side), duration)
        speech = [(start, end) for start, end in values["sides"][side]["speech"]]
        spoken.append(minus([span for span in speech if not mostly(span, held)], small))
    at_once = total(spoken[0]) + total(spoken[1]) - total([*spoken[0], *spoken[1]])
    words = [tuple(span) for side in SIDES for span in values["sides"][side]["speech"] if not mostly(tuple(span), held)]
    if not words:
        return at_once / counted, None
    first, last = min(start for start, _ in words), max(end for _, end in words)
    silences = [s for s in spans_of(values["silences"], duration) if s[0] >= first and s[1] <= last]
    long = total(s for s in silences if round(s[1] - s[0], 3) >= LONG_SILENCE)
    return at_once / counted, long / total(minus([(first, last)], held))


def _in_step(values: Values, held: Sequence[Span], duration: float) -> dict[str, float] | None:
    """Walk through the estimates of the ratio, each standing to the next, and measure the time in step."""
    known = inside = 0.0
    ratios = []
    rows = values["pace"]
    ends = [row["at"] for row in rows[1:]] + [duration]
    for row, end in zip(rows, ends, strict=True):
        until = min(end, row["at"] + PER_RATE)
        length = total(minus([(row["at"], until)], held)) if until > row["at"] else 0.0
        if row["ratio"] is not None and length > 0:
            ratios.append(row["ratio"])
            known += length
            inside += length * (row["pace"] == "in_step")
    if not ratios:
        return None
    return {
        "known_s": known,
        "share": inside / known,
        "lowest": min(ratios),
        "highest": max(ratios),
    }
