"""An index in generations: switched in one step, read while it is written, never half there."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from index_rows import unit_vectors

from metier.domain import Facts
from metier.errors import IndexBusy, IndexMismatch, VectorIndexError
from metier.index import generation_folder, shard_builder
from metier.index.generations import GenerationsWriter, build_generation, open_generations
from metier.index.sparse_copy import copy_sparse
from metier.index.where import parse_where

pytest.importorskip("qdrant_edge")

DIM = 8
VECTORS = unit_vectors(60, DIM, seed=1)
IDS = [f"p{i}" for i in range(60)]


def _rows(numbers, *, country="FR"):
    return [IDS[i] for i in numbers], VECTORS[list(numbers)], [Facts(country=country) for _ in numbers]


def _build(folder, *batches, version="fake@1"):
    build_generation(folder, iter(batches), encoder_version=version, dim=DIM)


def _ids(index, number=0, *, k=100, where=""):
    return {hit.id for hit in index.search(VECTORS[number : number + 1], k=k, where=parse_where(where))[0]}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built") / "index"
    _build(folder, _rows(range(40)))
    return folder


@pytest.fixture
def folder(built, tmp_path):
    shutil.copytree(built, tmp_path / "index", copy_function=copy_sparse)
    return tmp_path / "index"


def _files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and "shard" not in path.parts}


def test_a_build_takes_its_rows_in_batches_and_says_how_far_it_is(tmp_path):
    seen = []
    batches = iter([_rows(range(10)), _rows(range(5, 25), country="BE"), ([], np.zeros((0, DIM), np.float32), [])])
    build_generation(tmp_path / "index", batches, encoder_version="fake@1", dim=DIM, progress=seen.append)
    assert seen == [10, 30, 30]
    with open_generations(tmp_path / "index", encoder_version="fake@1") as index:
        assert len(index) == 25  # the second batch replaces five of the first
        assert _ids(index, where="country=FR") == set(IDS[:5])
    assert _files(tmp_path / "index") == {"CURRENT", "LOCK", "gen-1/index.json", "delta/gen-1.log"}


def test_a_reader_sees_changes_as_they_are_acknowledged(folder):
    with open_generations(folder) as reader, GenerationsWriter(folder) as writer:
        writer.upsert(*_rows(range(38, 50), country="BE"))
        assert len(reader) == 50
        assert _ids(reader, where="country=BE") == set(IDS[38:50])
        assert reader.n_changed == 12
        writer.delete([IDS[0], IDS[39], "nobody"])
        assert len(reader) == len(writer) == 48
        assert not {IDS[0], IDS[39]} & _ids(reader)
        writer.upsert(*_rows([0]))
        assert IDS[0] in _ids(reader)


def test_hits_are_full_however_many_are_hidden(folder):
    with GenerationsWriter(folder) as writer:
        writer.delete(IDS[:37])
        assert _ids(writer, k=3) == {"p37", "p38", "p39"}
        assert _ids(writer, k=2) < {"p37", "p38", "p39"}


def test_a_compaction_keeps_all_and_empties_the_log(folder):
    with open_generations(folder) as reader, GenerationsWriter(folder) as writer:
        writer.compact()  # nothing to do
        assert reader.generation.name == "gen-1"
        writer.upsert(*_rows(range(35, 45), country="BE"))
        writer.delete(IDS[:5])
        before = reader.search(VECTORS[:1], k=60)[0]
        writer.compact()
        after = reader.search(VECTORS[:1], k=60)[0]
        assert [hit.id for hit in after] == [hit.id for hit in before]
        assert [hit.similarity for hit in after] == pytest.approx([hit.similarity for hit in before], abs=1e-6)
        assert (reader.generation.name, reader.n_changed, len(reader)) == ("gen-2", 0, 40)
        writer.delete([IDS[44]])
        assert len(reader) == 39
    assert _files(folder) == {"CURRENT", "LOCK", "gen-2/index.json", "delta/gen-2.log"}


def test_a_build_that_fails_leaves_what_is_there(folder):
    def broken():
        yield _rows(range(3))
        raise RuntimeError("the encoder went away")

    with pytest.raises(RuntimeError, match="went away"):
        build_generation(folder, broken(), encoder_version="fake@2", dim=DIM)
    with pytest.raises(VectorIndexError, match="twice"):
        _build(folder, (["a", "a"], VECTORS[:2], [Facts()] * 2))
    with open_generations(folder, encoder_version="fake@1") as index:
        assert len(index) == 40
    assert not list(folder.glob("*building*"))


def test_a_new_model_is_switched_to_in_one_step_and_its_readers_are_told(folder):
    with open_generations(folder, encoder_version="fake@1") as reader:
        _build(folder, _rows(range(3)), version="fake@2")
        with pytest.raises(IndexMismatch, match=r"fake@2.*fake@1"):
            _ids(reader)
    with pytest.raises(IndexMismatch, match=r"fake@2.*fake@1"):
        open_generations(folder, encoder_version="fake@1")
    with pytest.raises(IndexMismatch), GenerationsWriter(folder, encoder_version="fake@1"):
        pass
    with open_generations(folder) as reader:
        assert (reader.card.encoder_version, reader.card.dim, len(reader)) == ("fake@2", DIM, 3)


def test_one_process_writes_at_a_time(folder):
    with GenerationsWriter(folder):
        with pytest.raises(IndexBusy, match=str(os.getpid())), GenerationsWriter(folder):
            pass
        with pytest.raises(IndexBusy, match=str(os.getpid())):
            _build(folder, _rows(range(3)))
    with GenerationsWriter(folder) as writer:
        assert len(writer) == 40


def test_a_reader_does_not_write(folder):
    with open_generations(folder) as reader:
        with pytest.raises(VectorIndexError, match="for reading"):
            reader.upsert(*_rows([1]))
        with pytest.raises(VectorIndexError, match="for reading"):
            reader.delete(["p1"])


def test_reads_go_on_while_generations_are_replaced(folder):
    failed, stopped = [], threading.Event()

    def read():
        with open_generations(folder) as reader:
            while not stopped.is_set():
                found = len(_ids(reader, number=3))
                if found < 40:
                    failed.append(found)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    with GenerationsWriter(folder) as writer:
        for number in range(40, 43):
            writer.upsert(*_rows([number]))
            writer.compact()
    stopped.set()
    for thread in threads:
        thread.join()
    assert failed == []


_WRITING = """
import sys
from pathlib import Path
from metier.index.generations import GenerationsWriter
import numpy as np
from metier.domain import Facts
with GenerationsWriter(Path(sys.argv[1])) as writer:
    for number in range(100_000):
        writer.upsert([f"new{number}"], np.eye(1, 8, dtype=np.float32), [Facts()])
        print(number, flush=True)
