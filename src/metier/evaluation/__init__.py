"""Tasks, runs and reports; meets the systems only through protocols."""
