"""Contents of ``report.json`` of made-up calls, valid against its schema, for the code that shows reports.

A small play is written turn by turn from a script of scenes, so that every kind of event occurs, the lists agree with
one another, and nothing has to be analysed. The same every time.
"""

import itertools
import math
import random
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxaudio.model.report import CallReport
from cxaudio.settings import load_settings

AGENT, CUSTOMER = "agent", "customer"

# (seconds, customer's tempo, agent's rate, customer's rate, faults to act out in the scene)
THREE_MINUTES: tuple[tuple[float, str, float, float, tuple[str, ...]], ...] = (
    (28, "unknown", 4.5, 4.3, ("simultaneous_start", "early_reply")),
    (34, "relaxed", 5.9, 4.0, ("rushing", "interruption", "long_interruption")),
    (24, "relaxed", 4.5, 4.1, ("left_waiting", "pause_cut_in")),
    (32, "hurried", 3.9, 5.4, ("dawdling", "customer_interruption", "butt_in")),
    (24, "hurried", 5.0, 5.3, ("dead_air",)),
    (38, "neutral", 4.6, 4.5, ("hold", "dropout")),
)
_CALM = (240, "neutral", 4.6, 4.4, ("early_reply", "pause_cut_in", "short_wait"))
SIXTY_MINUTES = (
    (260, "unknown", 4.6, 4.3, ("simultaneous_start", "early_reply", "short_wait")),
    (310, "relaxed", 4.5, 4.0, ("pause_cut_in", "monologue")),
    (130, "relaxed", 5.9, 4.0, ("rushing", "interruption", "long_interruption", "interruption")),
    _CALM,
    (320, "neutral", 4.5, 4.5, ("hold", "left_waiting")),
    (240, "hurried", 3.9, 5.5, ("dawdling", "customer_interruption", "butt_in", "customer_interruption")),
    (300, "hurried", 5.1, 5.4, ("interruption", "early_reply")),
    _CALM,
    (280, "neutral", 4.4, 4.3, ("dead_air", "dropout")),
    (290, "relaxed", 4.3, 3.9, ("monologue", "short_wait", "butt_in")),
    (200, "relaxed", 5.7, 4.0, ("rushing", "long_interruption")),
    _CALM,
    (270, "neutral", 4.5, 4.4, ("left_waiting", "customer_interruption", "hold")),
    (240, "neutral", 4.6, 4.6, ("simultaneous_start", "short_wait")),
)


def sample_report(minutes: int = 3, *, language: str = "en", seed: int = 7) -> dict[str, Any]:
    """Return the contents of ``report.json`` (INTERFACES §2) of a made call of 3 or 60 minutes."""
    play = _Play(random.Random(seed))
    for scene in THREE_MINUTES if minutes == 3 else SIXTY_MINUTES:
        play.act(*scene)
    return play.report(language=language)


def sample_call(**changes: Any) -> CallReport:
    """Return the call of three minutes as a report; `changes` replace whole keys of its contents."""
    return CallReport.from_dict(sample_report(3) | changes)


def mono_report() -> dict[str, Any]:
    """Return the report of a mono mix: figures of one side, those of two sides absent."""
    report = sample_report(3)
    report["call"].update(
        id="mono-mix",
        two_sided=False,
        source=report["call"]["source"] | {"channels": {"agent": 0, "customer": None}, "role_source": "mono"},
    )
    of_two = ("talk_share", "turns", "response_times", "interruptions", "backchannels")
    agent = {key: value for key, value in report["sides"][AGENT].items() if key not in of_two}
    report["sides"] = {AGENT: agent | {"level_dbov": -24.3}}
    report["rates"] = [rate for rate in report["rates"] if rate["side"] == AGENT]
    report["pace"] = []
    for key in ("overlaps", "silences", "flags", "nudges", "tempo", "responses", "backchannels", "whole_call"):
        del report[key]
    report["notices"] = [
        {"kind": "one_sided", "side": None, "start": 0.0, "end": report["call"]["duration_s"], "decided_at": 0.0,
         "measured": None, "limit": None, "unit": ""}
    ]  # fmt: skip
    return report


