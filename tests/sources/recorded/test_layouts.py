"""Channel layouts: shipped ones are complete and name their source; a misspelt name is reported."""

from pathlib import Path

import pytest

from cxaudio.errors import ConfigError, UsageError
from cxaudio.sources.recorded.layouts import Layout, channel_number, find_layout, parse_layouts, read_layouts

SHIPPED = Path(__file__).parents[3] / "config" / "layouts.toml"

AGENT_CHANNEL = {
    "amazon-connect": 1,
    "amazon-connect-siprec": 0,
    "asterisk-d-inbound": 1,
    "asterisk-d-outbound": 0,
    "azure-voice": 1,
    "cxaudio": 0,
    "freeswitch-inbound": 1,
    "freeswitch-outbound": 0,
    "genesys-audiohook": 1,
    "telnyx-inbound": 1,
    "telnyx-outbound": 0,
    "twilio-flex": 1,
    "twilio-inbound": 1,
    "twilio-outbound": 0,
    "verint": 0,
    "vonage-inbound": 1,
    "vonage-outbound": 0,
}
"""Published by the makers, at the address beside each in the file."""


def entry(**changes: object) -> dict[str, object]:
    table: dict[str, object] = {"title": "X", "source": "a manual", "agent": "left"}
    table.update(changes)
    return {"schema": 1, "layouts": {"x": {key: value for key, value in table.items() if value is not None}}}


def test_the_shipped_conventions_are_those_their_makers_publish():
    layouts = read_layouts(SHIPPED)
    assert AGENT_CHANNEL.items() <= {name: layout.agent for name, layout in layouts.items()}.items()
    for layout in layouts.values():
        assert layout.title
        assert layout.source
        assert bool(layout.refused) == (layout.agent is None)


def test_a_convention_that_depends_on_the_direction_of_the_call_has_a_name_for_each():
    layouts = read_layouts(SHIPPED)
    inbound = [name for name in layouts if name.endswith("-inbound")]
    assert len(inbound) >= 6
    for name in inbound:
        other = layouts[name.removesuffix("-inbound") + "-outbound"]
        assert {layouts[name].agent, other.agent} == {0, 1}


def test_two_channels_that_are_not_two_parties_are_refused_with_the_reason():
    with pytest.raises(UsageError, match=r"twilio-conference cannot be used: .* not two parties"):
        find_layout(read_layouts(SHIPPED), "twilio-conference")


def test_a_misspelt_name_gets_the_nearest_ones():
    layouts = read_layouts(SHIPPED)
    assert layouts["verint"] is find_layout(layouts, " Verint ")
    with pytest.raises(UsageError, match=r"did you mean amazon-connect.*--agent left or --agent right"):
        find_layout(layouts, "amazon-conect")
    with pytest.raises(UsageError, match=r"twilio-inbound"):
        find_layout(layouts, "twilio")
    with pytest.raises(UsageError, match=r"known are amazon-connect, "):
        find_layout(layouts, "qqqqqqqq")


def test_two_files_are_put_in_order_by_their_layout():
    inbound = read_layouts(SHIPPED)["asterisk-rt-inbound"]
    assert (Path("t.wav"), Path("r.wav")) == inbound.in_order("r.wav", "t.wav")
    with pytest.raises(UsageError, match=r"means two files, call\.wav alone is one"):
        inbound.stereo_channels("call.wav")
    with pytest.raises(UsageError, match="--agent-file and --customer-file"):
        read_layouts(SHIPPED)["verint"].in_order("a.wav", "b.wav")
    refused = Layout(name="x", title="X", files=1, agent=None, customer=None, source="s", refused="it is so")
    with pytest.raises(UsageError, match="cannot be used: it is so"):
        refused.stereo_channels("call.wav")


def test_channels_can_be_numbered():
    layout = parse_layouts(entry(agent=4, customer=2))["x"]
    assert (4, 2) == layout.stereo_channels("call.wav")
    assert (1, 0) == parse_layouts(entry(agent="right"))["x"].stereo_channels("call.wav")


@pytest.mark.parametrize("channel", ["middle", "", "-1", -1, 32, True, "99999"])
def test_what_is_no_channel_is_refused(channel: str | int):
    with pytest.raises(UsageError, match="left, right, or a number"):
        channel_number(channel)


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"layouts": {}}, r"schema = None is not known; use 1"),
        ({"schema": 2}, r"schema = 2 is not known"),
        ({"schema": 1, "layout": {}}, r"layout = \{\} is not known here; use schema, layouts"),
        ({"schema": 1, "layouts": 3}, r"layouts = 3 is not a table"),
        ({"schema": 1, "layouts": {"x": 3}}, r"layouts.x = 3 is not a table"),
        ({"schema": 1, "layouts": {"X": {}}}, r"has capital letters"),
        (entry(colour="red"), r"layouts.x.colour = 'red' is not known here"),
        (entry(title=None), r"layouts.x.title = '' is missing"),
        (entry(source=3), r"layouts.x.source = 3 is not a text"),
        (entry(agent="top"), r"layouts.x.agent = 'top' is no channel"),
        (entry(agent=None), r"layouts.x.agent = None is no channel"),
        (entry(agent=1.5), r"layouts.x.agent = 1.5 is no channel"),
        (entry(agent=True), r"layouts.x.agent = True is no channel"),
        (entry(agent=3), r"layouts.x.customer = None is missing where agent = 3"),
        (entry(agent=0, customer=0), r"layouts.x.customer = 0 is the agent's, too"),
        (entry(files="three"), r"layouts.x.files = 'three' is neither"),
        (entry(files="two"), r"layouts.x.agent = 'left' is neither \"first\" nor \"second\""),
        (entry(refused="because"), r"layouts.x.agent = 'left' is not known here"),
    ],
)
def test_a_wrong_key_is_named_with_file_value_and_cure(tables: dict[str, object], message: str):
    with pytest.raises(ConfigError, match=message) as refused:
        parse_layouts(tables, "mine.toml")
    assert str(refused.value).startswith("mine.toml: ")


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path):
    broken = tmp_path / "layouts.toml"
    broken.write_text("schema = = 1")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_layouts(broken)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_layouts(tmp_path / "nowhere.toml")
