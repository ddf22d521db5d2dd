"""Answers of a service on disk, one file per request."""

import hashlib
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

from metier.errors import InputError


def cache_folder(name: str) -> Path:
    """Give the folder of the platform's caches that is ours; it may not be there yet.

    Args:
        name: What is kept in it.

    Returns:
        Such as `~/.cache/metier/NAME` on Linux.
    """
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "metier" / name
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "metier" / "Cache" / name
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "metier" / name


class AnswerCache:
    """JSON answers by the whole request; only good answers go in."""

    def __init__(self, folder: Path) -> None:
        """Keep answers in a folder.

        Args:
            folder: Made when the first answer is kept.
        """
        self._folder = folder

    def get(self, request: str) -> dict[str, Any] | None:
        """Give the answer to a request; None if none is kept, or its file is damaged."""
        try:
            held = json.loads(self._path(request).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(held, dict) or held.get("request") != request or not isinstance(held.get("answer"), dict):
            return None
        return dict(held["answer"])

    def put(self, request: str, answer: dict[str, Any]) -> None:
        """Keep an answer: whole, or not at all.

        Args:
            request: What was asked.
            answer: What came.

        Raises:
            InputError: If the folder cannot be written to.
        """
        path = self._path(request)
        temporary = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_text(json.dumps({"request": request, "answer": answer}), encoding="utf-8")
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(f"{path.parent} cannot be written ({error.strerror}); give another cache.") from error

    def _path(self, request: str) -> Path:
        digest = hashlib.sha256(request.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / digest[:2] / f"{digest}.json"
