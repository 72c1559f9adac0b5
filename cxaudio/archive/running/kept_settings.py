"""Keep in a store the settings that its calls are judged with, once for each digest, and read them again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cxaudio.archive.running.plan import Plan
from cxaudio.archive.store.layout import Layout
from cxaudio.errors import StoreError
from cxaudio.sinks.files import private_folder, write_private

__all__ = ["KeptSettings", "keep_settings", "kept_settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSettings:
    """The settings that calls of a store were judged with."""

    digest: str
    language: str  # of calls that name none, BCP 47
    by_language: Mapping[str, Mapping[str, Any]]  # values as `cxaudio.settings.Settings.as_dict` gives them


def keep_settings(layout: Layout, plan: Plan) -> None:
    """Write the settings of a run into its store, unless they are there.

    Raises
    ------
    StoreError
        If they cannot be written.
    """
    path = layout.settings(plan.settings_digest)
    if path.exists():
        return
    private_folder(path.parent)
    values = {"digest": plan.settings_digest, "language": plan.language, "settings": dict(plan.settings)}
    write_private(path, json.dumps(values, sort_keys=True) + "\n")


def kept_settings(layout: Layout, digest: str) -> KeptSettings:
    """Read the settings that calls were judged with.

    Parameters
    ----------
    layout : Layout
        Of the store.
    digest : str
        Of the settings, as the rows name it.

    Raises
    ------
    StoreError
        If the store does not hold them.
    """
    path = layout.settings(digest)
    cure = "judge the calls anew with cxaudio archive run"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return KeptSettings(digest=digest, language=values["language"], by_language=values["settings"])
    except FileNotFoundError:
        raise StoreError(f"{path}: is missing, so nobody knows how the calls were judged; {cure}") from None
    except OSError as exc:
        raise StoreError(f"{path}: cannot be read ({exc.strerror}); give yourself the right to it") from exc
    except (ValueError, KeyError, TypeError) as exc:
        raise StoreError(f"{path}: is damaged; {cure}") from exc
