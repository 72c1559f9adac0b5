"""Run `cxaudio live` and `cxaudio rehearse`: choose devices, open a display and run the session until it is stopped.

What is heavy or may be missing is imported inside.
"""

import gc
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, TypedDict

from cxaudio.errors import DeviceError, UsageError

if TYPE_CHECKING:
    from cxaudio.devices.sound_system import DeviceChoice, SoundDevice, SoundSystem
    from cxaudio.live.session import FinishedCall, LiveSession, OnBlock, SessionOutputs
    from cxaudio.made.customers import Customer
    from cxaudio.model.blocks import CallInfo
    from cxaudio.model.live_state import LiveDisplay
    from cxaudio.settings import Settings
    from cxaudio.sinks.hud.display import HudDisplay
    from cxaudio.sinks.virtual_mic import VirtualMicrophone

__all__ = ["DISPLAYS", "LiveOptions", "choose_devices", "run_live", "run_rehearsal", "stopped_by_signals"]

DISPLAYS = ("page", "terminal", "none")
"""Values of `LiveOptions.ui`."""


_SWITCH_S = 0.001  # limits how long sound callbacks wait for the interpreter; Python's default of 5 ms is half a block


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOptions:
    """Options of a session.

    Raises
    ------
    UsageError
        If a display is unknown.
    """

    ui: str = "page"
    agent_device: "DeviceChoice | None" = None  # None: the headset's microphone, or the default one
    customer_device: "DeviceChoice | None" = None  # None: what records the headset's earpiece, or the default output
    headset: str | None = None  # name of a profile; None: the one that fits the microphone
    out: Path | None = None
    record: Path | None = None
    clean_to: "DeviceChoice | None" = None
    suppressor: str | None = None  # name of the one whose sound is played there
    export: tuple[str, ...] = ()
    display_language: str = "en"  # BCP 47
    control_file: Path | None = None
    port: int = 0

    def __post_init__(self) -> None:
        if self.ui not in DISPLAYS:
            raise UsageError(f"display {self.ui!r} is not known; choose from {', '.join(DISPLAYS)}")


def run_live(
    options: LiveOptions,
    settings: "Settings",
    *,
    language: str,
    shown_at: Callable[[str], None],
    finished: "Callable[[FinishedCall], None] | None" = None,
    sound: "SoundSystem | None" = None,
    started: "Callable[[LiveSession], None] | None" = None,
) -> "VirtualMicrophone | None":
    """Analyse calls until SIGINT, SIGTERM or `LiveSession.stop`.

    Parameters
    ----------
    options : LiveOptions
        What was asked for.
    settings : Settings
        In force.
    language : str
        Of the calls, BCP 47.
    shown_at : callable
        Called with the address of the page, where there is one.
    finished : callable, optional
        Called with each call that is over, on a thread of its own.
    sound : SoundSystem, optional
        The machine's where it is left out.
    started : callable, optional
        Given the session before it runs.

    Returns
    -------
    VirtualMicrophone or None
        Closed; its counts can still be read.

    Raises
    ------
    DeviceError
        If there is no sound system, or the device for the suppressed sound is missing.
    UsageError
        If the options contradict one another.
    """
    from cxaudio.live.session import LiveSession
    from cxaudio.settings import headset_facts
    from cxaudio.sources.live.capture import CaptureSource

    virtual: list[VirtualMicrophone] = []
    with ExitStack() as open_things:
        sound = sound or _opened_sound(open_things)
        agent, customer, headset = choose_devices(options, sound)
        displays, hud = _displays(options, settings, open_things)
        sound_out = None
        lengths: _Lengths = {}
        if options.clean_to is not None:
            from cxaudio.sinks.virtual_mic import CAPTURE_MS

            lengths = {"block_ms": CAPTURE_MS, "stream_ms": CAPTURE_MS}
            sound_out = _sound_out(sound, options.clean_to, options.suppressor, (agent, customer), virtual)
        session = LiveSession(
            CaptureSource(
                sound,
                agent,
                customer,
                language=language,
                headset=headset,
                headset_facts=headset_facts(headset),
                **lengths,
            ),
            settings,
            displays,
            language=language,
            outputs=_outputs(options),
            sound_out=sound_out,
            finished=finished,
        )
        if hud is not None:
            hud.connect(session)
            shown_at(hud.url)
        if started is not None:
            started(session)
        with stopped_by_signals(session.stop), _prompt_callbacks():
            try:
                session.run()
            finally:
                for each in virtual:
                    each.close()
    return virtual[0] if virtual else None


