"""Speak one utterance by eSpeak NG with its phoneme events; `syllable_voices.py` starts this process for each.

    python benchmarks/training/syllable_espeak.py LIBRARY REQUEST

REQUEST is a JSON object with voice, rate (words a minute), pitch, range, gap and text. Standard output: a line of JSON
with the sample rate and the phonemes (sample, mnemonic), then the samples, 16 bits.
"""

import ctypes
import json
import sys


class Event(ctypes.Structure):
    """``espeak_EVENT`` of speak_lib.h; the union is read as its eight characters."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("name", ctypes.c_char * 8),
    )


def say(library: str, request: dict[str, object]) -> None:
    """Speak one request in this process and write rate, events and samples to standard output."""
    speech = ctypes.CDLL(library)
    rate = speech.espeak_Initialize(2, 0, None, 1)  # AUDIO_OUTPUT_SYNCHRONOUS, phoneme events
    pieces: list[bytes] = []
    phonemes: list[tuple[int, str]] = []

    def take(samples: object, n: int, events: object) -> int:
        if samples:
            pieces.append(ctypes.string_at(samples, 2 * n))
        k = 0
        while events[k].type:  # type: ignore[index]
            if events[k].type in (6, 7):  # type: ignore[index]  # END, PHONEME
                name = events[k].name.decode("utf-8", "replace") if events[k].type == 7 else ""  # type: ignore[index]
                phonemes.append((events[k].sample, name))  # type: ignore[index]
            k += 1
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(Event))(take)
    speech.espeak_SetSynthCallback(callback)
    if speech.espeak_SetVoiceByName(str(request["voice"]).encode()):
        raise SystemExit(f"no voice {request['voice']}")
    for parameter, key in ((1, "rate"), (3, "pitch"), (4, "range"), (7, "gap")):
        speech.espeak_SetParameter(parameter, int(str(request[key])), 0)
    text = str(request["text"]).encode() + b"\0"
    speech.espeak_Synth(text, len(text), 0, 1, 0, 1, None, None)  # UTF-8
    sound = b"".join(pieces)
    sys.stdout.buffer.write(json.dumps({"rate": rate, "phonemes": phonemes}).encode() + b"\n" + sound)


if __name__ == "__main__":
    say(sys.argv[1], json.loads(sys.argv[2]))