def sample_levels(report: dict[str, Any], *, step_s: float = 0.05, seed: int = 3) -> dict[str, NDArray[np.int8]]:
    """Return the level of each side every `step_s`, dBov: higher inside speech, and varying as with syllables."""
    rng = np.random.default_rng(seed)
    n = math.ceil(report["call"]["duration_s"] / step_s)
    levels = {}
    for side in report["sides"]:
        speaking = np.zeros(n, dtype=bool)
        for start, end in report["sides"][side]["speech"]:
            speaking[round(start / step_s) : round(end / step_s)] = True
        noise = -62.0 + rng.normal(0.0, 1.6, n)
        syllables = np.abs(np.sin(np.cumsum(rng.uniform(0.35, 1.05, n)))) ** 0.5
        words = np.interp(np.arange(n), np.arange(0, n + 12, 12), rng.normal(0.0, 3.0, len(np.arange(0, n + 12, 12))))
        level = np.where(speaking, -38.0 + 15.0 * syllables + words + rng.normal(0.0, 1.5, n), noise)
        for hold in report["holds"]:
            if side == CUSTOMER:
                part = slice(round(hold["start"] / step_s), round(hold["end"] / step_s))
                level[part] = -34.0 + rng.normal(0.0, 1.0, n)[part]
        for dropout in report["dropouts"]:
            level[round(dropout["start"] / step_s) : round(dropout["end"] / step_s)] = -127.0
        levels[side] = np.clip(np.round(level), -127, 0).astype(np.int8)
    return levels


def write_sample_wav(path: Path, report: dict[str, Any], *, sample_rate: int = 8000) -> Path:
    """Write a stereo 16-bit WAV of the call: a hum on the left while the agent speaks, a higher one on the right."""
    n = round(report["call"]["duration_s"] * sample_rate)
    sound = np.zeros((n, 2), dtype=np.int16)
    t = np.arange(n) / sample_rate
    for column, (side, pitch) in enumerate(((AGENT, 130.0), (CUSTOMER, 210.0))):
        hum = (3000 * np.sin(2 * np.pi * pitch * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))).astype(np.int16)
        for start, end in report["sides"].get(side, {}).get("speech", ()):
            part = slice(round(start * sample_rate), round(end * sample_rate))
            sound[part, column] = hum[part]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(sound.tobytes())
    return path


_SIGNS = {"hurried": ["quick_replies", "cut_ins"], "relaxed": ["slow_rate", "long_pauses", "no_cut_ins"]}