def run_rehearsal(
    options: LiveOptions,
    settings: "Settings",
    customer: "Customer",
    *,
    language: str,
    shown_at: Callable[[str], None],
    speaker_device: "DeviceChoice | None" = None,
    sound: "SoundSystem | None" = None,
) -> "tuple[FinishedCall, int] | None":
    """Let a customer speak to the agent, and report the agent's pace.

    Parameters
    ----------
    options : LiveOptions
        As for `run_live`; what concerns the far end means nothing.
    settings : Settings
        In force.
    customer : Customer
        Who speaks.
    language : str
        BCP 47.
    shown_at : callable
        Called with the address of the page, where there is one.
    speaker_device : DeviceChoice or None
        None: the headset's output, or the default one.
    sound : SoundSystem, optional
        The machine's where it is left out.

    Returns
    -------
    FinishedCall, int
        The rehearsal, and how often the customer got no answer; None where it was stopped before it began.

    Raises
    ------
    DeviceError
        If there is no sound system, or a device is missing or lost.
    """
    from cxaudio.devices.sound_system import find_device
    from cxaudio.live.customer_part import CustomerPart
    from cxaudio.live.rehearsal import RehearsalSource, rehearsal_settings
    from cxaudio.live.session import FinishedCall, LiveSession
    from cxaudio.settings import headset_facts

    finished: list[FinishedCall] = []
    with ExitStack() as open_things:
        sound = sound or _opened_sound(open_things)
        choice, headset = _choose_agent(options, sound)
        microphone = find_device(sound.devices(), choice)
        if microphone is None:
            raise DeviceError(str(choice), "is no device that hears; choose one that cxaudio devices lists")
        speaker = _choose_speaker(speaker_device, microphone, sound)
        displays, hud = _displays(options, settings, open_things)
        part = CustomerPart(customer)
        source = RehearsalSource(
            sound,
            part,
            microphone=microphone,
            speaker=speaker,
            language=language,
            name=customer.name,
            headset=headset,
            headset_facts=headset_facts(headset),
        )
        session = LiveSession(
            source,
            rehearsal_settings(settings),
            [part, *displays],
            language=language,
            outputs=_outputs(options),
            at_end=source.notices,
            finished=finished.append,
        )
        if hud is not None:
            hud.connect(session)
            shown_at(hud.url)
        session.start_call()
        with stopped_by_signals(session.stop), _prompt_callbacks():
            session.run()
    return (finished[0], part.n_unanswered) if finished else None


def _opened_sound(open_things: ExitStack) -> "SoundSystem":
    """Open the machine's sound system, to be closed with the other things."""
    from cxaudio.devices.soundcard import open_sound_system

    sound = open_sound_system()
    open_things.callback(sound.close)
    return sound


def _outputs(options: LiveOptions) -> "SessionOutputs":
    from cxaudio.live.session import SessionOutputs

    return SessionOutputs(
        folder=options.out, record=options.record, export=options.export, page_language=options.display_language
    )


def choose_devices(options: LiveOptions, sound: "SoundSystem") -> "tuple[DeviceChoice, DeviceChoice, str | None]":
    """Return the device of each side, and the profile of the headset.

    What was asked for is waited for where it is missing; else it is chosen among what there is.

    Raises
    ------
    UsageError
        If a profile is unknown.
    DeviceError
        If nothing was asked for and nothing fits.
    """
    from cxaudio.devices.far_end import choose_customer
    from cxaudio.devices.sound_system import DeviceChoice, find_device

    devices = sound.devices()
    agent, headset = _choose_agent(options, sound)
    if options.customer_device is not None:
        return agent, options.customer_device, headset
    microphone = find_device(devices, agent)
    if microphone is None:
        raise DeviceError(str(agent), "is not there now; plug it in, or name the far end, too, with --customer-device")
    customer = choose_customer(devices, microphone=microphone)
    return agent, DeviceChoice(name=customer.name, host=customer.host), headset


