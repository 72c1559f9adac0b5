"""Draw policies of every key by which a stored call can be judged again."""

from typing import Any

import numpy as np

from cxaudio.settings import Settings, load_settings

__all__ = ["SHIPPED", "drawn_policy"]

SHIPPED = load_settings(user_folder="/nonexistent")


def drawn_policy(rng: np.random.Generator) -> Settings:
    """Return settings of which about half of the sections are others than the shipped ones."""
    overrides: dict[str, Any] = {}
    for section in (_rushing, _dawdling, _talking_over, _waiting, _dead_air, _monologue, _nudges, _whole_call):
        if rng.random() < 0.6:
            overrides |= section(rng)
    for section in (_pace, _tempo, _norms):
        if rng.random() < 0.25:
            overrides |= section(rng)
    for name in ("rushing", "dawdling", "talking_over", "left_waiting", "dead_air", "monologue", "nudges"):
        if rng.random() < 0.03:
            overrides[f"{name}.enabled"] = False
    return load_settings(user_folder="/nonexistent", overrides=overrides)


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return round(float(rng.uniform(low, high)), 3)


def _rising(rng: np.random.Generator, low: float, high: float) -> list[float]:
    return sorted(_between(rng, low, high) for _ in range(3))


def _rushing(rng: np.random.Generator) -> dict[str, Any]:
    clear, flag, severe = _rising(rng, 1.0, 1.7)
    return {
        "rushing.clear_ratio": clear,
        "rushing.flag_ratio": flag,
        "rushing.severe_ratio": severe,
        "rushing.over_baseline": _between(rng, 0.8, 1.3),
    }


def _dawdling(rng: np.random.Generator) -> dict[str, Any]:
    severe, flag, clear = _rising(rng, 0.5, 1.0)
    return {
        "dawdling.severe_ratio": severe,
        "dawdling.flag_ratio": flag,
        "dawdling.clear_ratio": clear,
        "dawdling.flag_response_s": _between(rng, 0.1, 2.0),
        "dawdling.severe_response_s": _between(rng, 0.1, 4.0),
        "dawdling.n_responses": int(rng.integers(1, 6)),
    }


def _talking_over(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "talking_over.flag_overlap_s": _between(rng, 0.1, 2.0),
        "talking_over.severe_overlap_s": _between(rng, 0.2, 4.0),
        "talking_over.flag_count": int(rng.integers(1, 6)),
        "talking_over.window_s": _between(rng, 5.0, 200.0),
    }


def _ladder(rng: np.random.Generator, rule: str, most: float) -> dict[str, Any]:
    note, flag, severe = _rising(rng, 0.05, most)
    return {f"{rule}.note_s": note, f"{rule}.flag_s": flag, f"{rule}.severe_s": severe}


def _waiting(rng: np.random.Generator) -> dict[str, Any]:
    return {
        **_ladder(rng, "left_waiting", 8.0),
        "left_waiting.min_turn_s": float(rng.choice([0.0, 1.0, _between(rng, 0.0, 6.0)])),
        "left_waiting.hold_check_in_s": _rising(rng, 1.0, 25.0)[: int(rng.integers(4))],
    }


def _dead_air(rng: np.random.Generator) -> dict[str, Any]:
    return {
        **_ladder(rng, "dead_air", 12.0),
        "dead_air.many_silence_s": _between(rng, 0.2, 5.0),
        "dead_air.many_count": int(rng.integers(1, 7)),
        "dead_air.many_window_s": _between(rng, 5.0, 200.0),
    }


def _monologue(rng: np.random.Generator) -> dict[str, Any]:
    return {**_ladder(rng, "monologue", 60.0), "monologue.pause_s": _between(rng, 0.1, 4.0)}


def _nudges(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "nudges.visible_s": _between(rng, 0.5, 10.0),
        "nudges.pause_s": _between(rng, 0.0, 2.0),
        "nudges.same_kind_s": _between(rng, 0.0, 60.0),
        "nudges.any_kind_s": _between(rng, 0.0, 30.0),
        "nudges.max_count": int(rng.integers(0, 8)),
        "nudges.count_window_s": _between(rng, 5.0, 300.0),
        "nudges.start_after_s": _between(rng, 0.0, 40.0),
        "nudges.ignored_before_backoff": int(rng.integers(0, 4)),
        "nudges.backoff_factor": _between(rng, 1.0, 3.0),
        "nudges.positive": bool(rng.random() < 0.7),
        "nudges.disabled": [["left_waiting"], ["dawdling.pick_up"], []][int(rng.integers(3))],
    }


def _whole_call(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "whole_call.talk_share_agent": _between(rng, 0.0, 1.0),
        "whole_call.overlap_share": _between(rng, 0.0, 0.3),
        "whole_call.silence_share": _between(rng, 0.0, 0.5),
        "whole_call.silence_min_s": _between(rng, 0.0, 5.0),
        "whole_call.response_median_s": _between(rng, 0.0, 3.0),
        "whole_call.min_responses": int(rng.integers(0, 9)),
        "whole_call.interruptions": int(rng.integers(0, 7)),
        "whole_call.interruptions_per_min": _between(rng, 0.0, 2.0),
    }


def _pace(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "pace.probability": _between(rng, 0.5, 0.99),
        "pace.least_speech_s": _between(rng, 1.0, 20.0),
        "pace.apart_s": _between(rng, 0.0, 60.0),
    }


def _tempo(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "tempo.dwell_s": _between(rng, 0.0, 20.0),
        "tempo.hurried_over_baseline": _between(rng, 0.9, 1.3),
        "tempo.hurried_response_s": _between(rng, -0.5, 2.0),
        "tempo.hurried_responses": int(rng.integers(1, 9)),
        "tempo.hurried_cut_ins": int(rng.integers(0, 5)),
        "tempo.cut_in_window_s": _between(rng, 5.0, 120.0),
        "tempo.relaxed_under_norm": _between(rng, 0.5, 1.3),
        "tempo.relaxed_pause_share": _between(rng, 0.0, 1.0),
    }


def _norms(rng: np.random.Generator) -> dict[str, Any]:
    return {"norms.articulation_rate": _between(rng, 3.0, 8.0), "norms.fast_factor": _between(rng, 1.0, 1.6)}
