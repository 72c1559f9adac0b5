"""Find the languages that have a pacing policy, and the policy for a language tag."""

from pathlib import Path

from cxaudio.errors import ConfigError, UsageError
from cxaudio.settings.folders import config_root, user_config_folder
from cxaudio.settings.toml_file import read_toml

__all__ = ["checked_tag", "find_language", "languages"]


def languages(user_folder: Path | str | None = None) -> tuple[str, ...]:
    """Return the languages that have a pacing policy, shipped or the user's own, in alphabetical order.

    Examples
    --------
    >>> {"en", "zh", "ja"} <= set(languages("/nonexistent"))
    True
    """
    user = user_config_folder() if user_folder is None else Path(user_folder)
    return tuple(sorted({path.stem for root in (config_root(), user) for path in (root / "pacing").glob("*.toml")}))


def checked_tag(value: object, source: str) -> str:
    """Return a language tag of a file.

    Raises
    ------
    ConfigError
        If it is empty or no text.
    """
    if not isinstance(value, str) or not value:
        raise ConfigError(source, "language", value, 'must be a language tag such as "en" or "zh-CN"')
    return value


def find_language(wanted: str, user: Path) -> str:
    """Return the language whose policy serves a BCP 47 tag.

    It is the tag itself, or the tag without its last subtags (RFC 4647, lookup).

    Parameters
    ----------
    wanted : str
        Tag; underlines count as hyphens.
    user : Path
        The user's folder.

    Raises
    ------
    UsageError
        If there is no policy for it.
    ConfigError
        If a policy's ``language`` is not the name of its file.
    """
    available = languages(user)
    known = {name.lower(): name for name in available}
    subtags = wanted.replace("_", "-").lower().split("-")
    for length in range(len(subtags), 0, -1):
        found = known.get("-".join(subtags[:length]))
        if found is not None:
            for folder in (config_root(), user):
                path = folder / "pacing" / f"{found}.toml"
                named = read_toml(path).get("language", found) if path.is_file() else found
                if named != found:
                    raise ConfigError(path, "language", named, f'is not the file\'s own name; use "{found}"')
            return found
    raise UsageError(
        f"language {wanted!r} has no pacing policy, there are {', '.join(available)}; choose the nearest of these, "
        f"or write {user / 'pacing' / (subtags[0] + '.toml')} with its norms"
    )
