"""The headset laboratory: takes in folders and on devices, reports, comparisons and profiles out."""
