"""One module per system that trains it, read from top to bottom like a script (extra `train`)."""
