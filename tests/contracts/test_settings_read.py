"""Every setting, and every fact of a headset's profile, is read by the part of the program that it is meant for.

The classes of settings note who reads which of their fields while a call is replayed, a session waits for a call and
ends it, and devices are listed. A read counts where the program decides or shows something by it: not the class's own
checks, and not the modules that read, write and copy settings as a whole. Namesakes do not count for one another.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from inspect import get_annotations
from pathlib import Path
from types import FrameType

import numpy as np
import pytest
import soundfile

import cxaudio
import dsp
from cxaudio.cli.app import run_cli
from cxaudio.live.session import LiveSession
from cxaudio.made.demo_script import demo_script
from cxaudio.made.script import Phase, chance_talk
from cxaudio.made.synthetic import make_call
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.policy import AnalysisSettings, HeadsetProfile, PacingPolicy, SpurtSettings
from cxaudio.model.provenance import Provenance
from cxaudio.replay.one_call import CallFiles, replay_call
from cxaudio.settings import Settings, load_settings
from cxaudio.settings.sections import sections
from cxaudio.sinks.hud.page import hud_page
from support.demo_call import demo_call
from support.endless import EndlessSource, call_and_silence
from support.fake_soundcard import FakeDevice, FakeSoundSystem

PRODUCT = tuple(str(Path(package.__file__).parent) for package in (cxaudio, dsp))
# Modules that read, check, write or copy settings as a whole, and so use none of them.
WHOLE = (
    "cxaudio/settings/",
    "cxaudio/model/written.py",
    "cxaudio/model/call_io.py",
    "cxaudio/laboratory/report/profile.py",
)

Field = tuple[type, str]  # the class that declares it, and its name


def settings_classes() -> list[type]:
    return [Settings, AnalysisSettings, PacingPolicy, *sections().values(), HeadsetProfile, HeadsetFacts]


def declared(kind: type, name: str) -> Field | None:
    """The field that an attribute of a class is; None where it is none."""
    for base in kind.__mro__:
        if is_dataclass(base) and name in get_annotations(base):
            return base, name
    return None


def is_use(frame: FrameType | None, kind: type) -> bool:
    """Whether a frame, or whoever asked the class's own property there, uses the field for itself."""
    own = tuple(f"{base.__qualname__}." for base in kind.__mro__)
    while frame is not None and (frame.f_code.co_qualname.startswith(own) or frame.f_code.co_filename == __file__):
        if "__post_init__" in frame.f_code.co_qualname:
            return False
        frame = frame.f_back
    if frame is None or frame.f_code.co_qualname.startswith("check_numbers"):
        return False
    path = frame.f_code.co_filename
    return path.startswith(PRODUCT) and not any(part in Path(path).as_posix() for part in WHOLE)


@contextmanager
def uses_noted(kinds: Iterable[type]) -> Iterator[set[Field]]:
    """Note the fields of the classes that the program uses, by attribute or by the key in a report's settings."""
    used: set[Field] = set()
    number_by_key = Provenance.number

    def attribute(self: object, name: str) -> object:
        field = declared(type(self), name)
        if field is not None and field not in used and is_use(sys._getframe(1), type(self)):
            used.add(field)
        return object.__getattribute__(self, name)

    def number(self: Provenance, key: str) -> float | None:
        section, _, name = key.partition(".")
        field = declared(sections()[section], name)
        assert field is not None, key
        used.add(field)
        return number_by_key(self, key)

    with pytest.MonkeyPatch.context() as patch:
        for kind in set(kinds):
            patch.setattr(kind, "__getattribute__", attribute)
        patch.setattr(Provenance, "number", number)
        yield used


