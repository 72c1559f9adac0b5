"""Practice: a customer who waits, answers, gives up, cuts in and gives way as drawn, and the report of a rehearsal."""

import numpy as np
import pytest
import soundfile

from cxaudio.cli.app import run_cli
from cxaudio.errors import DeviceError, UsageError
from cxaudio.live.customer_part import CustomerPart
from cxaudio.live.rehearsal import customer_out_of
from cxaudio.live.start import LiveOptions, run_rehearsal
from cxaudio.made.customers import CUSTOMERS, RATE, Customer, Manners, made_customer
from cxaudio.made.synthetic import made_call
from cxaudio.model.blocks import Analysed, AudioBlock
from cxaudio.model.events import Side
from cxaudio.settings import load_settings
from support.fake_soundcard import FakeDevice, FakeSoundSystem, looped, silence

BLOCK = RATE // 10
CALM = Manners(answers_after_s=0.5, patience_s=4.0)


def talk(drawing: str, manners: Manners = CALM, *, turns: int = 3, turn_s: float = 1.0) -> str:
    """Let an agent speak as drawn, a letter for each 100 ms; the customer drawn the same way."""
    turn = np.full(round(turn_s * RATE), 0.1, np.float32)
    part = CustomerPart(Customer(name="drawn", turns=(turn,) * turns, manners=manners))
    said = ""
    for k, letter in enumerate(drawing):
        if part.is_over:
            break
        said += "C" if part.next(BLOCK).any() else "."
        speaking = np.zeros((2, 10), bool)
        speaking[Side.AGENT] = letter == "A"
        part.write(
            Analysed(
                heard_to=(k + 1) * BLOCK,
                clean=AudioBlock(start=0, samples=np.zeros((2, 0), np.float32)),
                events=(),
                first_tick=10 * k,
                level_dbov=np.zeros((2, 10), np.float32),
                speaking=speaking,
                probability=np.zeros((2, 10), np.float32),
            )
        )
    return said


def test_a_customer_answers_once_the_agent_has_finished():
    agent = "..............................AAAAAAAAAAAAAA" + "." * 16
    assert "...............CCCCCCCCCC" + "." * 24 + "CCCCCCCCCC" == talk(agent)[:59]


def test_a_pause_in_the_agents_answer_is_not_its_end():
    agent = "." * 30 + "AAAAAAAA....AAAAAAAA" + "." * 20
    assert "C" not in talk(agent, Manners(answers_after_s=0.6, patience_s=9.0))[25:55]


def test_a_yes_of_the_agents_is_no_answer_and_patience_ends():
    agent = "." * 30 + "AA" + "." * 60
    said = talk(agent, Manners(answers_after_s=0.5, patience_s=3.0))
    assert 55 == said.index("C", 25)


def test_a_customer_who_cuts_in_does_so_every_other_time():
    manners = Manners(answers_after_s=0.4, patience_s=9.0, cuts_in_after_s=2.0)
    agent = "." * 26 + "A" * 60 + "." * 20
    said = talk(agent, manners, turns=4)
    first = said.index("C", 26)
    assert first >= 86 + 4  # lets the agent finish after the first turn ...
    agent = "." * 26 + "A" * 10 + "." * 20 + "A" * 60 + "." * 20
    said = talk(agent, manners, turns=4)
    second = said.index("C", 26)
    third = said.index("C", second + 11)
    assert "A" == agent[third]  # ... and cuts in after the second


def test_a_customer_who_yields_stops_when_talked_over():
    polite = Manners(answers_after_s=0.5, patience_s=4.0, yields_after_s=0.5)
    agent = "." * 17 + "A" * 30 + "." * 20
    assert talk(agent, polite, turn_s=3.0)[15:47].count("C") <= 9
    assert 30 == talk(agent, CALM, turn_s=3.0)[15:47].count("C")


def test_it_is_over_with_the_answer_to_the_last_words_or_without_it():
    agent = ("." * 30 + "A" * 10) * 2
    assert len(talk(agent, turns=1)) < 60
    assert 100 < len(talk("." * 300, turns=1)) < 250


