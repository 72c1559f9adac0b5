"""The signal library of cxaudio: numpy and scipy stages that know no call, no file and no device."""