class _Play:
    """Collect the events of a call, turn by turn; all lists are in seconds."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.now = 0.8
        self.scene_starts: list[tuple[float, str, float, float]] = []
        self.speech: dict[str, list[tuple[float, float]]] = {AGENT: [], CUSTOMER: []}
        self.syllables = {AGENT: 0, CUSTOMER: 0}
        self.turns: dict[str, list[dict[str, Any]]] = {AGENT: [], CUSTOMER: []}
        self.lists: dict[str, list[dict[str, Any]]] = {
            name: []
            for name in (
                *("overlaps", "silences", "holds", "line_sounds", "dropouts"),
                *("flags", "nudges", "backchannels", "responses"),
            )
        }
        self.rates = {AGENT: 4.5, CUSTOMER: 4.3}
        self.holder: str | None = None

    def act(self, seconds: float, tempo: str, agent: float, customer: float, faults: Sequence[str]) -> None:
        """Add one scene: turns of both sides, with its faults spread over it."""
        begin, end = self.now, self.now + seconds
        self.scene_starts.append((begin, tempo, agent, customer))
        self.rates = {AGENT: agent, CUSTOMER: customer}
        waiting = list(faults)
        if "rushing" in waiting:
            waiting.remove("rushing")
            self._pace_flag("rushing", begin + 0.25 * seconds, end, agent / customer, 1.25, 1.45)
        if "dawdling" in waiting:
            waiting.remove("dawdling")
            self._pace_flag("dawdling", begin + 0.25 * seconds, end, agent / customer, 0.80, 0.65)
        due = [begin + seconds * (k + 0.6) / (len(waiting) + 0.4) for k in range(len(waiting))]
        side = AGENT if self.holder != AGENT else CUSTOMER
        while self.now < end:
            if due and self.now >= due[0]:
                due.pop(0)
                side = self._fault(waiting.pop(0), side)
                continue
            self._turn(side, self.rng.uniform(2.5, 8.5))
            self._gap(side)
            side = _other(side)
        for fault in waiting:
            side = self._fault(fault, side)

    def _turn(self, side: str, seconds: float, *, answers: bool = True) -> tuple[float, float]:
        start, end = self.now, self.now + seconds
        speech = 0.0
        at = start
        while at < end - 0.2:
            spurt = min(self.rng.uniform(0.9, 3.4), end - at)
            self.speech[side].append((round(at, 2), round(at + spurt, 2)))
            speech += spurt
            at += spurt + self.rng.uniform(0.22, 0.75)
        end = self.speech[side][-1][1]
        n = round(speech * self.rates[side] * self.rng.gauss(1.0, 0.05))
        self.syllables[side] += n
        self.turns[side].append(
            {
                "start": round(start, 3), "end": end, "decided_at": round(end + 0.5, 3),
                "speech_s": round(speech, 3), "syllables": n,
                "articulation_rate": round(n / speech, 2), "level_dbov": round(self.rng.gauss(-26.5, 1.6), 1),
            }
        )  # fmt: skip
        if answers and end - start > 4.5 and self.rng.random() < 0.6:
            self._backchannel(_other(side), self.rng.uniform(start + 1.6, end - 1.5))
        if self.holder == _other(side):
            previous = self.turns[_other(side)][-1]["end"]
            self.lists["responses"].append(
                {"side": side, "start": previous, "end": start, "decided_at": end, "response_time_s": start - previous}
            )
        self.holder = side
        self.now = end
        return start, end

    def _gap(self, side: str) -> None:
        gap = self.rng.lognormvariate(-1.1, 0.75)
        if gap > 1.0:
            self._silence(self.now, self.now + gap, _other(side))
        self.now += gap

    def _silence(self, start: float, end: float, owed_by: str | None) -> None:
        self.lists["silences"].append({"start": start, "end": end, "decided_at": end, "owed_by": owed_by})

    def _backchannel(self, side: str, at: float) -> None:
        end = at + self.rng.uniform(0.25, 0.6)
        self.speech[side].append((round(at, 2), round(end, 2)))
        self.lists["backchannels"].append(
            {"side": side, "start": at, "end": end, "decided_at": end + 1.0, "syllables": 1}
        )
        self._overlap("backchannel", at, end, _other(side), side, floor_taken=False)

    def _overlap(
        self, kind: str, start: float, end: float, holder: str, entrant: str, *, floor_taken: bool
    ) -> dict[str, Any]:
        seconds = end - start
        gives_way = kind in ("interruption", "butt_in", "early_reply")
        overlap = {
            "start": start, "end": end, "kind": kind, "holder": holder, "entrant": entrant, "floor_taken": floor_taken,
            "competitive": kind in ("interruption", "butt_in") and seconds >= 1.0, "latency_suspect": False,
            "yielded": (holder if floor_taken else entrant) if gives_way else None,
            "yield_delay_s": seconds if gives_way else None,
            "resumed_after_s": 4.2 if kind == "interruption" else None,
            "level_rise_db": round(self.rng.gauss(2.5, 1.2), 1) if kind != "backchannel" else None,
            "decided_at": end + 1.0, "overlap_s": seconds, "episode_start": start,
        }  # fmt: skip
        self.lists["overlaps"].append(overlap)
        return overlap

    def _fault(self, fault: str, side: str) -> str:
        """Add one fault and return who speaks next."""
        if fault in ("interruption", "long_interruption", "customer_interruption", "butt_in"):
            entrant = CUSTOMER if fault in ("customer_interruption", "butt_in") else AGENT
            seconds = {"long_interruption": 1.62, "butt_in": 0.8}.get(fault, 0.74)
            holder = _other(entrant)
            if self.holder == holder:
                self._turn(entrant, 2.0)
                self._gap(entrant)
            _, end = self._turn(holder, 4.4, answers=False)
            start = end - seconds
            self.now = start
            if fault == "butt_in":
                self.speech[entrant].append((round(start, 2), round(start + 0.65, 2)))
                self._overlap("butt_in", start, start + 0.65, holder, entrant, floor_taken=False)
                self.now = end + 0.4
                return entrant
            self._turn(entrant, 3.6, answers=False)
            self._overlap("interruption", start, end, holder, entrant, floor_taken=True)
            if fault == "long_interruption":
                self._flag("talking_over", start, end, seconds, 1.0, "s", "flag", {"overlap_s": seconds})
                self._nudge("talking_over.let_finish", end + 0.8)
            self._gap(entrant)
            return holder
        if fault == "early_reply":
            _, end = self._turn(CUSTOMER, 3.0, answers=False)
            self.now = end - 0.31
            self._turn(AGENT, 3.0, answers=False)
            self._overlap("early_reply", end - 0.31, end, CUSTOMER, AGENT, floor_taken=True)
            self._gap(AGENT)
            return CUSTOMER
        if fault == "simultaneous_start":
            self._silence(self.now, self.now + 1.3, None)
            self.now += 1.3
            start = self.now
            self.speech[AGENT].append((round(start, 2), round(start + 0.55, 2)))
            self._turn(CUSTOMER, 3.2, answers=False)
            self._overlap("simultaneous_start", start + 0.1, start + 0.55, CUSTOMER, AGENT, floor_taken=False)
            self._gap(CUSTOMER)
            return AGENT
        if fault == "pause_cut_in":
            _, end = self._turn(CUSTOMER, 2.6, answers=False)
            self.speech[AGENT].append((round(end + 0.4, 2), round(end + 1.1, 2)))
            self._overlap("pause_cut_in", end + 0.4, end + 1.1, CUSTOMER, AGENT, floor_taken=False)
            self.now = end + 0.85
            self._turn(CUSTOMER, 2.2, answers=False)
            self._gap(CUSTOMER)
            return AGENT
        if fault in ("left_waiting", "short_wait"):
            if self.holder == CUSTOMER:
                self._turn(AGENT, 2.0)
                self._gap(AGENT)
            _, end = self._turn(CUSTOMER, 3.8)
            wait = 8.2 if fault == "left_waiting" else 3.7
            self._silence(end, end + wait, AGENT)
            severity = "flag" if fault == "left_waiting" else "note"
            limit = 5.0 if fault == "left_waiting" else 3.0
            evidence = {"turn_s": 3.8, "owed_by": AGENT}
            self._flag("left_waiting", end, end + wait, wait, limit, "s", severity, evidence)
            if fault == "left_waiting":
                self._nudge("left_waiting.answer", end + 5.0, gone=end + wait)
            self.now = end + wait
            return AGENT
        if fault == "dead_air":
            if self.holder == AGENT:
                self._turn(CUSTOMER, 2.0)
                self._gap(CUSTOMER)
            _, end = self._turn(AGENT, 3.0)
            self._silence(end, end + 12.4, CUSTOMER)
            self._flag("dead_air", end, end + 12.4, 12.4, 10.0, "s", "flag", {"owed_by": CUSTOMER})
            self._nudge("dead_air.say_something", end + 10.0, gone=end + 12.4)
            self.now = end + 12.4
            return AGENT
        if fault == "monologue":
            start, end = self._turn(AGENT, 74.0)
            for k in range(5):
                self._backchannel(CUSTOMER, start + 9.0 + 13.0 * k)
            self._flag("monologue", start, end, 74.0, 60.0, "s", "flag", {"backchannels": 5})
            self._nudge("monologue.leave_pause", start + 60.3)
            self._gap(AGENT)
            return CUSTOMER
        if fault == "hold":
            self._turn(AGENT, 2.4)
            start = self.now + 0.6
            hold = {"start": start, "end": start + 14.0, "decided_at": start + 14.0, "kind": "music", "side": CUSTOMER}
            self.lists["holds"].append(hold)
            self.now = start + 14.6
            return AGENT
        start = self.now + 0.1  # dropout
        self.lists["dropouts"].append({"start": start, "end": start + 0.9, "decided_at": start + 0.9, "side": None})
        self.now = start + 1.0
        return side

    def _pace_flag(self, rule: str, start: float, end: float, ratio: float, limit: float, severe: float) -> None:
        evidence = {
            "agent_rate": self.rates[AGENT], "customer_rate": self.rates[CUSTOMER], "agent_baseline": 4.5,
            "customer_tempo": "relaxed" if rule == "rushing" else "hurried", "confidence": 0.86,
        }  # fmt: skip
        is_severe = ratio >= severe if rule == "rushing" else ratio <= severe
        flag = self._flag(
            rule, start, end, round(ratio, 2), limit, "ratio", "severe" if is_severe else "flag", evidence
        )
        if is_severe:
            worse = {"severity": "severe", "at": start + 0.6 * (end - start), "measured": round(ratio, 2)}
            flag["steps"].append(worse | {"limit": severe, "unit": "ratio"})
        self._nudge({"rushing": "rushing.slow_down", "dawdling": "dawdling.pick_up"}[rule], start + 11.5)
        if rule == "rushing":
            self._nudge("rushing.in_step_again", end + 6.0)

    def _flag(
        self, rule: str, start: float, end: float, measured: float, limit: float, unit: str, severity: str,
        evidence: dict[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        decided = start + 10.0 if unit == "ratio" else min(end, start + limit) if limit > 2.0 else end + 1.0
        flag = {
            "id": len(self.lists["flags"]) + 1, "rule": rule, "start": start, "end": end, "decided_at": decided,
            "severity": severity, "side": AGENT, "measured": measured, "limit": limit, "unit": unit,
            "evidence": evidence,
            "steps": [
                {"severity": severity if severity != "severe" else "flag", "at": decided, "measured": measured,
                 "limit": limit, "unit": unit},
            ],
        }  # fmt: skip
        self.lists["flags"].append(flag)
        return flag

    def _nudge(self, key: str, at: float, *, gone: float | None = None) -> None:
        rule = key.partition(".")[0]
        self.lists["nudges"].append(
            {
                "id": len(self.lists["nudges"]) + 1, "rule": rule, "shown_at": at,
                "gone_at": gone if gone is not None else at + 5.0, "message_key": key, "flag_id": None,
                "decided_at": at, "evidence": {},
            }
        )  # fmt: skip

    def report(self, *, language: str) -> dict[str, Any]:
        duration = round(self.now + 1.0, 3)
        for side in self.speech:
            self.speech[side] = _union(self.speech[side])
        for items in self.lists.values():
            for item in items:
                for key, value in item.items():
                    if isinstance(value, float):
                        item[key] = round(value, 3)
                for step in item.get("steps", ()):
                    step["at"] = round(step["at"], 3)
            items.sort(key=lambda item: item.get("start", item.get("shown_at")))
        total = {side: sum(end - start for start, end in spans) for side, spans in self.speech.items()}
        both = sum(total.values())
        sides = {side: self._side(side, total[side], both) for side in (AGENT, CUSTOMER)}
        silence = sum(item["end"] - item["start"] for item in self.lists["silences"])
        crossing = sum(item["end"] - item["start"] for item in self.lists["overlaps"])
        share = total[AGENT] / both
        return {
            "schema": "cxaudio.report/1",
            "call": {
                "id": f"sample-{round(duration / 60)}min", "language": language,
                "started_at": "2026-03-02T09:14:05Z", "duration_s": duration,
                "sample_rate_hz": 8000, "two_sided": True,
                "source": {
                    "kind": "wav", "channels": {"agent": 0, "customer": 1},
                    "rates_hz": {"agent": 8000, "customer": 8000}, "role_source": "given",
                },
                "headset": None,
            },
            **_made_with(language),
            "sides": sides,
            "rates": self._rate_estimates(duration),
            "pace": [],
            "tempo": self._tempo(duration),
            **self.lists,
            "notices": [
                {"kind": "clipping", "side": CUSTOMER, "start": 12.0, "end": 12.4, "decided_at": 12.4,
                 "measured": 0.02, "limit": 0.001,
                 "unit": "share"},
                {"kind": "leakage", "side": AGENT, "start": 0.0, "end": duration, "decided_at": duration,
                 "measured": -31.5, "limit": -40.0, "unit": "dB"},
            ],
            "whole_call": {
                "talk_share_agent": round(share, 3), "overlap_share": round(crossing / duration, 3),
                "silence_share": round(silence / duration, 3),
                "response_median_s": sides[AGENT]["response_times"]["median_s"],
                "interruptions": sides[AGENT]["interruptions"],
                "interruptions_per_min": round(sides[AGENT]["interruptions"] * 60 / duration, 2),
                "in_step": {"known_s": round(duration - 20, 3), "share": 0.71, "lowest": 0.72, "highest": 1.48},
                "accommodation": {
                    "n_windows": 16, "proximity": 0.087, "convergence_per_min": -0.012, "agent_follows": 0.41,
                    "customer_follows": 0.18, "adaptation_index": 0.12,
                },
                "flags": [],
            },
        }  # fmt: skip

    def _tempo(self, duration: float) -> list[dict[str, Any]]:
        """Return the tempo of each scene, known some seconds after its beginning; equal neighbours are joined."""
        stretches: list[dict[str, Any]] = []
        for k, (begin, tempo, _, _) in enumerate(self.scene_starts):
            if not stretches or stretches[-1]["state"] != tempo:
                start = 0.0 if k == 0 else round(begin + 8.0, 3)
                stretches.append({"start": start, "end": duration, "state": tempo, "signs": _SIGNS.get(tempo, [])})
        for earlier, later in itertools.pairwise(stretches):
            earlier["end"] = later["start"]
        return stretches

    def _side(self, side: str, speech: float, both: float) -> dict[str, Any]:
        turns = self.turns[side]
        replies = sorted(item["response_time_s"] for item in self.lists["responses"] if item["side"] == side)
        taken = [
            item
            for item in self.lists["overlaps"]
            if item["entrant"] == side and item["kind"] in ("interruption", "butt_in")
        ]
        in_turns = sum(turn["speech_s"] for turn in turns)
        return {
            "speech": [list(span) for span in self.speech[side]],
            "speech_syllables": [round(4.5 * (end - start)) for start, end in self.speech[side]],
            "speech_s": round(speech, 3), "talk_share": round(speech / both, 3), "syllables": self.syllables[side],
            "articulation_rate": round(self.syllables[side] / in_turns, 2),
            "articulation_rate_std_error": round(0.08 * self.syllables[side] / in_turns, 2),
            "speaking_rate": round(self.syllables[side] / sum(t["end"] - t["start"] for t in turns), 2),
            "baseline_rate": 4.5 if side == AGENT else 4.3, "turns": turns,
            "response_times": {
                "n": len(replies), "median_s": replies[len(replies) // 2], "p90_s": replies[int(0.9 * len(replies))],
            },
            "interruptions": len(taken),
            "backchannels": sum(item["side"] == side for item in self.lists["backchannels"]),
            "level_dbov": -26.4 if side == AGENT else -27.9, "noise_dbov": -61.0 if side == AGENT else -58.2,
            "snr_db": 34.6 if side == AGENT else 30.3,
        }  # fmt: skip

    def _rate_estimates(self, duration: float) -> list[dict[str, Any]]:
        """Return one estimate for each second of own speech, with the lag of the trailing window."""
        estimates = []
        for side in (AGENT, CUSTOMER):
            spoken, due, value, sway = 0.0, 1.0, 4.4, 0.0
            for start, end in self.speech[side]:
                spoken += end - start
                if spoken < due:
                    continue
                due = spoken + 1.0
                scene = [s for s in self.scene_starts if s[0] <= end][-1]
                value += 0.4 * ((scene[2] if side == AGENT else scene[3]) - value)
                sway = 0.8 * sway + self.rng.gauss(0.0, 0.07)
                n = min(66, 4.4 * spoken)
                known = n >= 40
                estimates.append(
                    {
                        "side": side, "at": round(end, 3), "start": start, "decided_at": round(end, 3),
                        "syllables_per_s": round(value + sway, 2) if known else None,
                        "std_error": round(0.45 / math.sqrt(n) * value, 2) if known else None,
                        "confidence": round(min(1.0, n / 60) * 0.9, 2), "syllables": round(n),
                        "speech_s": round(spoken, 3), "baseline": None, "baseline_std_error": None,
                    }
                )  # fmt: skip
        return sorted(estimates, key=lambda estimate: (estimate["at"], estimate["side"]))


def _made_with(language: str) -> dict[str, Any]:
    settings = load_settings(language=language, user_folder="/nonexistent")
    return {
        "settings": {"digest": f"sha256:{settings.digest}", "policy": language, "values": settings.as_dict()},
        "versions": {"cxaudio": "0.1.0", "numpy": "2.1.0"},
    }


def _other(side: str) -> str:
    return CUSTOMER if side == AGENT else AGENT


def _union(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1] + 0.2:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