def _choose_agent(options: LiveOptions, sound: "SoundSystem") -> "tuple[DeviceChoice, str | None]":
    """Return the microphone and the headset's profile."""
    from cxaudio.devices.far_end import choose_microphone
    from cxaudio.devices.profiles import fitting_profile
    from cxaudio.devices.sound_system import DeviceChoice, find_device
    from cxaudio.settings import headset_profile, headset_profiles

    profiles = headset_profiles()
    devices = sound.devices()
    requested = options.agent_device
    if options.headset is not None:
        patterns = headset_profile(options.headset).name_patterns
        if requested is None and patterns:
            requested = DeviceChoice(pattern="|".join(f"(?:{pattern})" for pattern in patterns))
    found = find_device(devices, requested) if requested is not None else None
    if requested is None:
        found = choose_microphone(devices, profile_of=lambda device: fitting_profile(device, profiles))
        requested = DeviceChoice(name=found.name, host=found.host)
    fitting = None if found is None else fitting_profile(found, profiles)
    return requested, options.headset or fitting


def _choose_speaker(requested: "DeviceChoice | None", microphone: "SoundDevice", sound: "SoundSystem") -> "SoundDevice":
    """Return the requested output, else that of the microphone's hardware, else the default one."""
    from cxaudio.devices.sound_system import find_device

    devices = sound.devices()
    if requested is not None:
        found = find_device(devices, requested, output=True)
    else:
        outputs = [each for each in devices if each.outputs]
        own = [each for each in outputs if each.card is not None and each.card == microphone.card]
        found = next(iter([*own, *(each for each in outputs if each.is_default), *outputs]), None)
    if found is None:
        name = "sound" if requested is None else str(requested)
        raise DeviceError(name, "is no device that plays; name one that cxaudio devices lists with --speaker-device")
    return found


@contextmanager
def _prompt_callbacks() -> Iterator[None]:
    """Let sound callbacks run sooner during a session, and keep all that is loaded out of the garbage collection."""
    import cxaudio.analysis.call  # noqa: F401  # loaded now, so that it is left out, too

    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before)


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Let SIGINT and SIGTERM end a session in order; a second SIGINT ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[signal.Signals, object] = {}

    def end_session(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, end_session)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)  # type: ignore[arg-type]  # what signal.signal gave


def _displays(
    options: LiveOptions, settings: "Settings", open_things: ExitStack
) -> "tuple[list[LiveDisplay], HudDisplay | None]":
    if options.ui == "page":
        from cxaudio.sinks.hud.display import HudDisplay

        hud = HudDisplay(
            None,
            language=options.display_language,
            pacing=settings.pacing,
            port=options.port,
            control_file=options.control_file,
        )
        open_things.enter_context(hud)
        return [hud], hud
    if options.ui == "terminal":
        from cxaudio.sinks.terminal import TerminalDisplay

        terminal = TerminalDisplay(language=options.display_language, pacing=settings.pacing)
        open_things.enter_context(terminal)
        return [terminal], None
    return [], None


class _Lengths(TypedDict, total=False):
    """How long blocks are, where they must not be as long as usual."""

    block_ms: float
    stream_ms: float


def _sound_out(
    sound: "SoundSystem",
    choice: "DeviceChoice",
    suppressor: str | None,
    captured: "tuple[DeviceChoice, DeviceChoice]",
    made: "list[VirtualMicrophone]",
) -> "Callable[[CallInfo], OnBlock]":
    """Check that the device plays and does not feed back; return what opens it once the session's rate is known."""
    from cxaudio.devices.sound_system import find_device
    from cxaudio.sinks.virtual_mic import VirtualMicrophone, check_no_loop
    from dsp.speech.suppression import SUPPRESSORS

    devices = sound.devices()
    output = find_device(devices, choice, output=True)
    if output is None:
        raise DeviceError(str(choice), "is no device that plays; choose one that cxaudio devices lists, for --clean-to")
    check_no_loop(output, agent=find_device(devices, captured[0]), customer=find_device(devices, captured[1]))

    def begin(info: "CallInfo") -> "OnBlock":
        virtual = VirtualMicrophone(
            sound, choice, sample_rate=info.timebase.sample_rate, suppressor=suppressor or SUPPRESSORS[0]
        )
        made.append(virtual)
        return virtual.play

    return begin
