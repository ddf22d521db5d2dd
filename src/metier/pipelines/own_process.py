"""Work in a process of its own, so that its memory is measured by itself and nothing stays loaded behind it."""

import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final, TypeVar

_Result = TypeVar("_Result")
_STATUS: Final = Path("/proc/self/status")  # of Linux


def in_own_process(work: Callable[..., _Result], *arguments: object) -> _Result:
    """Call a function in a fresh process that ends with it.

    Args:
        work: A function of a module; it, its arguments and its result are sent between the processes.
        *arguments: What it takes.

    Returns:
        What it gives; what it raises is raised here.
    """
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def peak_rss_mb() -> float:
    """Give the most memory that this process has held, in megabytes (10^6 bytes).

    On Linux the figure is the kernel's VmHWM: that of `getrusage` begins with the memory of the process that started
    this one.
    """
    if _STATUS.is_file():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, others kibibytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
