"""Hold what all signal code uses: the stage contract, frames, spectra, levels and resampling."""
