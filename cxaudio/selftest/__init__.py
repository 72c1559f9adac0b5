"""``cxaudio selftest``: calls with planted faults, through the whole chain, compared with what is true of them."""
