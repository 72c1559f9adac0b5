"""Finds and reads ``config/`` (TOML) into the frozen policies and says which file each value came from; hears no sound.

Precedence, strongest first: command line, ``--config FILE``, the user's folder, what was shipped. A key that is
unknown, of the wrong kind or out of its range is an error that names the file and the key.
"""

import hashlib
import json
import os
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from cxaudio.analysis import pacing_rules
from cxaudio.errors import ConfigError, SettingError, UsageError
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.live_policy import LiveSettings
from cxaudio.model.policy import AnalysisSettings, HeadsetProfile, PacingPolicy, RuleSettings

__all__ = [
    "RoleSettings",
    "Settings",
    "config_root",
    "headset_facts",
    "headset_profiles",
    "languages",
    "load_settings",
    "parse_override",
    "read_toml",
    "settings_from_values",
    "user_config_folder",
]

SCHEMA = 1
COMMAND_LINE = "command line"
RULE_DEFAULT = "the rule's own default"
_Values = dict[str, Any]
_Sources = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSettings:
    """Which channel is whose where a command does not say it; None: not known, and never guessed."""

    agent: str | None = None  # "left" or "right"
    layout: str | None = None  # a name out of layouts.toml

    def __post_init__(self) -> None:
        if self.agent not in (None, "left", "right"):
            raise SettingError("roles.agent", self.agent, 'is no channel; use "left" or "right"')


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every number in force, and where each came from.

    Examples
    --------
    >>> settings = load_settings(language="en", overrides={"rushing.flag_ratio": 1.3}, user_folder="/nonexistent")
    >>> settings.pacing.rushing.flag_ratio, settings.provenance["rushing.flag_ratio"]
    (1.3, 'command line')
    >>> settings.pacing.norms.articulation_rate, settings.provenance["norms.articulation_rate"][-14:]
    (5.1, 'pacing/en.toml')
    """

    analysis: AnalysisSettings
    pacing: PacingPolicy
    roles: RoleSettings
    live: LiveSettings
    provenance: Mapping[str, str]  # "section.key" to the file it came from, or "command line"
    files: tuple[str, ...] = ()  # what was read, weakest first

    def as_dict(self) -> dict[str, Any]:
        """Every value by section, shaped as a settings file is: plain dicts, lists, numbers, texts and booleans."""
        values: dict[str, Any] = {"schema": SCHEMA, "language": self.pacing.language}
        values["roles"] = {key: value for key, value in asdict(self.roles).items() if value is not None}
        for owner in (self.analysis, self.pacing):
            for spec in fields(owner):
                value = getattr(owner, spec.name)
                if spec.name == "rules":
                    values.update({name: _plain(asdict(rule)) for name, rule in value.items()})
                elif is_dataclass(value) and not isinstance(value, type):
                    values[spec.name] = _plain(asdict(value))
        values["live"] = asdict(self.live)
        values["words"] = dict(self.pacing.words)
        return values

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides what is measured (not wording, nor how live calls are found), 64 hex digits."""
        values = self.as_dict()
        del values["words"], values["live"]
        text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @staticmethod
    def json_schema() -> dict[str, Any]:
        """JSON Schema of a settings file; every key may be left out."""
        return _json_schema()


def config_root() -> Path:
    """Folder of the shipped configuration: inside the package when installed, beside it in a checkout.

    Raises
    ------
    UsageError
        If neither holds ``defaults.toml``: the installation is broken.

    Examples
    --------
    >>> (config_root() / "defaults.toml").is_file()
    True
    """
    # What importlib.resources.files("cxaudio") resolves to for an installed wheel, without its 12 ms of import.
    package = Path(__file__).resolve().parent
    for folder in (package / "config", package.parent / "config"):
        if (folder / "defaults.toml").is_file():
            return folder
    raise UsageError(f"{package / 'config'}: the shipped settings are missing; install cxaudio anew")


