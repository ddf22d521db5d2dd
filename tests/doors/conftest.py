"""The command line as a user meets it, with fakes for the models."""

import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from fakes import build_fake_annotator, build_fake_linking

from metier.cli.main import run
from metier.pipelines import build

RUNNER = Path(__file__).with_name("run_with_fakes.py")


@dataclass(frozen=True)
class Outcome:
    """What a run left."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shell:
    """Runs `metier` in a folder."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture

    def run(self, *arguments, piped=b""):
        """Run the command in this process."""
        self.monkeypatch.setattr("sys.argv", ["metier", *map(str, arguments)])
        self.monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(piped)))
        self.capture.readouterr()
        with pytest.raises(SystemExit) as left:
            run()
        return Outcome(left.value.code, *self.capture.readouterr())

    def start(self, *arguments, **environment):
        """Run the command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, str(RUNNER), *map(str, arguments)],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment},
        )

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(build, "build_annotator", build_fake_annotator)
    monkeypatch.setattr(build, "build_linking", build_fake_linking)
    return Shell(tmp_path, monkeypatch, capsys)
