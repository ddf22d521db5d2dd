"""The `metier` command with the fakes of `tests/fakes.py` in place of the shipped models."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fakes import use_fakes

from metier.cli.main import run

if __name__ == "__main__":
    use_fakes()
    run()
