"""Process and measure sound with numpy and scipy, without use of a call, a file or a device."""
