"""Notices about the sound, from ticks whose faults are known."""

import math

import numpy as np
import pytest

from cxaudio.analysis.quality import QualityMonitor
from cxaudio.analysis.settling.echo import EchoStretch
from cxaudio.analysis.settling.level_faults import LevelStep
from cxaudio.analysis.settling.sides_in_step import OutOfStep
from cxaudio.model.events import QualityKind, QualityNotice, Side
from cxaudio.model.policy import LeakageSettings, QualitySettings
from cxaudio.model.timebase import Timebase
from dsp.core.levels import TickLevels

QUALITY = QualitySettings(
    clipping_share=0.001,
    dc_offset_dbov=-40.0,
    too_quiet_dbov=-40.0,
    noisy_snr_db=12.0,
    silent_dbov=-60.0,
    gated_share=0.5,
    lost_share=0.02,
    narrowband_hz=4000.0,
)
LEAKAGE = LeakageSettings(
    min_correlation=0.6, max_lag_s=1.5, margin_db=6.0, same_audio_correlation=0.95, notice_above_db=-40.0
)


def judge(
    agent: np.ndarray,
    customer: np.ndarray,
    *,
    cut: int = 800,
    echoes: tuple[EchoStretch, ...] = (),
    snr_db: tuple[float, float] = (30.0, 30.0),
    level_dbov: tuple[float, float] = (-26.0, -26.0),
    first_speaker: Side | None = Side.AGENT,
    gated: tuple[float | None, float | None] = (0.0, None),
    reduced: tuple[float | None, float | None] = (None, None),
    lost: tuple[float, float] = (0.0, 0.0),
    out_of_step: OutOfStep | None = None,
    clipped: tuple[float | None, float | None] = (None, None),
    level_steps: tuple[LevelStep | None, LevelStep | None] = (None, None),
) -> list[QualityNotice]:
    """All notices for two signals at 8 kHz."""
    x = np.stack((agent, customer)).astype(np.float32)
    monitor = QualityMonitor(QUALITY, LEAKAGE, timebase=Timebase(8_000), present=(True, True))
    notices: list[QualityNotice] = []
    for at in range(0, x.shape[1], cut * 80):
        block = x[:, at : at + cut * 80]
        levels = [TickLevels(80).process(row) for row in block]
        cross = TickLevels(80).process(block[0] * block[1])[:, TickLevels.MEAN]
        found = monitor.process((levels[0], levels[1]), cross)
        notices += [notice.make(decided_at=(notice.tick + 1) * 80) for notice in found]
    return notices + monitor.close(
        x.shape[1],
        speech_level_dbov=level_dbov,
        snr_db=snr_db,
        echoes=echoes,
        first_speaker=first_speaker,
        gated=gated,
        reduced=reduced,
        lost=lost,
        out_of_step=out_of_step,
        clipped=clipped,
        level_steps=level_steps,
    )


