"""The led measurement on made devices with a clock of their own: what is played, kept, told, and gone on with."""

import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from cxaudio.errors import DeviceError, UsageError
from cxaudio.laboratory.analyse import analyse_takes
from cxaudio.laboratory.takes.deck import Deck
from cxaudio.laboratory.takes.operator import TerminalOperator
from cxaudio.laboratory.takes.protocol import PROTOCOL, Role, TakePlan, plan_of
from cxaudio.laboratory.takes.recording_session import Answer, OperatorNotes, SessionPlan
from cxaudio.laboratory.takes.start_session import chosen_roles, record_takes
from cxaudio.laboratory.takes.take import Fault
from cxaudio.laboratory.takes.takes_folder import read_takes
from support.fake_soundcard import FakeDevice, FakeSoundSystem

RATE = 16_000
SHORT = (Role.QUIET, Role.SWEEP_LOUD, Role.OPENING)


class Patient:
    """An operator that goes on, and writes down what happens."""

    def __init__(self, *answers: Answer, after: Sequence[Answer] = ()) -> None:
        self.answers = list(answers)
        self.after = list(after)
        self.seen: list[tuple[str, int]] = []
        self.levels: list[float] = []
        self.faults: list[str] = []
        self.said: list[str] = []

    def ready(self, plan: TakePlan, number: int, total: int) -> Answer:
        self.seen.append((plan.role.value, number))
        return self.answers.pop(0) if self.answers else "go"

    def level(self, dbov: float, seconds_left: float) -> None:
        self.levels.append(dbov)

    def kept(self, name: str, faults: Sequence[Fault]) -> Answer:
        self.faults += [fault.kind for fault in faults]
        return self.after.pop(0) if self.after else "go"

    def show(self, sentence: str) -> None:
        self.said.append(sentence)


def loop(*, ppm: float = 0.0, latency_s: float = 0.0305, jitter_s: float = 0.0) -> FakeSoundSystem:
    """A microphone that hears its own earpiece at half the level, over a hiss, by a clock of its own."""
    earpiece = FakeDevice("ear", inputs=0, outputs=2, card="usb", description="Hion U800 Mono Output")
    hiss = np.random.default_rng(1).normal(0, 3, 1 << 20).astype(np.int16)
    begun: list[float] = []

    def heard(first: int, n: int, rate: float) -> np.ndarray:
        at = np.arange(first, first + n) / rate * RATE
        if not begun:
            begun.append(at[0])
        whole = np.floor(at).astype(int)
        low = whole[0]
        line = np.zeros(whole[-1] - low + 2)
        for begin, sound in earpiece.played.items():
            a, b = max(begin, low), min(begin + len(sound), low + len(line))
            if a < b:
                line[a - low : b - low] = sound[a - begin : b - begin]
        share = at - whole
        x = line[whole - low] * (1 - share) + line[whole - low + 1] * share
        return np.round(x / 2 + np.take(hiss, np.arange(first, first + n), mode="wrap")).astype(np.int16)

    microphone = FakeDevice(
        "mic", content=heard, ppm=ppm, latency_s=latency_s, jitter_s=jitter_s, card="usb", description="Hion U800 Mono"
    )
    return FakeSoundSystem(earpiece, microphone)


def run(system: FakeSoundSystem, folder: Path, operator: Patient, **options: object) -> int:
    given: dict[str, object] = {"wearings": 1, "openings": 3, "roles": SHORT, "mouth": "ear"}
    return record_takes(system, folder, model="Hion U800", operator=operator, **(given | options))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("measured")
    roles = (Role.QUIET, Role.SWEEP_LOUD, Role.MARKERS, Role.OPENING)
    notes = OperatorNotes(gain="73 %", os_effects="off", firmware="1.2", operator="Lin", notes="a loop")
    assert run(loop(ppm=60.0, jitter_s=0.002), folder, Patient(), roles=roles, notes=notes) == 6
    return folder


