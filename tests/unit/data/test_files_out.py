"""Files appear under their name only when they are whole."""

import os
import resource
import stat

import pytest

from metier.data.bad_rows import open_bad_rows
from metier.data.files_out import check_writable, written_whole
from metier.data.posting_formats import BadRow
from metier.data.tables import open_rows
from metier.errors import InputError


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".parquet"])
def test_interrupted_block_leaves_what_was_there(tmp_path, ending):
    path = tmp_path / f"out{ending}"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        _write_and_be_interrupted(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def _write_and_be_interrupted(path):
    with open_rows(path, columns={"a": "VARCHAR"}) as write:
        write({"a": "new"})
        raise KeyboardInterrupt


def test_two_writers_of_one_file_do_not_meet(tmp_path):
    path = tmp_path / "out.txt"
    with written_whole(path) as first:
        with written_whole(path) as second:
            first.write_text("first")
            second.write_text("second")
        assert path.read_text() == "second"
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_link_is_followed(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with written_whole(tmp_path / "link") as temporary:
        temporary.write_text("x")
    assert (tmp_path / "target").read_text() == "x"
    assert (tmp_path / "link").is_symlink()


def test_file_gets_the_usual_rights(tmp_path):
    mask = os.umask(0o022)
    try:
        with written_whole(tmp_path / "out") as temporary:
            temporary.write_text("x")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o644


def test_full_disk_is_one_clear_error(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))  # a longer file is refused, as on a full disk
    try:
        with (
            pytest.raises(InputError, match="cannot be written"),
            open_rows(tmp_path / "out.jsonl", columns={}) as write,
        ):
            write({"a": "x" * 100_000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "reason"), [("", "is a folder"), ("none/out.csv", "there is no folder"), ("file/out.csv", "no folder")]
)
def test_place_that_cannot_hold_a_file_is_refused(tmp_path, name, reason):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=reason):
        check_writable(tmp_path / name)


def test_device_is_never_replaced(tmp_path):
    with pytest.raises(InputError, match="not a regular file"), written_whole(tmp_path / "/dev/null"):
        pass


def test_closed_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)  # tests may run as root, who may write anywhere
    with pytest.raises(InputError, match="is closed to you"):
        check_writable(tmp_path / "out.csv")


def test_errors_file_is_made_only_for_bad_rows(tmp_path):
    with open_bad_rows(tmp_path / "out.csv") as write:
        write(BadRow("in.jsonl", 3, "it is bad", "é\ud83d"))
        assert not (tmp_path / "out.csv.errors.jsonl").exists()
    assert (tmp_path / "out.csv.errors.jsonl").read_text(encoding="utf-8") == (
        '{"source": "in.jsonl", "row": 3, "reason": "it is bad", "content_excerpt": "\\u00e9\\ud83d"}\n'
    )
    with open_bad_rows(tmp_path / "out.csv"):
        pass
    assert list(tmp_path.iterdir()) == []
