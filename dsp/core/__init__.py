"""What every signal stage stands on: the stage contract, frames, spectra, levels, resampling."""
