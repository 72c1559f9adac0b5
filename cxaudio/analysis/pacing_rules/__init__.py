"""The pacing rules, a module each, with all that the rest of the program knows of them.

A new rule is one module with a subclass of `cxaudio.analysis.pacing_rules.rule.PacingRule`, and one entry of `RULES`.
Read ``pacing_rules.RULES`` where it is needed, and keep no copy of it.
"""

from cxaudio.analysis.pacing_rules.dawdling import Dawdling
from cxaudio.analysis.pacing_rules.dead_air import DeadAir
from cxaudio.analysis.pacing_rules.left_waiting import LeftWaiting
from cxaudio.analysis.pacing_rules.monologue import Monologue
from cxaudio.analysis.pacing_rules.rule import PacingRule
from cxaudio.analysis.pacing_rules.rushing import Rushing
from cxaudio.analysis.pacing_rules.talking_over import TalkingOver

__all__ = ["RULES", "PacingRule", "rule_named"]

RULES: tuple[type[PacingRule], ...] = (Rushing, Dawdling, TalkingOver, LeftWaiting, DeadAir, Monologue)
"""Every rule, in the order of the settings, of judging, and of the sentence about a call."""


def rule_named(name: str) -> type[PacingRule]:
    """Return the rule of that name.

    Raises
    ------
    KeyError
        If there is none.

    Examples
    --------
    >>> rule_named("dead_air").messages
    ('dead_air.say_something',)
    """
    for rule in RULES:
        if rule.name == name:
            return rule
    raise KeyError(name)
