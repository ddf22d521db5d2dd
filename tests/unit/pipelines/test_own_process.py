import os
import pickle
import sys

import pytest

from metier.artifacts import read_kind
from metier.errors import MissingExtra, UnknownModel
from metier.pipelines.own_process import in_own_process, peak_rss_mb


def test_work_runs_in_another_process_and_its_result_comes_back():
    assert in_own_process(os.getpid) != os.getpid()
    assert in_own_process(divmod, 7, 2) == (3, 1)


def test_what_the_work_raises_is_raised_here():
    with pytest.raises(UnknownModel, match="no-such-model"):
        in_own_process(read_kind, "no-such-model")


def test_an_error_made_of_two_words_passes_between_processes():
    sent = pickle.loads(pickle.dumps(MissingExtra("plots", "Drawing")))
    assert str(sent) == "Drawing needs the extra 'plots': pip install 'metier[plots]'."


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system gives a child the figure of its parent")
def test_memory_of_a_process_is_its_own_and_not_that_of_its_parent():
    held = bytearray(300_000_000)
    held[::4096] = b"1" * len(held[::4096])  # pages count once they are written
    assert peak_rss_mb() > 300
    assert 5 < in_own_process(peak_rss_mb) < 200
    assert peak_rss_mb() > 300
