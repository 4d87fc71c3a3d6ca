"""Real spectra and tasks."""
