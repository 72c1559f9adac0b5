"""Show an agent their own calls and figures; of all others, only sums without names."""

from cxaudio.workbench.pages.measured_rules import measured_precisions
from cxaudio.workbench.pages.people_view import date_asked, filter_values, person_values
from cxaudio.workbench.people.adaptation import Limits, limits_of_thirds
from cxaudio.workbench.people.broken_rules import broken_rules
from cxaudio.workbench.people.others import Others, others_than
from cxaudio.workbench.people.person import person
from cxaudio.workbench.reading.where import EVERY
from cxaudio.workbench.serving.answers import Answer, page, redirect
from cxaudio.workbench.serving.asked import Asked
from cxaudio.workbench.serving.route import Route

__all__ = ["ROUTES"]


def show_own_view(asked: Asked) -> Answer:
    """Show an agent what reviewers see of them, in the second person; who is no agent is led to the list of agents."""
    name = asked.visitor.own_agent
    if name is None:
        return redirect("/agents")
    min_calls = asked.workbench.options.min_calls
    others, limits = _sums_of_others(asked, name)
    chosen, at = asked.filter, date_asked(asked)
    snapshot, where = asked.snapshot, chosen.where()
    return page(
        asked,
        "person.html",
        script_words=("workbench_people.key",),
        **person_values(
            asked,
            person(snapshot, where, limits=limits or limits_of_thirds(snapshot, EVERY), at=at, min_calls=min_calls),
            others,
            broken_rules(snapshot, where, min_calls=min_calls, precisions=measured_precisions(asked, where)),
            own=True,
        ),
        **filter_values(asked, chosen, "agent", "/me", at=asked.query.first("at")),
        path="/me",
        name=name,
        by="agent",
        at=at,
        back=None,
    )


def _sums_of_others(asked: Asked, name: str) -> tuple[Others | None, Limits | None]:
    """Return sums over the calls of all others, and the rates that part all customers into thirds.

    This is all that an own view holds of anybody else. It is the same whatever the visitor filters by, so that nothing
    follows from the difference of two filters, and there is nothing where too few others have enough calls.
    """
    everybody, min_calls = asked.workbench.archive.current(), asked.workbench.options.min_calls
    others = everybody.kept(
        ("others", name, min_calls),
        lambda: others_than(everybody, name, EVERY, min_calls=min_calls),
        of_calls_alone=True,
    )
    if others is None:
        return None, None
    return others, everybody.kept("limits", lambda: limits_of_thirds(everybody, EVERY), of_calls_alone=True)


ROUTES = (Route("GET", "/me", show_own_view, audit="open own view", own_view=True),)
