"""How the calls of a run are judged: everything that a worker needs beside the job, made once and sent to it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cxaudio.errors import UsageError
from cxaudio.model.archive_policy import ArchiveSettings

__all__ = ["Names", "Pages", "Plan", "make_plan"]

Pages = Literal["all", "flagged", "none"]
"""Which calls get a page: all, those with a flag or a broken limit of the whole call, or none."""

Names = Literal["hashed", "plain"]
"""Whether the store may hold the names of recordings, which can be telephone numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How calls are judged; frozen and picklable."""

    store: Path  # folder of the store, for the pages
    settings: Mapping[str, Mapping[str, Any]]  # values of the settings in force, by language; no worker reads files
    settings_digest: str  # of all of them and `language`, 64 hex digits: what is judged with it stands side by side
    language: str  # of calls that name none, BCP 47
    pages: Pages = "all"
    names: Names = "hashed"
    page_language: str = "en"  # BCP 47
    max_hours: float = 8.0  # of sound in one recording
    memory_mb: int = 2048  # that judging may take in a worker
    call_limit_s: float = 60.0  # time that one recording may take ...
    call_limit_s_per_mb: float = 2.0  # ... and what each MB of its files adds

    def limit_s(self, size: int) -> float:
        """Return the time that a recording of some size may take.

        Parameters
        ----------
        size : int
            Bytes of all its files.

        Returns
        -------
        float
            Seconds.

        Examples
        --------
        >>> plan = Plan(store=Path("store"), settings={}, settings_digest="", language="en")
        >>> plan.limit_s(5_000_000)
        70.0
        """
        return self.call_limit_s + self.call_limit_s_per_mb * size / 1e6

    def values_for(self, language: str) -> Mapping[str, Any]:
        """Return the settings for a call's language, or else for the tag without its last subtags (RFC 4647, lookup).

        Raises
        ------
        UsageError
            If there are none.

        Examples
        --------
        >>> known = {"en": {"language": "en"}}
        >>> plan = Plan(store=Path("store"), settings=known, settings_digest="", language="en")
        >>> plan.values_for("en_GB")
        {'language': 'en'}
        """
        known = {name.lower(): name for name in self.settings}
        subtags = language.replace("_", "-").lower().split("-")
        for length in range(len(subtags), 0, -1):
            found = known.get("-".join(subtags[:length]))
            if found is not None:
                return self.settings[found]
        raise UsageError(
            f"language {language!r} has no pacing policy, there are {', '.join(self.settings)}; choose the nearest of "
            "these for the call"
        )


def make_plan(
    store: Path,
    *,
    language: str | None = None,
    config: str | Path | None = None,
    overrides: Mapping[str, object] | None = None,
    pages: Pages = "all",
    names: Names = "hashed",
    page_language: str = "en",
) -> tuple[Plan, ArchiveSettings]:
    """Read the settings of every language once, and make the plan of a run.

    Parameters
    ----------
    store : Path
        Folder of the store.
    language : str, optional
        Of calls that name none, BCP 47; the settings' own where it is left out.
    config : path, optional
        A settings file over the user's own and the shipped.
    overrides : mapping, optional
        ``"section.key"`` to value, over every file.
    pages, names, page_language
        See `Plan`.

    Returns
    -------
    Plan, ArchiveSettings
        The plan, and the settings of the archive for the driver.

    Raises
    ------
    ConfigError
        If a setting is unknown, ill-typed or out of its range.
    UsageError
        If there is no policy for the language, or a choice is unknown.
    """
    from cxaudio.settings import languages, load_settings

    for option, value, known in (("pages", pages, ("all", "flagged", "none")), ("names", names, ("hashed", "plain"))):
        if value not in known:
            raise UsageError(f"{option} = {value!r} is not known; choose from {', '.join(known)}")
    own = load_settings(language=language, config_file=config, overrides=overrides)
    known_languages = dict.fromkeys([own.pacing.language, *languages()])
    loaded = {tag: load_settings(language=tag, config_file=config, overrides=overrides) for tag in known_languages}
    spoken = language or own.pacing.language
    digests = "".join(f"\n{tag} {settings.digest}" for tag, settings in sorted(loaded.items()))
    limits = own.archive
    plan = Plan(
        store=store.absolute(),
        settings={tag: settings.as_dict() for tag, settings in loaded.items()},
        settings_digest=hashlib.sha256(f"{spoken}{digests}".encode()).hexdigest(),
        language=spoken,
        pages=pages,
        names=names,
        page_language=page_language,
        max_hours=limits.max_hours,
        memory_mb=limits.call_memory_mb,
        call_limit_s=limits.call_limit_s,
        call_limit_s_per_mb=limits.call_limit_s_per_mb,
    )
    return plan, limits