def user_config_folder(
    *, platform: str = sys.platform, environ: Mapping[str, str] = os.environ, home: Path | None = None
) -> Path:
    """The user's own folder: the platform's convention, whether or not it exists yet.

    Parameters
    ----------
    platform : str
        As ``sys.platform``.
    environ : mapping
        As ``os.environ``.
    home : Path, optional
        Home folder; the user's when left out.

    Examples
    --------
    >>> user_config_folder(platform="linux", environ={}, home=Path("/home/lin")).as_posix()
    '/home/lin/.config/cxaudio'
    """
    home = Path.home() if home is None else home
    if platform == "win32":
        base = Path(environ["APPDATA"]) if environ.get("APPDATA") else home / "AppData" / "Roaming"
    elif platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(environ["XDG_CONFIG_HOME"]) if environ.get("XDG_CONFIG_HOME") else home / ".config"
    return base / "cxaudio"


def languages(user_folder: Path | str | None = None) -> tuple[str, ...]:
    """Languages that have a pacing policy, shipped or the user's own, in alphabetical order.

    Examples
    --------
    >>> {"en", "zh", "ja"} <= set(languages("/nonexistent"))
    True
    """
    user = user_config_folder() if user_folder is None else Path(user_folder)
    return tuple(sorted({path.stem for root in (config_root(), user) for path in (root / "pacing").glob("*.toml")}))


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
    mine = _File(user / "settings.toml", missing_ok=True)
    given = _File(Path(config_file)) if config_file is not None else None
    named = [language, overrides.get("language"), given.language if given else None, mine.language, shipped.language]
    tag = _find_language(next(str(name) for name in named if name is not None), root=root, user=user)

    layers = _Layers()
    layers.add_rules()
    own = _File(user / "pacing" / f"{tag}.toml", missing_ok=True)
    for file in (shipped, _File(root / "pacing" / f"{tag}.toml", missing_ok=True), mine, own, given):
        if file is not None and file.values:
            layers.add(file.values, str(file.path))
            layers.files.append(str(file.path))
    for key, value in overrides.items():
        section, dot, name = key.partition(".")
        layers.add({section: {name: value}} if dot else {section: value}, COMMAND_LINE)
    layers.values["language"] = tag
    if "articulation_rate" not in layers.values["norms"]:
        raise ConfigError(
            own.path, "norms.articulation_rate", None, "is missing; give the language's syllables per second"
        )
    return layers.build()


def settings_from_values(values: Mapping[str, Any]) -> Settings:
    """Settings out of what `Settings.as_dict` gave, for example the ``settings.values`` of a report.

    Parameters
    ----------
    values : mapping
        Complete; what was shipped since then does not fill gaps.

    Raises
    ------
    ConfigError
        If a key is missing, unknown, of the wrong kind or out of its range.

    Examples
    --------
    >>> settings = load_settings(user_folder="/nonexistent")
    >>> settings_from_values(settings.as_dict()).digest == settings.digest
    True
    """
    layers = _Layers()
    if "live" not in values:  # an older version's: it decides nothing of what is measured
        shipped = config_root() / "defaults.toml"
        layers.add({"live": read_toml(shipped)["live"]}, str(shipped))
    layers.add_rules(without=values)  # a rule that is newer than the values
    layers.add(values, "stored settings")
    return layers.build()


def parse_override(text: str) -> tuple[str, object]:
    """``section.key=value`` of a command line, its value read as TOML or, where it is none, as a bare word.

    Raises
    ------
    UsageError
        If there is no ``=`` or no key.

    Examples
    --------
    >>> parse_override("rushing.flag_ratio=1.3"), parse_override("roles.agent=left")
    (('rushing.flag_ratio', 1.3), ('roles.agent', 'left'))
    """
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise UsageError(f"{text!r} sets nothing; write SECTION.KEY=VALUE, for example rushing.flag_ratio=1.3")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()