"""


def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(folder):
    process = subprocess.Popen([sys.executable, "-c", _WRITING, str(folder)], stdout=subprocess.PIPE, text=True)
    with process:
        process.stdout.readline()
        time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        acknowledged = int(process.stdout.read().split()[-1])
    with GenerationsWriter(folder) as writer:  # its lock went with it
        found = _ids(writer, k=100_000)
        assert {f"new{number}" for number in range(acknowledged + 1)} <= found


def test_what_a_killed_build_left_is_taken_away(folder):
    (folder / "gen-2.building-abc" / "shard").mkdir(parents=True)
    (folder / "gen-2").mkdir()  # made, and killed before it was current
    with open_generations(folder) as reader:
        assert len(reader) == 40
    _build(folder, _rows(range(3)))
    assert sorted(path.name for path in folder.iterdir()) == ["CURRENT", "LOCK", "delta", "gen-3"]


def test_a_builder_whose_parent_is_gone_stops(folder, tmp_path):
    log = generation_folder.current_generation(folder).log
    with GenerationsWriter(folder) as writer:
        writer.upsert(*_rows([1]))
    with pytest.raises(VectorIndexError, match="has ended"):
        shard_builder.write_shard(tmp_path / "shard", log, dim=DIM, source=None, parent=-1)


def test_no_index_and_no_folder_are_told_apart_from_damage(tmp_path, folder):
    with pytest.raises(VectorIndexError, match="holds no index"):
        open_generations(tmp_path / "nowhere")
    with pytest.raises(VectorIndexError, match="holds no index"), GenerationsWriter(tmp_path / "nowhere"):
        pass
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "file").write_text("x")
    with pytest.raises(VectorIndexError, match="cannot be"):
        open_generations(tmp_path / "file")
    with pytest.raises(VectorIndexError, match="cannot be used"):
        _build(tmp_path / "file", _rows([1]))


def _cut_a_file(folder):
    path = max((path for path in (folder / "gen-1" / "shard").rglob("*") if path.is_file()), key=os.path.getsize)
    os.truncate(path, 10)


def _drop_the_log(folder):
    (folder / "delta" / "gen-1.log").unlink()


def _spoil_the_card(folder):
    (folder / "gen-1" / "index.json").write_text("{}")


def _age_the_card(folder):
    card = json.loads((folder / "gen-1" / "index.json").read_text())
    (folder / "gen-1" / "index.json").write_text(json.dumps(card | {"format": 99}))


def _spoil_current(folder):
    (folder / "CURRENT").write_bytes(b"\xff\xfe")


def _point_elsewhere(folder):
    (folder / "CURRENT").write_text("gen-../../etc")


def _point_to_nothing(folder):
    (folder / "CURRENT").write_text("gen-7")


@pytest.mark.parametrize(
    "damage",
    [_cut_a_file, _drop_the_log, _spoil_the_card, _age_the_card, _spoil_current, _point_elsewhere, _point_to_nothing],
    ids=lambda damage: damage.__name__,
)
def test_a_damaged_index_is_named_and_can_be_built_again(folder, damage):
    damage(folder)
    with pytest.raises(VectorIndexError, match=str(folder)):
        open_generations(folder)
    _build(folder, _rows(range(3)))
    with open_generations(folder) as index:
        assert len(index) == 3


def test_a_full_disk_is_foreseen_and_changes_nothing(folder, monkeypatch):
    monkeypatch.setattr(generation_folder, "disk_usage", lambda _: _Disk)
    with GenerationsWriter(folder) as writer:
        writer.upsert(*_rows(range(40, 50)))
        with pytest.raises(VectorIndexError, match="make room"):
            writer.compact()
        assert len(writer) == 50
    with pytest.raises(VectorIndexError, match="make room"):
        _build(folder, _rows(range(3)))
    with open_generations(folder) as index:
        assert len(index) == 50


class _Disk:
    free = 100


def test_a_builder_that_fails_says_why(folder, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(VectorIndexError, match=r"ended with 1.*in use is untouched"):
        _build(folder, _rows(range(3)))
    monkeypatch.undo()
    with pytest.raises(VectorIndexError, match=r"failed: .*nothing"):
        shard_builder.build_shard(folder / "x", folder / "nothing", dim=DIM)
    assert generation_folder.current_generation(folder).name == "gen-1"


_LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from metier.domain import Facts
from metier.errors import VectorIndexError
from metier.index.generations import GenerationsWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000,) * 2)
with GenerationsWriter(Path(sys.argv[1])) as writer:
    writer.delete(["p1"])
    for change in (lambda: writer.upsert([str(i) for i in range(9000)], np.eye(9000, 8, dtype="f4"), [Facts()] * 9000),
                   writer.compact):
        try:
            change()
        except VectorIndexError as error:
            print(error)
"""


def test_a_disk_that_refuses_to_take_more_is_reported_and_nothing_is_lost(folder):
    done = subprocess.run([sys.executable, "-c", _LIMITED, str(folder)], capture_output=True, text=True, check=True)
    written, compacted = done.stdout.splitlines()
    assert "What was acknowledged before is kept" in written
    assert "File too large" in compacted
    assert len(compacted) < 600
    with GenerationsWriter(folder) as writer:
        assert "p1" not in _ids(writer)
        assert len(writer) >= 39
        writer.upsert(*_rows([1]))
        assert "p1" in _ids(writer, 1)
    assert not list(folder.glob("*building*"))