def test_latency_and_skew_of_a_loop_are_found_from_what_was_recorded(measured):
    """Handed over at once, heard 30.5 ms later; the jitter of the callbacks is told apart from the delay."""
    report = analyse_takes(measured)
    latency = report.figure("latency.median_ms")
    assert latency.value == pytest.approx(30.5, abs=0.5)
    assert latency.spread is None
    assert "3 openings of the stream of the 10 wanted, blocks of 160 frames" in latency.conditions
    assert report.figure("clock.skew_ppm").value == pytest.approx(60, abs=2)
    assert report.figure("response.deviation_db").value < 1  # straight lines between samples take the highs down


def test_each_take_is_kept_with_its_conditions(measured):
    lines = [json.loads(line) for line in (measured / "takes.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["file"] for line in lines] == [
        "quiet-1.wav", "sweep-loud-1.wav", "markers-1.wav", "opening-1.wav", "opening-2.wav", "opening-3.wav",
    ]  # fmt: skip
    first = lines[0]
    assert first["schema"] == "cxaudio.take/1"
    assert (first["model"], first["device"], first["gain"], first["firmware"]) == (
        "Hion U800", "Hion U800 Mono", "73 %", "1.2",
    )  # fmt: skip
    assert first["host_api"].startswith("Fake")
    assert (first["sample_rate_hz"], first["block_frames"], first["overflows"]) == (RATE, 1_600, 0)
    takes = read_takes(measured)
    assert takes.model == "Hion U800"
    assert takes.of(Role.QUIET)[0].conditions.recorded_at is not None


def test_a_measurement_goes_on_where_it_stopped(tmp_path):
    assert run(loop(), tmp_path, Patient("go", "quit")) == 1
    operator = Patient()
    assert run(loop(), tmp_path, operator) == 4
    assert operator.seen == [("sweep-loud", 1), ("opening", 1), ("opening", 2), ("opening", 3)]
    assert run(loop(), tmp_path, Patient()) == 0


def test_a_take_whose_file_is_gone_is_recorded_again(tmp_path):
    run(loop(), tmp_path, Patient(), roles=(Role.QUIET,))
    (tmp_path / "quiet-1.wav").unlink()
    assert run(loop(), tmp_path, Patient(), roles=(Role.QUIET,)) == 1


def test_skipped_takes_are_not_asked_for_again(tmp_path):
    operator = Patient("skip")
    run(loop(), tmp_path, operator, wearings=2, roles=(Role.QUIET, Role.OPENING), openings=1)
    assert operator.seen == [("quiet", 1), ("opening", 1)]


def test_a_bad_take_is_told_at_once_and_may_be_recorded_again(tmp_path):
    system = loop()
    system.mute("mic")
    operator = Patient(after=["again", "go"])
    run(system, tmp_path, operator, roles=(Role.QUIET,))
    assert operator.faults == ["silent", "silent"]
    assert len((tmp_path / "takes.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_without_a_loudspeaker_a_person_speaks_and_sweeps_are_left_out(tmp_path):
    operator = Patient()
    run(loop(), tmp_path, operator, mouth=None, roles=(Role.SPEECH, Role.SWEEP_LOUD))
    assert operator.seen == [("speech", 1)]
    assert operator.said == ["Sweep, -10 dBov is left out: it needs a loudspeaker at the mouth: name it with --mouth"]
    assert not list(tmp_path.glob("*.played.wav"))


def test_the_level_is_shown_while_a_take_is_recorded(tmp_path):
    operator = Patient()
    run(loop(), tmp_path, operator, roles=(Role.SWEEP_LOUD,))
    assert len(operator.levels) > 50
    assert max(operator.levels) == pytest.approx(-16, abs=1)  # -10 dBov at half the level


def test_devices_are_found_by_the_models_name_and_by_the_card(tmp_path):
    system = loop()
    run(system, tmp_path, Patient(), mouth=None, roles=(Role.QUIET, Role.OPENING), openings=1)
    assert system.opened == ["mic", "mic", "ear"]


@pytest.mark.parametrize(
    ("options", "kind", "sentence"),
    [
        ({"microphone": "Jabra"}, DeviceError, "no input of this name is attached, there are: mic"),
        ({"earpiece": "Jabra"}, DeviceError, "no output of this name is attached, there are: ear"),
        ({"wearings": 0}, UsageError, "0 wearings"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(tmp_path, options, kind, sentence):
    with pytest.raises(kind, match=sentence):
        run(loop(), tmp_path, Patient(), **options)


def test_a_device_that_goes_away_ends_the_take_and_leaves_the_others(tmp_path):
    system = loop()
    system.at(20.0, lambda: system.unplug("mic"))
    with pytest.raises(DeviceError, match="went away"):
        run(system, tmp_path, Patient(), roles=(Role.QUIET, Role.SWEEP_LOUD))
    assert (tmp_path / "quiet-1.wav").is_file()
    assert not (tmp_path / "sweep-loud-1.wav").exists()


def test_a_stream_that_is_moved_to_another_device_is_not_trusted(tmp_path):
    system = loop()
    system.devices_by_name["other"] = FakeDevice("other")
    system.at(5.0, lambda: system.move("mic", "other"))
    with pytest.raises(DeviceError, match="the sound of other"):
        run(system, tmp_path, Patient(), roles=(Role.QUIET,))


def test_lost_sound_is_counted_in_the_line_of_its_take(tmp_path):
    system = loop()
    system.at(5.0, lambda: system.overflow("mic", 0.1))
    run(system, tmp_path, Patient(), roles=(Role.QUIET,))
    assert json.loads((tmp_path / "takes.jsonl").read_text(encoding="utf-8"))["overflows"] == 1


def test_all_takes_come_in_the_order_of_the_protocol_and_as_often_as_planned():
    plan = SessionPlan(model="a", earpiece=None, wearings=2, openings=3)
    order = [(each.role, number) for each, number, _ in plan.takes()]
    worn = [each.role for each in PROTOCOL if each.repeated == "wearing"]
    assert order[: 2 * len(worn)] == [(role, 1) for role in worn] + [(role, 2) for role in worn]
    assert [number for role, number in order if role is Role.OPENING] == [1, 2, 3]


def test_unknown_takes_are_named():
    with pytest.raises(UsageError, match="'sweeps' is not known"):
        chosen_roles("quiet,sweeps")


def test_a_terminal_asks_shows_and_offers_a_bad_take_again():
    out = io.StringIO()
    operator = TerminalOperator(io.StringIO("x\n\ns\na\n"), out)
    quiet = plan_of(Role.QUIET)
    assert [operator.ready(quiet, 1, 5), operator.ready(quiet, 2, 5)] == ["go", "skip"]
    operator.level(-30.0, 4.0)
    bad = Fault(kind="silent", sentence="it is silent; record it again", role=Role.QUIET)
    assert operator.kept("quiet-1.wav", [bad]) == "again"
    assert operator.ready(quiet, 3, 5) == "quit"  # nobody presses a key any more
    shown = out.getvalue()
    for part in ("Put the headset on", "put it on again", "say nothing", "-30.0 dBov", "it is silent"):
        assert part in shown


def test_silence_alone_is_recorded_from_the_very_moment(tmp_path):
    system = loop()
    devices = {device.name: device for device in system.devices()}
    recorded = Deck(system, devices["mic"]).record(1.0)
    assert recorded.samples.shape == (RATE,)
    assert recorded.underruns == 0


def test_the_command_measures_what_is_asked_for_and_says_what_comes_next(tmp_path, capsys, monkeypatch):
    from cxaudio.cli.app import run_cli
    from cxaudio.devices import soundcard

    monkeypatch.setattr(soundcard, "open_sound_system", loop)
    words = ["headset", "measure", "--model", "Hion U800", "--out", str(tmp_path), "--takes", "quiet,opening"]
    words += ["--openings", "1", "--wearings", "1", "--yes", "--os-effects", "off"]
    assert run_cli(words) == 0
    shown = capsys.readouterr()
    assert "2 takes recorded" in shown.out
    assert "cxaudio headset analyze" in shown.out
    assert run_cli([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["recorded"] == 0
    assert run_cli([*words[:3], "Jabra", *words[4:]]) == 4
    assert "no input bears this name, there are: mic" in capsys.readouterr().err
