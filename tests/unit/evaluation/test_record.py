import hashlib
import json
import shutil
import subprocess
from importlib.metadata import version

import pytest

from metier.errors import InputError
from metier.evaluation import record as record_module
from metier.evaluation.record import make_record, write_record


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "test.json"
    path.write_bytes(b"abc")
    return path


def test_record_names_what_made_the_figures(data):
    record = make_record(data, command="metier evaluate", model="m@1", seed=4)
    assert (record.command, record.model, record.seed, record.data) == ("metier evaluate", "m@1", 4, "test.json")
    assert record.data_sha256 == hashlib.sha256(b"abc").hexdigest()
    assert record.metier == version("metier")


def test_file_holds_figures_and_record(data, tmp_path):
    record = make_record(data, command="c", model="m@1", seed=0)
    write_record(tmp_path / "out.json", {"skill": {"f1": 0.5}}, record)
    written = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert written["skill"] == {"f1": 0.5}
    assert written["record"]["model"] == "m@1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.json", "test.json"]


def test_folder_that_is_not_there_is_an_input_error(data, tmp_path):
    record = make_record(data, command="c", model="m", seed=0)
    with pytest.raises(InputError, match="cannot be written"):
        write_record(tmp_path / "none" / "out.json", {}, record)


def test_commit_is_that_of_a_tracked_source_and_marked_when_files_differ(tmp_path):
    if shutil.which("git") is None:
        pytest.skip("git is not installed")

    def git(*arguments):
        identity = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    source = tmp_path / "record.py"
    source.write_text("1")
    assert record_module.source_commit(source) is None  # no repository
    git("init", "-q")
    assert record_module.source_commit(source) is None  # not tracked
    git("add", ".")
    git("commit", "-q", "-m", "first")
    assert record_module.source_commit(source) == git("rev-parse", "HEAD")
    source.write_text("2")
    assert record_module.source_commit(source) == f"{git('rev-parse', 'HEAD')}-dirty"


def test_a_record_keeps_relative_paths_and_the_last_name_of_absolute_ones(data, tmp_path):
    command = "metier evaluate --data /home/me/data -o '/a b.json' --system x=kind:/home/runs/x ../data/set and/or"
    write_record(tmp_path / "out.json", {}, make_record(data, command=command, model="m", seed=0))
    found = json.loads((tmp_path / "out.json").read_text())["record"]["command"]
    assert found == "metier evaluate --data data -o 'a b.json' --system x=kind:x ../data/set and/or"
