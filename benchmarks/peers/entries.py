"""Every peer, one entry each; a new peer is one module and one name here."""

from benchmarks.peers.earshot import EARSHOT
from benchmarks.peers.energy import ENERGY
from benchmarks.peers.findsylls import FINDSYLLS
from benchmarks.peers.librosa_onsets import LIBROSA
from benchmarks.peers.peer import CountPeer, SpeechPeer
from benchmarks.peers.praat import PRAAT
from benchmarks.peers.silero import SILERO
from benchmarks.peers.ten import TEN
from benchmarks.peers.webrtc import WEBRTC

__all__ = ["COUNT_PEERS", "PEERS", "SPEECH_PEERS"]

SPEECH_PEERS: tuple[SpeechPeer, ...] = (*SILERO, TEN, EARSHOT, *WEBRTC, ENERGY)
COUNT_PEERS: tuple[CountPeer, ...] = (PRAAT, FINDSYLLS, LIBROSA)
PEERS: tuple[SpeechPeer | CountPeer, ...] = (*SPEECH_PEERS, *COUNT_PEERS)
