"""Name the questions that come ready-made, each with its SQL."""

from typing import NamedTuple

from cxaudio.sinks.index_page.worst_first import WORST_FIRST

__all__ = ["QUESTIONS", "Question", "worst_question"]

_WORST_ORDER = ", ".join(
    [*(f"{column} {'DESC' if largest_first else 'ASC'} NULLS LAST" for column, largest_first in WORST_FIRST), "call_id"]
)


class Question(NamedTuple):
    """A ready-made question."""

    name: str
    answers: str  # what it tells
    sql: str


def worst_question(n: int) -> str:
    """Return the SQL for the worst calls, by counts: a long call has more time for flags than a short one.

    Parameters
    ----------
    n : int
        How many.

    Examples
    --------
    >>> worst_question(3).rpartition("LIMIT")[2]
    ' 3'
    """
    return (
        "SELECT call_id, file, agent, started_at, duration_s, n_severe, n_flag, n_whole_call, "
        "round(1 - in_step_share, 4) AS out_of_step_share, rules, whole_call_rules, sentence\n"
        "FROM calls WHERE current AND n_severe IS NOT NULL\n"
        f"ORDER BY {_WORST_ORDER}\n"
        f"LIMIT {n}"
    )


QUESTIONS: tuple[Question, ...] = (
    Question("worst", "the worst calls, as --worst 10", worst_question(10)),
    Question(
        "agents",
        "calls, hours and flags by the label of the agent; for fair figures see cxaudio archive summary",
        "SELECT agent, count(*) AS calls, round(sum(duration_s - hold_s) / 3600, 2) AS hours,\n"
        "  sum(n_severe) AS severe, sum(n_flag) AS flags, sum(n_whole_call) AS whole_call_limits\n"
        "FROM calls WHERE current GROUP BY agent ORDER BY agent NULLS LAST",
    ),
    Question(
        "failures",
        "recordings that were not judged, by reason",
        "SELECT state, kind, count(*) AS recordings, min(reason) AS for_example\n"
        "FROM failures GROUP BY state, kind ORDER BY recordings DESC, state, kind",
    ),
    Question(
        "hours",
        "calls by the hour of the day at which they began (UTC), the busiest first",
        "SELECT hour(started_at) AS hour_utc, count(*) AS calls, round(sum(duration_s) / 3600, 2) AS hours\n"
        "FROM calls WHERE current GROUP BY hour_utc ORDER BY calls DESC, hour_utc NULLS LAST",
    ),
    Question(
        "rules",
        "how often each rule was broken, and in how many calls",
        "SELECT rule, severity, count(*) AS flags, count(DISTINCT call_id) AS calls,\n"
        "  round(median(measured), 2) AS median_measured, min(unit) AS unit\n"
        "FROM events JOIN calls USING (call_id) WHERE current AND type = 'flag'\n"
        "GROUP BY rule, severity ORDER BY rule, severity",
    ),
    Question(
        "sound",
        "faults of the sound, by kind and headset",
        "SELECT kind, headset, count(DISTINCT call_id) AS calls\n"
        "FROM events JOIN calls USING (call_id) WHERE current AND type = 'notice'\n"
        "GROUP BY kind, headset ORDER BY calls DESC, kind, headset NULLS LAST",
    ),
)