def unused(kinds: Iterable[type], used: set[Field]) -> list[str]:
    """Fields of the classes that nobody used, each with the class that declares it."""
    every = {declared(kind, spec.name) for kind in kinds for spec in fields(kind) if spec.name not in sections()}
    return sorted(f"{field[0].__name__}.{field[1]}" for field in every - used if field is not None)


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of talk."""
    path = tmp_path_factory.mktemp("call") / "call.wav"
    talk = chance_talk(np.random.default_rng(1), seconds=12, rates=(4.7, 4.5))
    make_call(replace(demo_script(), phases=(Phase(rule="neutral", elements=talk),)), seed=1).write_wav(path)
    return path


def everything_happens(folder: Path) -> Path:
    """The demonstration's call with a second of clipping."""
    demo_call().write_wav(folder / "whole.wav")
    samples, rate = soundfile.read(folder / "whole.wav", dtype="float32")
    samples[10 * rate : 11 * rate] *= 100
    soundfile.write(folder / "clipped.wav", np.clip(samples, -1, 1), rate)
    return folder / "clipped.wav"


def telephone_sound(folder: Path) -> Path:
    """A second of sound without high frequencies at a wideband rate."""
    tone = 0.1 * np.sin(2 * np.pi * 1_000 * np.arange(16_000) / 16_000)
    soundfile.write(folder / "narrow.wav", np.stack((tone, tone), axis=1), 16_000)
    return folder / "narrow.wav"


@pytest.fixture
def known_headset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A headset whose every fact was measured, in the settings of this test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    facts = HeadsetFacts(
        wideband=True, microphone_noise_dbov=-75.0, coupling_loss_db=40.0, round_trip_s=0.1, noise_gate=False
    )
    lines = [f"{name} = {str(value).lower()}" for name, value in asdict(facts).items()]
    lines += ['maker = "Acme"', 'model = "One"', 'name_patterns = ["Acme"]', 'usb_ids = ["1234:abcd"]']
    (tmp_path / "cxaudio" / "headsets").mkdir(parents=True)
    (tmp_path / "cxaudio" / "headsets" / "acme.toml").write_text("\n".join(lines))
    return "acme"


@pytest.mark.slow
def test_every_setting_and_every_fact_of_a_headset_is_used(known_headset, tmp_path, monkeypatch):
    devices = FakeSoundSystem(FakeDevice("Mic", usb_id="1234:ABCD"), FakeDevice("Acme"), FakeDevice("Ear", outputs=2))
    monkeypatch.setattr("cxaudio.devices.soundcard.open_sound_system", lambda: devices)
    recording, narrow = str(everything_happens(tmp_path)), str(telephone_sound(tmp_path))
    settings = load_settings()
    out = str(tmp_path / "out")
    with uses_noted(settings_classes()) as used:
        assert 0 == run_cli(["replay", recording, "--headset", known_headset, "--set", "roles.agent=left", "-o", out])
        assert 0 == run_cli(["replay", narrow, "--headset", known_headset, "--agent", "left", "-o", out])
        LiveSession(EndlessSource(call_and_silence(6, 6)), settings, [], language="en").run()
        hud_page(language="en", pacing=settings.pacing)
        assert 0 == run_cli(["devices"])
        assert 0 == run_cli(["config", "show"])
        (tmp_path / "no calls").mkdir()
        store = ["--store", str(tmp_path / "store")]
        assert 0 == run_cli(["archive", "run", str(tmp_path / "no calls"), *store])
        assert 0 == run_cli(["archive", "summary", *store])
    assert [] == unused(settings_classes(), used)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenSpurts(SpurtSettings):
    """Settings with a field that is checked, written and read by nobody, and has a namesake that is read."""

    long_pause_s: float = 3.0


def test_a_setting_that_is_only_checked_and_written_is_found_whatever_its_name(call, tmp_path):
    kinds = [*settings_classes(), ForgottenSpurts]
    with uses_noted(kinds) as used:
        settings = load_settings(user_folder="/nonexistent")
        spurts = ForgottenSpurts(**asdict(settings.analysis.spurts))
        made = replace(settings, analysis=replace(settings.analysis, spurts=spurts))
        replay_call(CallFiles(path=call, agent="left"), made, language="en", outputs=None)
        assert 3.0 == made.as_dict()["spurts"]["long_pause_s"]
    assert ["ForgottenSpurts.long_pause_s"] == unused([ForgottenSpurts], used)
