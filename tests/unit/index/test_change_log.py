"""The log of changes: what was acknowledged is there, whatever happens to the end of the file."""

import errno
import os
from datetime import date

import numpy as np
import pytest
from index_rows import unit_vectors

from metier.domain import Facts
from metier.errors import VectorIndexError
from metier.index.change_log import ChangeLog, read_changes

FACTS = Facts("FR", 48.85, 2.35, 500.0, ("fr", "en"), date(2026, 12, 1), "Santé 👍")
VECTORS = unit_vectors(3, 4, seed=1)


def _write_three(path):
    """Two rows, a deletion and a row; the ends of the records."""
    log = ChangeLog(path)
    log.put(["a", "é 👍"], VECTORS[:2], [FACTS, Facts()])
    log.delete(["a", "nobody"])
    log.put(["c"], VECTORS[2:], [Facts(country="BE")])
    log.close()
    return [change.end for change in read_changes(path)]


def test_changes_are_read_as_they_were_written(tmp_path):
    _write_three(tmp_path / "log")
    first, second, third = read_changes(tmp_path / "log")
    assert (first.ids, first.facts) == (("a", "é 👍"), (FACTS, Facts()))
    np.testing.assert_array_equal(first.vectors, VECTORS[:2])
    assert (second.ids, second.vectors) == (("a", "nobody"), None)
    assert third.ids == ("c",)
    assert third.end == (tmp_path / "log").stat().st_size


def test_many_rows_are_parted_into_records(tmp_path):
    log = ChangeLog(tmp_path / "log")
    log.put([str(i) for i in range(1200)], unit_vectors(1200, 4, seed=2), [Facts()] * 1200)
    assert [len(change.ids) for change in read_changes(tmp_path / "log")] == [500, 500, 200]
    log.put([], np.zeros((0, 4), np.float32), [])
    assert log.size_bytes == (tmp_path / "log").stat().st_size
    log.close()


def test_reading_goes_on_where_it_stopped(tmp_path):
    ends = _write_three(tmp_path / "log")
    assert [change.ids for change in read_changes(tmp_path / "log", start=ends[1])] == [("c",)]
    assert list(read_changes(tmp_path / "log", start=ends[2])) == []


def test_a_record_that_was_cut_anywhere_is_passed_over_and_then_written_over(tmp_path):
    path = tmp_path / "log"
    ends = _write_three(path)
    whole = path.read_bytes()
    for cut in range(ends[1], ends[2]):
        path.write_bytes(whole[:cut])
        assert [change.end for change in read_changes(path)] == ends[:2], cut
        log = ChangeLog(path)
        assert path.stat().st_size == ends[1]
        log.delete(["d"])
        log.close()
        assert [change.ids for change in read_changes(path)][2] == ("d",)


def test_room_that_was_never_written_is_passed_over(tmp_path):
    ends = _write_three(tmp_path / "log")
    with (tmp_path / "log").open("ab") as stream:
        stream.write(bytes(5000))
    assert [change.end for change in read_changes(tmp_path / "log")] == ends


def test_a_byte_that_was_changed_is_noticed_wherever_it_is(tmp_path):
    path = tmp_path / "log"
    _write_three(path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(VectorIndexError, match="damaged"):
            list(read_changes(path))


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "log"
    _write_three(path)
    before, write = path.read_bytes(), os.pwrite

    def half(file, content, place):
        if place > len(before):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, content[:20], place)

    log = ChangeLog(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", half)
        with pytest.raises(OSError, match="No space"):
            log.put(["d"], VECTORS[:1], [FACTS])
    assert path.read_bytes() == before
    log.delete(["c"])
    log.close()
    assert [change.ids for change in read_changes(path)][3] == ("c",)