def read_toml(path: Path | str) -> dict[str, Any]:
    """One TOML file; a byte-order mark is tolerated.

    Raises
    ------
    UsageError
        If it cannot be read, is not UTF-8 or not TOML (the message names the line), or says another ``schema`` than 1.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); name a settings file that exists") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: is not valid TOML: {error}; mend that line") from error
    if values.get("schema", SCHEMA) != SCHEMA:
        raise ConfigError(path, "schema", values["schema"], f"is not known to this version; use {SCHEMA}")
    return values


def headset_profiles(user_folder: Path | str | None = None) -> dict[str, HeadsetProfile]:
    """Every known headset by its file's name, the user's own over the shipped.

    Raises
    ------
    ConfigError
        If a profile holds a key that is unknown or of the wrong kind.

    Examples
    --------
    >>> headset_profiles("/nonexistent")["hion-u800"].maker
    'Hion'
    """
    user = user_config_folder() if user_folder is None else Path(user_folder)
    found: dict[str, HeadsetProfile] = {}
    for root in (config_root(), user):
        for path in sorted((root / "headsets").glob("*.toml")):
            values = {key: value for key, value in read_toml(path).items() if key != "schema"}
            checked = _check_section(HeadsetProfile, values, prefix="", source=str(path))
            try:
                for pattern in checked.get("name_patterns", ()):
                    re.compile(pattern)
            except re.error as error:
                raise ConfigError(path, "name_patterns", pattern, f"is no regular expression: {error}") from error
            missing = [name for name in ("model", "maker") if name not in checked]
            if missing:
                raise ConfigError(path, missing[0], None, "is missing; every profile says maker and model")
            found[path.stem] = HeadsetProfile(**checked)
    return found


def headset_facts(name: str | None) -> HeadsetFacts | None:
    """Return what was measured of a headset; None for no headset and for one of which nothing was measured.

    Raises
    ------
    UsageError
        If there is no such profile.
    """
    if name is None:
        return None
    profiles = headset_profiles()
    if name not in profiles:
        raise UsageError(f"headset {name!r} has no profile; there are {', '.join(profiles)}")
    return profiles[name].facts


# ------------------------------------------------------------------------------------------------------------- inside


class _File:
    """One settings file, read and not yet judged."""

    def __init__(self, path: Path, *, missing_ok: bool = False) -> None:
        self.path = path
        self.values = {} if missing_ok and not path.is_file() else read_toml(path)

    @property
    def language(self) -> str | None:
        return None if "language" not in self.values else _language(self.values["language"], str(self.path))


def _sections() -> dict[str, type]:
    """Section name to the dataclass that it fills."""
    found: dict[str, type] = {"roles": RoleSettings, "live": LiveSettings}
    for owner in (AnalysisSettings, PacingPolicy):
        found.update(
            {spec.name: spec.type for spec in fields(owner) if isinstance(spec.type, type) and is_dataclass(spec.type)}
        )
    found.update({rule.name: rule.settings for rule in pacing_rules.RULES})
    return found


class _Layers:
    """Values laid over one another, each with its source."""

    def __init__(self) -> None:
        self.values: _Values = {}
        self.sources: _Sources = {}
        self.files: list[str] = []
        self.sections = _sections()

    def add(self, values: Mapping[str, Any], source: str) -> None:
        """Check the keys and kinds of `values` and lay them over what is there."""
        for name, value in values.items():
            if name == "schema":
                continue
            if name == "language":
                self.values[name] = _language(value, source)
                self.sources[name] = source
                continue
            if name not in self.sections and name != "words":
                raise _unknown(source, name, value, [*self.sections, "words", "language"])
            if not isinstance(value, Mapping):
                raise ConfigError(source, name, value, f"must be a section: write [{name}] and its keys below")
            if name == "words":
                for key, text in value.items():
                    if not isinstance(text, str):
                        raise ConfigError(source, f'words."{key}"', text, "must be a text in quotes")
                checked = dict(value)
            else:
                checked = _check_section(self.sections[name], value, prefix=f"{name}.", source=source)
            self.values.setdefault(name, {}).update(checked)
            self.sources.update({f"{name}.{key}": source for key in checked})

    def add_rules(self, *, without: Iterable[str] = ()) -> None:
        """Lay down the defaults that the pacing rules declare, but for those rules that stand in `without`."""
        for rule in pacing_rules.RULES:
            if rule.name not in without:
                self.add({rule.name: asdict(rule.settings())}, RULE_DEFAULT)

    def build(self) -> Settings:
        """The frozen values, each checked by its own class."""
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
                raise ConfigError(self._blame(error.key), error.key, error.value, error.reason) from error
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
            provenance=dict(self.sources),
            files=tuple(self.files),
        )

    def _where(self, section: str) -> str:
        return next((source for key, source in self.sources.items() if key.startswith(f"{section}.")), "settings")

    def _blame(self, key: str) -> str:
        """The source to mend: the key's own, or where that is shipped, what was laid over its section.

        A limit may fail because its neighbour was moved: ``clear_ratio`` raised over a shipped ``flag_ratio``.
        """
        own = self.sources.get(key, "settings")
        root = str(config_root())
        shipped = (root, RULE_DEFAULT)
        if not own.startswith(shipped):
            return own
        section = key.partition(".")[0] + "."
        moved = [
            source
            for name, source in self.sources.items()
            if name.startswith(section) and not source.startswith(shipped)
        ]
        return moved[-1] if moved else own


def _language(value: object, source: str) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigError(source, "language", value, 'must be a language tag such as "en" or "zh-CN"')
    return value


def _find_language(wanted: str, *, root: Path, user: Path) -> str:
    """The policy for a BCP 47 tag: itself, or with subtags taken off from the right (RFC 4647, lookup)."""
    there = languages(user)
    known = {name.lower(): name for name in there}
    subtags = wanted.replace("_", "-").lower().split("-")
    for length in range(len(subtags), 0, -1):
        found = known.get("-".join(subtags[:length]))
        if found is not None:
            for folder in (root, user):
                path = folder / "pacing" / f"{found}.toml"
                said = read_toml(path).get("language", found) if path.is_file() else found
                if said != found:
                    raise ConfigError(path, "language", said, f'is not the file\'s own name; use "{found}"')
            return found
    raise UsageError(
        f"language {wanted!r} has no pacing policy, there are {', '.join(there)}; choose the nearest of these, "
        f"or write {user / 'pacing' / (subtags[0] + '.toml')} with its norms"
    )


def _check_section(section: type, values: Mapping[str, Any], *, prefix: str, source: str) -> _Values:
    """The values of one section with their kinds checked; lists become tuples, whole numbers floats where meant."""
    specs = {spec.name: spec for spec in fields(section)}
    checked: _Values = {}
    for name, value in values.items():
        if name not in specs:
            raise _unknown(source, prefix + name, value, [prefix + known for known in specs])
        try:
            checked[name] = _as_kind(specs[name].type, value)
        except TypeError as error:
            raise ConfigError(source, prefix + name, value, f"must be {error}") from None
    return checked


def _as_kind(kind: Any, value: object) -> object:
    """`value` as the field's type, or TypeError naming what was expected."""
    if isinstance(kind, UnionType):  # "X | None"; TOML has no null, so a value is an X
        if value is None:
            return None
        kind = next(option for option in get_args(kind) if option is not NoneType)
    if get_origin(kind) is tuple:
        if not isinstance(value, list | tuple):
            raise TypeError("a list in square brackets")
        return tuple(_as_kind(get_args(kind)[0], item) for item in value)
    if kind is bool:
        if not isinstance(value, bool):
            raise TypeError("true or false")
    elif kind is int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError("a whole number")
    elif kind is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError("a number")
        return float(value)
    elif not isinstance(value, str):
        raise TypeError("a text in quotes")
    return value


def _unknown(source: str, key: str, value: object, known: Iterable[str]) -> ConfigError:
    """The error for a key nobody reads, with the nearest one that is read."""
    import difflib  # only when something is wrong

    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    cure = f"did you mean {near[0]}?" if near else "take it out"
    return ConfigError(source, key, value, f"is not a setting; {cure}")


def _plain(value: Any) -> Any:
    """Tuples to lists, all the way down: what JSON and TOML hold."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _json_schema() -> dict[str, Any]:
    from pydantic import TypeAdapter  # a quarter of a second: not before it is asked for

    properties: dict[str, Any] = {
        "schema": {"const": SCHEMA},
        "language": {"type": "string", "description": "BCP 47 tag"},
        "words": {"type": "object", "additionalProperties": {"type": "string"}},
    }
    for name, section in _sections().items():
        schema = TypeAdapter(section).json_schema()
        schema.pop("required", None)
        schema["additionalProperties"] = False
        properties[name] = schema
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cxaudio settings",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
