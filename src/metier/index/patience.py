"""Waiting for a server that is about to come back."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from metier.errors import ServiceError

_Answer = TypeVar("_Answer")
_FIRST_PAUSE_S: Final = 0.1  # doubled after every failure


def with_patience(work: Callable[[], _Answer], *, patience_s: float) -> _Answer:
    """Call again while the server does not answer: one that restarts is back in seconds.

    Args:
        work: May be called several times; its `ServiceError` means that the server did not answer.
        patience_s: Give up once waiting would take longer than this.

    Returns:
        The answer.

    Raises:
        ServiceError: The last one, if the server stays away.
    """
    deadline, pause_s = time.monotonic() + patience_s, _FIRST_PAUSE_S
    while True:
        try:
            return work()
        except ServiceError:
            if time.monotonic() + pause_s > deadline:
                raise
        time.sleep(pause_s)
        pause_s *= 2