@pytest.mark.slow
@pytest.mark.parametrize("name", CUSTOMERS)
def test_built_in_customers_speak_at_their_own_pace(name):
    customer = made_customer(name)
    assert len(customer.turns) >= 8
    assert all(1.0 < len(turn) / RATE < 25 for turn in customer.turns)
    assert all(turn.dtype == np.float32 and np.abs(turn).max() <= 1 for turn in customer.turns)


def test_an_unknown_customer_is_told_with_those_there_are():
    with pytest.raises(UsageError, match="hurried"):
        made_customer("angry")


def test_a_recordings_customer_is_cut_into_turns(tmp_path):
    samples, truth = made_call(6, seconds=30)
    soundfile.write(tmp_path / "call.wav", samples.T, 8_000)
    customer = customer_out_of(tmp_path / "call.wav", load_settings(), agent="left")
    lines = [line for line in truth.lines if line.side is Side.CUSTOMER and line.aside is None]
    assert abs(len(lines) - len(customer.turns)) <= 1
    spoken = sum(end - start for start, end in truth.sides[Side.CUSTOMER].speech) / 8_000
    assert 0.9 * spoken <= sum(len(turn) for turn in customer.turns) / RATE
    soundfile.write(tmp_path / "customer.wav", samples[Side.CUSTOMER], 8_000)
    alone = customer_out_of(tmp_path / "customer.wav", load_settings())
    assert len(alone.turns) == len(customer.turns)


def system(agent: np.ndarray | None) -> FakeSoundSystem:
    content = silence if agent is None else looped(agent)
    return FakeSoundSystem(
        FakeDevice("headset-mic", sample_rate=48_000, content=content),
        FakeDevice("headset-ear", inputs=0, outputs=2, sample_rate=16_000),
    )


@pytest.mark.slow
def test_a_rehearsal_is_reported_like_any_call(tmp_path):
    """The agent here is a recording that speaks for four seconds in every nine, whatever the customer says."""
    spoken, _ = made_call(18, seconds=20, sample_rate=16_000)
    agent = np.zeros(48_000 * 9, np.float32)
    part = np.repeat(spoken[Side.AGENT, 16_000 * 1 : 16_000 * 5], 3)
    agent[48_000 * 4 : 48_000 * 4 + len(part)] = part
    sound = system(agent)
    short = made_customer("at-ease")
    customer = Customer(name="short", turns=short.turns[:2], manners=short.manners)
    done = run_rehearsal(
        LiveOptions(ui="none", out=tmp_path),
        load_settings(),
        customer,
        language="en",
        shown_at=lambda url: None,
        sound=sound,
    )
    assert done is not None
    call, n_unanswered = done
    assert 0 == n_unanswered
    report = call.report
    assert report.agent.speech_s > 4
    customer_s = sum(len(turn) for turn in customer.turns) / RATE
    assert 0.25 * customer_s < report.customer.speech_s < customer_s, "the customer yields where the agent talks over"
    assert report.customer.articulation_rate is not None
    assert {"events.jsonl", "report.html", "report.json"} == {path.name for path in call.folder.iterdir()}
    assert sound.devices_by_name["headset-ear"].played


def test_a_microphone_that_goes_ends_the_rehearsal_with_a_sentence(tmp_path):
    sound = system(None)
    sound.at(3.0, lambda: sound.unplug("headset-mic"))
    with pytest.raises(DeviceError, match="headset-mic"):
        run_rehearsal(
            LiveOptions(ui="none"),
            load_settings(),
            made_customer("hurried"),
            language="en",
            shown_at=lambda url: None,
            sound=sound,
        )


def test_the_command_refuses_what_it_does_not_know(capsys):
    assert 2 == run_cli(["rehearse", "--customer", "angry"])
    assert "hurried" in capsys.readouterr().err
    assert 2 == run_cli(["live", "--ui", "hologram"])
    assert "terminal" in capsys.readouterr().err
