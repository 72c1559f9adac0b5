"""The errors that cxaudio raises. Every message names the thing, the value, the limit and the cure.

::

    CxAudioError
      SettingError          a policy or setting holds a value that cannot work       exit code 2
        ConfigError         ... and the file and key are known                       exit code 2
      UsageError            the command or call was asked for something it cannot do exit code 2
      AudioFormatError      a recording cannot be read                               exit code 3
        TooLongError        ... since it holds more sound than was allowed             exit code 3
      DeviceError           a sound device failed or is missing                      exit code 4
        DeviceDeniedError    ... because the system does not allow it                  exit code 4
      ClusterError          a cluster's scheduler or workers cannot be reached       exit code 3
      StoreError            results cannot be written or read back                   exit code 3
      SelfTestError         `cxaudio selftest` failed, or reached less than it must  exit code 5
"""

from pathlib import Path

__all__ = [
    "AudioFormatError",
    "ClusterError",
    "ConfigError",
    "CxAudioError",
    "DeviceDeniedError",
    "DeviceError",
    "SelfTestError",
    "SettingError",
    "StoreError",
    "TooLongError",
    "UsageError",
]


class CxAudioError(Exception):
    """An error that a user can cause or cure; its text is one sentence for a terminal."""

    exit_code = 1


class SettingError(CxAudioError):
    """A setting's value is out of its range; `limits` are its lowest and highest value where it has such."""

    exit_code = 2

    def __init__(self, key: str, value: object, reason: str, *, limits: tuple[float, float] | None = None) -> None:
        self.key = key
        self.value = value
        self.reason = reason
        self.limits = limits
        super().__init__(f"{key} = {value!r} {reason}")


class ConfigError(SettingError):
    """A setting in a file is unknown, ill-typed or out of its range."""

    def __init__(self, path: Path | str, key: str, value: object, reason: str) -> None:
        super().__init__(key, value, reason)
        self.path = path
        self.args = (f"{path}: {key} = {value!r} {reason}",)


class UsageError(CxAudioError):
    """The request cannot be carried out; the message says what to write instead."""

    exit_code = 2


class AudioFormatError(CxAudioError):
    """A recording cannot be read; the message says what the file is instead and what to do."""

    exit_code = 3

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class TooLongError(AudioFormatError):
    """A recording holds more sound than was allowed."""


class DeviceError(CxAudioError):
    """A sound device failed; holds the host's own error code."""

    exit_code = 4

    def __init__(self, device: str, reason: str, code: int | None = None) -> None:
        self.device = device
        self.code = code
        super().__init__(f"{device}: {reason}")


class DeviceDeniedError(DeviceError):
    """The system does not allow this program to use a device."""


class ClusterError(CxAudioError):
    """The scheduler or the workers of a cluster cannot be reached, or are gone."""

    exit_code = 3


class StoreError(CxAudioError):
    """Results cannot be written or read back."""

    exit_code = 3


class SelfTestError(CxAudioError):
    """The self-test failed, or found less of what was planted than a sound installation does."""

    exit_code = 5
