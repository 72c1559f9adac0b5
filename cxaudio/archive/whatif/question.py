"""`Question`: the policy that calls were judged with and the one that is tried, by language."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cxaudio.analysis.pacing_rules import rule_named
from cxaudio.analysis.pacing_rules.rule import Read
from cxaudio.analysis.rejudging.changes import WITHOUT_EFFECT, changed_rules, refused_keys
from cxaudio.archive.running.kept_settings import KeptSettings
from cxaudio.errors import UsageError
from cxaudio.model.policy import AnalysisSettings, PacingPolicy
from cxaudio.settings import settings_from_values

__all__ = ["Change", "Question", "TriedPolicy", "make_question", "question_of_no_change"]


class TriedPolicy(NamedTuple):
    """One language's part of a question."""

    analysis: AnalysisSettings
    recorded: PacingPolicy
    pacing: PacingPolicy


class Change(NamedTuple):
    """One setting that is tried."""

    key: str  # "section.key"
    now: Any
    then: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked; frozen and picklable."""

    digest: str  # of the settings of the calls that are asked about
    by_language: Mapping[str, TriedPolicy]
    changes: tuple[Change, ...]  # of the settings of calls that name no language

    @property
    def concerns_pace(self) -> bool:
        """Return whether a rule about the pace may say something else."""
        return any(
            Read.PACE in rule_named(name).reads
            for policy in self.by_language.values()
            for name in changed_rules(policy.recorded, policy.pacing)
        )

    def policy_for(self, language: str | None) -> TriedPolicy:
        """Return the policies for a call's language, or else for the tag without its last subtags (RFC 4647, lookup).

        Raises
        ------
        UsageError
            If there are none.
        """
        known = {name.lower(): name for name in self.by_language}
        subtags = (language or "").replace("_", "-").lower().split("-")
        for length in range(len(subtags), 0, -1):
            found = known.get("-".join(subtags[:length]))
            if found is not None:
                return self.by_language[found]
        raise UsageError(f"the store has no settings of language {language!r}; judge its calls anew")


def make_question(
    kept: KeptSettings, *, policy: Path | str | None = None, overrides: Mapping[str, object] | None = None
) -> Question:
    """Lay a policy over the settings that calls were judged with.

    Parameters
    ----------
    kept : KeptSettings
        Of the calls.
    policy : path, optional
        A settings file; what it does not name stays as it was.
    overrides : mapping, optional
        ``"section.key"`` to value, over the file.

    Raises
    ------
    ConfigError
        If a setting is unknown, ill-typed or out of its range.
    UsageError
        If nothing is tried, or a setting that stored facts cannot answer.
    """
    if policy is None and not overrides:
        raise UsageError("no other policy is named; give --policy FILE, or --set SECTION.KEY=VALUE")
    tried: dict[str, TriedPolicy] = {}
    changes: tuple[Change, ...] = ()
    for language, values in kept.by_language.items():
        old = settings_from_values(values)
        new = settings_from_values(values, config_file=policy, overrides=overrides)
        before, after = old.as_dict(), new.as_dict()
        refused = refused_keys(before, after)
        if refused:
            raise UsageError(
                f"{', '.join(refused)} decides what is found in the sound, which the store does not hold; try it with "
                "cxaudio archive run --config FILE on the recordings"
            )
        tried[language] = TriedPolicy(old.analysis, old.pacing, new.pacing)
        if language == kept.language or not changes:
            changes = tuple(_changes(before, after))
    return Question(digest=kept.digest, by_language=tried, changes=changes)


def question_of_no_change(kept: KeptSettings) -> Question:
    """Return the question what the calls were judged as: its answer has only what is so now.

    Raises
    ------
    ConfigError
        If the settings are not those of this version.
    """
    settings = {language: settings_from_values(values) for language, values in kept.by_language.items()}
    same = {name: TriedPolicy(each.analysis, each.pacing, each.pacing) for name, each in settings.items()}
    return Question(digest=kept.digest, by_language=same, changes=())


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    return [
        Change(f"{section}.{key}", values.get(key), after[section][key])
        for section, values in before.items()
        if section not in WITHOUT_EFFECT and isinstance(values, Mapping)
        for key in after[section]
        if values.get(key) != after[section][key]
    ]
