"""Several folders to one page, and a folder to a profile that live can load."""

import html
import json
import tomllib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cxaudio.cli.app import run_cli
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.takes_folder import take_line
from cxaudio.made.simulated_headset import SimulatedHeadset
from cxaudio.model.policy import HeadsetProfile
from cxaudio.settings import headset_profiles
from support.lab_takes import RATE, lab_takes, write_takes

pytestmark = pytest.mark.slow

GOOD = SimulatedHeadset(sample_rate=RATE, noise_dbov=-76, delay_samples=320, coupling_db=-42, far_db=-20)
POOR = replace(GOOD, noise_dbov=-58, bandwidth_hz=3_400, quadratic=0.1, delay_samples=1_600, coupling_db=-15)
ROLES = (Role.QUIET, Role.SPEECH, Role.SWEEP_LOUD, Role.EARPIECE, Role.OPENING)


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("lab")
    return (
        write_takes(root / "Hion U800", lab_takes([POOR] * 2, roles=ROLES, n_openings=3)),
        write_takes(root / "Best <&> 1", lab_takes([GOOD] * 2, roles=ROLES, n_openings=3)),
    )


@pytest.fixture(scope="module")
def compared(folders, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("report")
    assert run_cli(["headset", "compare", *map(str, folders), "--out", str(out)]) == 0
    return out


class Page(HTMLParser):
    """Tags, ids and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "xlink:href"):
                self.links.append(value or "")


def test_the_comparison_ranks_and_names_causes(compared):
    values = json.loads((compared / "comparison.json").read_text(encoding="utf-8"))
    assert [(each["model"], each["rank"]) for each in values["standings"]] == [("Best <&> 1", 1), ("Hion U800", 2)]
    causes = {cause["figure"] for cause in values["standings"][1]["causes"]}
    assert {"noise.a_weighted_dbov", "bandwidth.upper_hz", "thd.worst_percent", "coupling.weighted_db"} <= causes
    noise = values["figures"]["noise.a_weighted_dbov"]["models"]
    assert (noise["Best <&> 1"]["rank"], noise["Hion U800"]["rank"]) == (1, 2)
    assert (compared / "hion-u800" / "report.json").is_file()
    assert (compared / "best-1" / "response.frd").is_file()


def test_the_page_asks_for_nothing_and_runs_nothing(compared):
    text = (compared / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "script" not in page.tags
    assert "default-src 'none'" in html.unescape(text)
    own = {f"{name}/report.html" for name in ("hion-u800", "best-1")}
    assert own == {link for link in page.links if not link.startswith(("#", "data:image/png"))}
    assert all((compared / link).is_file() for link in own)
    assert len(page.ids) == len(set(page.ids))
    assert "Best &lt;&amp;&gt; 1" in text
    assert "<&>" not in text


def test_every_link_of_the_page_leads_to_a_part_of_it(compared):
    page = Page((compared / "report.html").read_text(encoding="utf-8"))
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert {"overview", "setup", "limits", "curves", "figures", "figures-noise", "left-out", "method"} <= inside
    assert set() == inside - set(page.ids)


def test_the_page_has_what_a_reader_needs(compared):
    text = (compared / "report.html").read_text(encoding="utf-8")
    for part in ("Set-up", "Limits", "Response", "Noise", "Distortion", "Earpiece to microphone", "Loop latency",
                 "Spectrogram: Hion U800", "Send loudness rating", "No ear or mouth simulator was used"):  # fmt: skip
        assert part in text
    assert text.count("<svg") > 8


def test_the_same_takes_give_the_same_page(folders, compared, tmp_path):
    assert run_cli(["headset", "compare", *map(str, folders), "--out", str(tmp_path), "--json"]) == 0
    assert (tmp_path / "report.html").read_bytes() == (compared / "report.html").read_bytes()


@pytest.mark.parametrize(
    ("names", "sentence"), [((0,), "two headsets or more"), ((0, 0), "was named twice")], ids=["one", "same"]
)
def test_a_comparison_of_one_is_wrong_usage(folders, tmp_path, capsys, names, sentence):
    words = [str(folders[k]) for k in names]
    assert run_cli(["headset", "compare", *words, "--out", str(tmp_path)]) == 2
    assert sentence in capsys.readouterr().err


def test_drawing_without_its_libraries_says_how_to_get_them(folders, tmp_path, capsys, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert run_cli(["headset", "analyze", str(folders[0]), "--out", str(tmp_path)]) == 2
    shown = capsys.readouterr().err
    assert "pip install 'cxaudio[lab]'" in shown
    assert len(shown.strip().splitlines()) == 1


def test_a_profile_holds_what_was_measured_and_live_can_load_it(folders, tmp_path, capsys):
    assert run_cli(["headset", "profile", str(folders[0]), "--out", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    path = tmp_path / "headsets" / "hion-u800.toml"
    assert Path(told["path"]) == path
    found = headset_profiles(tmp_path)["hion-u800"]
    assert (found.maker, found.model, found.wideband, found.noise_gate) == ("Hion", "U800", False, False)
    assert found.microphone_noise_dbov == pytest.approx(-58, abs=0.3)
    assert found.coupling_loss_db == pytest.approx(15, abs=1)
    assert found.round_trip_s == pytest.approx(0.1, abs=0.005)
    shipped = headset_profiles("/nonexistent")["hion-u800"]
    assert found.name_patterns == shipped.name_patterns
    text = path.read_text(encoding="utf-8")
    assert "# Noise: -58" in text
    assert tomllib.loads(text)["schema"] == 1


def test_facts_not_measured_are_left_out(tmp_path):
    folder = write_takes(tmp_path / "Acme 5", lab_takes([GOOD] * 2, roles=(Role.QUIET,)))
    line = {"role": "quiet", "wearing": 1, "file": "quiet-1.wav", "device": "Acme 5 (USB) 'x'"}
    (folder / "takes.jsonl").write_text(take_line(line), encoding="utf-8")
    assert run_cli(["headset", "profile", str(folder), "--out", str(tmp_path)]) == 0
    values = tomllib.loads((tmp_path / "headsets" / "acme-5.toml").read_text(encoding="utf-8"))
    assert set(values) == {"schema", "maker", "model", "name_patterns", "microphone_noise_dbov"}
    found = headset_profiles(tmp_path)["acme-5"]
    assert found == HeadsetProfile(
        model="5", maker="Acme", name_patterns=("(?i)Acme\\ 5\\ \\(USB\\)\\ 'x'",),
        microphone_noise_dbov=found.microphone_noise_dbov,
    )  # fmt: skip


def test_a_gated_headset_has_a_gate_and_no_noise_in_its_profile(tmp_path, capsys):
    gated = replace(GOOD, gate_dbov=-50, noise_dbov=-65)
    folder = write_takes(tmp_path / "gated", lab_takes([gated], roles=(Role.QUIET, Role.SPEECH)))
    assert run_cli(["headset", "profile", str(folder), "--out", str(tmp_path)]) == 0
    path = tmp_path / "headsets" / "gated.toml"
    printed, told = capsys.readouterr()
    assert printed == path.read_text(encoding="utf-8")
    assert "1 wearing." in printed
    assert "+- 0 " not in printed
    assert "no call finds this profile by itself; name it in calls as --headset gated" in told
    values = tomllib.loads(printed)
    assert values["noise_gate"] is True
    assert "microphone_noise_dbov" not in values
