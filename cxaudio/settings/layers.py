"""Lay settings files over one another and build the settings in force.

Precedence, strongest first: command line, ``--config FILE``, the user's folder, what was shipped. A key that is
unknown, of the wrong kind or out of its range is an error that names the file and the key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any

from cxaudio.analysis import pacing_rules
from cxaudio.errors import ConfigError, SettingError
from cxaudio.model.policy import AnalysisSettings, PacingPolicy, RuleSettings
from cxaudio.settings.checks import checked_values, unknown_key
from cxaudio.settings.folders import config_root, user_config_folder
from cxaudio.settings.in_force import Settings
from cxaudio.settings.language import checked_tag, find_language
from cxaudio.settings.sections import sections
from cxaudio.settings.toml_file import read_toml

__all__ = ["load_settings", "settings_from_values"]

_COMMAND_LINE = "command line"
_RULE_DEFAULT = "the rule's own default"


def load_settings(
    *,
    language: str | None = "en",
    config_file: Path | str | None = None,
    overrides: Mapping[str, object] | None = None,
    user_folder: Path | str | None = None,
) -> Settings:
    """Read the settings in force.

    Parameters
    ----------
    language : str or None
        BCP 47 tag of the call; ``zh-CN`` falls back to ``zh``. None: the settings' own ``language``.
    config_file : path, optional
        A file of the caller's own, over the user's folder.
    overrides : mapping, optional
        ``"section.key"`` to value, over every file.
    user_folder : path, optional
        In place of `user_config_folder`; may be missing. It may hold ``settings.toml`` and ``pacing/<language>.toml``.

    Returns
    -------
    Settings

    Raises
    ------
    ConfigError
        If a file holds a key that is unknown, of the wrong kind or out of its range; names file and key.
    UsageError
        If a file cannot be read or is not TOML, or no policy exists for the language.

    Examples
    --------
    >>> load_settings(language="zh-CN", user_folder="/nonexistent").pacing.language
    'zh'
    """
    root = config_root()
    user = user_config_folder() if user_folder is None else Path(user_folder)
    overrides = overrides or {}
    shipped = _File(root / "defaults.toml")
    users = _File(user / "settings.toml", missing_ok=True)
    given = _File(Path(config_file)) if config_file is not None else None
    named = [language, overrides.get("language"), given.language if given else None, users.language, shipped.language]
    tag = find_language(next(str(name) for name in named if name is not None), user)

    layers = _Layers()
    layers.add_rules()
    users_policy = _File(user / "pacing" / f"{tag}.toml", missing_ok=True)
    for file in (shipped, _File(root / "pacing" / f"{tag}.toml", missing_ok=True), users, users_policy, given):
        if file is not None and file.values:
            layers.add(file.values, str(file.path))
            layers.files.append(str(file.path))
    layers.add_overrides(overrides)
    layers.values["language"] = tag
    if "articulation_rate" not in layers.values["norms"]:
        raise ConfigError(
            users_policy.path, "norms.articulation_rate", None, "is missing; give the language's syllables per second"
        )
    return layers.build()


def settings_from_values(
    values: Mapping[str, Any],
    *,
    config_file: Path | str | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """Build settings from what `Settings.as_dict` gave, for example the ``settings.values`` of a report.

    Parameters
    ----------
    values : mapping
        Complete; what was shipped since then does not fill gaps.
    config_file : path, optional
        A settings file that is laid over them.
    overrides : mapping, optional
        ``"section.key"`` to value, over that.

    Raises
    ------
    ConfigError
        If a key is missing, unknown, of the wrong kind or out of its range.
    UsageError
        If the file cannot be read or is not TOML.

    Examples
    --------
    >>> settings = load_settings(user_folder="/nonexistent")
    >>> settings_from_values(settings.as_dict()).digest == settings.digest
    True
    """
    layers = _Layers()
    shipped = config_root() / "defaults.toml"
    for section in {"live", "archive"} - values.keys():  # an older version's: they decide nothing of what is measured
        layers.add({section: read_toml(shipped)[section]}, str(shipped))
    layers.add_rules(without=values)  # a rule that is newer than the values
    layers.add(values, "stored settings")
    if config_file is not None:
        layers.add(read_toml(config_file), str(config_file))
    layers.add_overrides(overrides or {})
    return layers.build()


class _File:
    """One settings file that was read and not yet checked."""

    def __init__(self, path: Path, *, missing_ok: bool = False) -> None:
        self.path = path
        self.values = {} if missing_ok and not path.is_file() else read_toml(path)

    @property
    def language(self) -> str | None:
        return None if "language" not in self.values else checked_tag(self.values["language"], str(self.path))


class _Layers:
    """Values laid over one another, each with its source."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.sources: dict[str, str] = {}
        self.files: list[str] = []
        self.sections = sections()

    def add(self, values: Mapping[str, Any], source: str) -> None:
        """Check the keys and kinds of `values` and lay them over the earlier ones."""
        for name, value in values.items():
            if name == "schema":
                continue
            if name == "language":
                self.values[name] = checked_tag(value, source)
                self.sources[name] = source
                continue
            if name not in self.sections and name != "words":
                raise unknown_key(source, name, value, [*self.sections, "words", "language"])
            if not isinstance(value, Mapping):
                raise ConfigError(source, name, value, f"must be a section: write [{name}] and its keys below")
            if name == "words":
                for key, text in value.items():
                    if not isinstance(text, str):
                        raise ConfigError(source, f'words."{key}"', text, "must be a text in quotes")
                checked = dict(value)
            else:
                checked = checked_values(self.sections[name], value, prefix=f"{name}.", source=source)
            self.values.setdefault(name, {}).update(checked)
            self.sources.update({f"{name}.{key}": source for key in checked})

    def add_overrides(self, overrides: Mapping[str, object]) -> None:
        """Lay settings given as ``"section.key"`` over the earlier ones."""
        for key, value in overrides.items():
            section, dot, name = key.partition(".")
            self.add({section: {name: value}} if dot else {section: value}, _COMMAND_LINE)

    def add_rules(self, *, without: Iterable[str] = ()) -> None:
        """Add the defaults that the pacing rules declare, except those of the rules in `without`."""
        for rule in pacing_rules.RULES:
            if rule.name not in without:
                self.add({rule.name: asdict(rule.settings())}, _RULE_DEFAULT)

    def build(self) -> Settings:
        """Return the settings, each section checked by its own class."""
        built: dict[str, Any] = {}
        for name, section in self.sections.items():
            values = self.values.get(name, {})
            for spec in fields(section):
                optional = spec.default is not MISSING or spec.default_factory is not MISSING
                if spec.name not in values and (not optional or issubclass(section, RuleSettings)):
                    raise ConfigError(self._where(name), f"{name}.{spec.name}", None, "is missing; give it a value")
            try:
                built[name] = section(**values)
            except SettingError as error:
                raise ConfigError(self._file_to_mend(error.key), error.key, error.value, error.reason) from error
        return Settings(
            analysis=AnalysisSettings(**{spec.name: built[spec.name] for spec in fields(AnalysisSettings)}),
            pacing=PacingPolicy(
                language=self.values["language"],
                words=dict(self.values.get("words", {})),
                rules={rule.name: built[rule.name] for rule in pacing_rules.RULES},
                **{spec.name: built[spec.name] for spec in fields(PacingPolicy) if spec.name in built},
            ),
            roles=built["roles"],
            live=built["live"],
            archive=built["archive"],
            provenance=dict(self.sources),
            files=tuple(self.files),
        )

    def _where(self, section: str) -> str:
        return next((source for key, source in self.sources.items() if key.startswith(f"{section}.")), "settings")

    def _file_to_mend(self, key: str) -> str:
        """Return the key's own source or, where that is shipped, what was laid over its section.

        A limit may fail because its neighbour was moved: ``clear_ratio`` raised over a shipped ``flag_ratio``.
        """
        own = self.sources.get(key, "settings")
        shipped = (str(config_root()), _RULE_DEFAULT)
        if not own.startswith(shipped):
            return own
        section = key.partition(".")[0] + "."
        moved = [
            source
            for name, source in self.sources.items()
            if name.startswith(section) and not source.startswith(shipped)
        ]
        return moved[-1] if moved else own