def voice(seed: int, seconds: int = 20, *, floor: float = 1e-3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    n = seconds * 8_000
    return rng.normal(0, 0.05, n) * (np.arange(n) % 20_000 < 9_000) + rng.normal(0, floor, n)


def kinds(notices: list[QualityNotice]) -> list[tuple[QualityKind, Side | None]]:
    return [(notice.kind, notice.side) for notice in notices]


def test_a_clean_call_draws_no_notice():
    assert judge(voice(1), voice(2)) == []


def test_clipped_seconds_become_one_stretch_with_the_worst_share():
    loud = voice(1)
    loud[5 * 8_000 : 5 * 8_000 + 80] = 1.0  # 1 % of second 5
    loud[7 * 8_000 : 7 * 8_000 + 16] = -1.0
    [notice] = judge(loud, voice(2))
    assert (notice.kind, notice.side) == (QualityKind.CLIPPING, Side.AGENT)
    assert (notice.start, notice.end) == (5 * 8_000, 8 * 8_000)
    assert notice.measured == pytest.approx(0.01)


def test_the_same_sound_on_both_channels_is_said_after_ten_sounding_seconds():
    x = voice(3, 40)
    [notice] = judge(x, 0.5 * x)
    assert notice.kind is QualityKind.SAME_AUDIO
    assert notice.measured == pytest.approx(1.0, abs=1e-6)


def test_a_silent_channel_is_named_and_judged_no_further():
    assert kinds(judge(voice(1), np.zeros(160_000))) == [(QualityKind.SILENT_CHANNEL, Side.CUSTOMER)]


def test_direct_current_is_measured():
    [notice] = judge(voice(1) + 0.05, voice(2))
    assert notice.kind is QualityKind.DC_OFFSET
    assert notice.measured == pytest.approx(20 * math.log10(0.05), abs=0.1)


def test_pauses_in_digital_silence_betray_a_gate():
    [notice] = judge(voice(1), voice(2), gated=(0.6, 0.4))
    assert (QualityKind.NOISE_GATED, Side.AGENT, 0.6) == (notice.kind, notice.side, notice.measured)


def test_loss_is_told_from_the_share_on_that_is_heard():
    [notice] = judge(voice(1), voice(2), lost=(0.019, 0.031))
    assert (QualityKind.DROPOUT, Side.CUSTOMER, 0.031) == (notice.kind, notice.side, notice.measured)


def test_sides_out_of_step_are_told_with_their_shift_and_where_it_begins():
    [notice] = judge(voice(1), voice(2), out_of_step=OutOfStep(500, 2_000, -3.4))
    assert (QualityKind.OUT_OF_STEP, None, -3.4) == (notice.kind, notice.side, notice.measured)
    assert (500 * 80, 20 * 8_000) == (notice.start, notice.end)


def test_reduced_noise_is_reported_unless_its_pauses_are_silent():
    [notice] = judge(voice(1), voice(2), reduced=(None, 9.0))
    assert (notice.kind, notice.side) == (QualityKind.NOISE_SUPPRESSED, Side.CUSTOMER)
    assert (notice.measured, notice.limit, notice.unit) == (9.0, 4.0, "dB")
    [notice] = judge(voice(1), voice(2), gated=(0.6, None), reduced=(9.0, None))
    assert notice.kind is QualityKind.NOISE_GATED


def test_clipping_below_full_scale_is_told_unless_it_was_told_at_full_scale():
    [notice] = judge(voice(1), voice(2), clipped=(0.4, None))
    assert (QualityKind.CLIPPING, Side.AGENT, 0.4) == (notice.kind, notice.side, notice.measured)
    loud = voice(1)
    loud[5 * 8_000 : 5 * 8_000 + 80] = 1.0
    assert [(QualityKind.CLIPPING, Side.AGENT)] == kinds(judge(loud, voice(2), clipped=(0.4, None)))


def test_a_step_of_the_level_is_told_where_it_is():
    [notice] = judge(voice(1), voice(2), level_steps=(None, LevelStep(900, -18.0)))
    assert (QualityKind.LEVEL_STEP, Side.CUSTOMER, -18.0) == (notice.kind, notice.side, notice.measured)
    assert notice.start == 900 * 80


def test_quiet_and_noisy_sides_are_named_with_their_figures():
    notices = judge(voice(1), voice(2), level_dbov=(-26, -47.0), snr_db=(8.0, 30.0))
    assert kinds(notices) == [(QualityKind.NOISY, Side.AGENT), (QualityKind.TOO_QUIET, Side.CUSTOMER)]
    assert [notice.measured for notice in notices] == [8.0, -47.0]


def test_a_stretch_of_echo_is_noticed_above_its_limit_only_with_its_side_and_ends():
    loud = EchoStretch(side=Side.AGENT, first=200, last=900, lag=12, gain_db=-31.0, correlation=0.9)
    soft = EchoStretch(side=Side.CUSTOMER, first=0, last=900, lag=2, gain_db=-46.0, correlation=0.9)
    (notice,) = judge(voice(1), voice(2), echoes=(loud, soft))
    assert (notice.kind, notice.side, notice.measured) == (QualityKind.LEAKAGE, Side.AGENT, -31.0)
    assert (notice.start, notice.end) == (200 * 80, 900 * 80)


def test_roles_are_doubted_where_only_the_customers_channel_hears_the_other_side_and_opened_the_call():
    bleed = EchoStretch(side=Side.CUSTOMER, first=100, last=900, lag=2, gain_db=-45.0, correlation=0.9)
    found = kinds(judge(voice(1), voice(2), echoes=(bleed,), first_speaker=Side.CUSTOMER))
    assert found == [(QualityKind.SWAPPED_ROLES, None)]
    assert judge(voice(1), voice(2), echoes=(bleed,), first_speaker=Side.AGENT) == []
    both = (bleed._replace(side=Side.AGENT), bleed)
    assert judge(voice(1), voice(2), echoes=both, first_speaker=Side.CUSTOMER) == []
    late = bleed._replace(lag=30)
    assert judge(voice(1), voice(2), echoes=(late,), first_speaker=Side.CUSTOMER) == []


@pytest.mark.parametrize("cut", [1, 33, 100, 5_000])
def test_any_cutting_gives_the_same_notices(cut: int):
    loud = voice(1) + 0.05
    loud[5 * 8_000 : 5 * 8_000 + 80] = 1.0
    assert judge(loud, voice(2)) == judge(loud, voice(2), cut=cut)
