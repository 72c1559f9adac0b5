"""Read for a page how far samples are judged, and in which order their calls are reviewed."""

from collections.abc import Sequence

from cxaudio.archive.reviews.calibrations import Calibrations
from cxaudio.archive.reviews.samples import SampledCall
from cxaudio.archive.reviews.verdict import StoredVerdict
from cxaudio.workbench.judging.judged_calls import JudgedCall, judged_calls
from cxaudio.workbench.reading.call_order import CallOrder
from cxaudio.workbench.reading.snapshot import Snapshot
from cxaudio.workbench.serving.asked import Asked

__all__ = ["agreed_in_closed", "calls_of", "in_order", "progress_of_all"]


def calls_of(asked: Asked, sample: int, drawn: Sequence[SampledCall]) -> dict[str, JudgedCall]:
    """Return the calls of a sample by sound, with all verdicts that may be shown."""
    closed, agreed = Calibrations(asked.workbench.reviews).closed_numbers(), agreed_in_closed(asked)
    sounds = [each.sound_id for each in drawn]
    return asked.snapshot.kept(
        ("sample", sample, len(agreed)),
        lambda: judged_calls(asked.snapshot, asked.workbench.reviews, sounds, closed=closed, agreed=agreed),
    )


def agreed_in_closed(asked: Asked) -> list[StoredVerdict]:
    """Return what was agreed in closed calibrations, in the order of their numbers.

    Rows are only ever added, so their number says whether an answer that was kept is still the one.
    """
    return Calibrations(asked.workbench.reviews).agreed_in_closed()


def in_order(snapshot: Snapshot, sample: int, drawn: Sequence[SampledCall]) -> list[SampledCall]:
    """Return the calls of a sample as they are reviewed one after the other; those that are gone come last.

    The order is at random and has nothing to do with how bad a call is, so that those judged so far are a fair part.
    """
    order = CallOrder.named(f"random-{sample}")
    rows = snapshot.ask(
        f"SELECT sound_id FROM calls WHERE sound_id IN (SELECT unnest(?)) ORDER BY {order.by()}",
        ([each.sound_id for each in drawn], *order.parameters),
    )
    place = {row["sound_id"]: number for number, row in enumerate(rows)}
    return sorted(drawn, key=lambda each: place.get(each.sound_id, len(place)))


def progress_of_all(snapshot: Snapshot) -> dict[int, tuple[int, int]]:
    """Return for each sample how many of its calls are judged, and how many of them the store still has."""
    rows = snapshot.ask(
        "SELECT s.sample, count(*) FILTER (v.reviewed AND v.n_judged >= v.n_flags) AS n_judged, count(c.call_id) AS n "
        "FROM sampled AS s LEFT JOIN calls AS c ON c.sound_id = s.sound_id "
        "LEFT JOIN verdict_states AS v ON v.call_id = c.call_id GROUP BY s.sample"
    )
    return {row["sample"]: (row["n_judged"], row["n"]) for row in rows}
