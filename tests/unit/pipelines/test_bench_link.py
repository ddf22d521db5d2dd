import hashlib

import numpy as np
import pytest

from metier.errors import ConfigError, InputError
from metier.pipelines import bench_link as pipeline
from metier.pipelines.bench import Timing
from metier.pipelines.bench_link import Model, TorchTiming, bench_link, time_link, time_torch


@pytest.fixture
def model(tiny_linker):
    return Model(*map(str, tiny_linker))


@pytest.fixture
def here(monkeypatch):
    """Work is done in this process, and what was asked for is kept."""
    asked = []

    def call(work, *arguments):
        asked.append(arguments)
        return work(*arguments)

    monkeypatch.setattr(pipeline, "in_own_process", call)
    return asked


def write(folder, *lines):
    path = folder / "skills.txt"
    path.write_text("\n".join(lines))
    return path


def test_figures_are_those_of_the_median_round_and_the_faster_batch(model, monkeypatch, tmp_path):
    seconds = {pipeline.time_link: iter([4.0, 2.0, 1.0]), 32: iter([9.0, 6.0, 7.0]), 256: iter([8.0, 20.0, 10.0])}

    def timed(work, *arguments):
        if work is pipeline.time_link:
            return Timing(next(seconds[work]), 300.0)
        return TorchTiming(Timing(next(seconds[arguments[-1]]), 700.0), arguments[-1], np.zeros((2, 3), np.float32))

    monkeypatch.setattr(pipeline, "in_own_process", timed)
    monkeypatch.setattr(pipeline, "_mean_cosine", lambda *arguments: 0.99)
    report = bench_link(write(tmp_path, "a", "b", "a", "!", "c d"), weights=tmp_path, model=model).to_dict()
    # a, b, ! and c d in the median of 4, 2 and 1 s; torch needs the median of 9, 6 and 7 s, and 10 s in larger batches
    assert (report["n_mentions"], report["mentions_per_s"]) == (4, 2.0)
    assert (report["torch_mentions_per_s"], report["torch_batch_size"]) == (pytest.approx(4 / 7), 32)
    assert report["ratio_to_torch"] == 3.5
    assert (report["seconds_by_round"], report["torch_seconds_by_round"]) == ((4.0, 2.0, 1.0), (9.0, 6.0, 7.0))
    assert (report["peak_rss_mb"], report["torch_peak_rss_mb"], report["mean_cosine"]) == (300, 700, 0.99)
    assert (report["n_concepts"], report["n_rounds"], report["threads"], report["seed"]) == (6, 3, 2, 0)


def test_without_weights_nothing_is_compared(model, here):
    report = bench_link(model=model, n_rounds=1, threads=1)
    assert report.mentions_per_s > 0
    assert report.n_mentions == 12  # six labels, each with one alternative
    assert (report.ratio_to_torch, report.torch_batch_size, report.mean_cosine) == (None, None, None)
    assert 10 < report.peak_rss_mb < 100_000


def test_the_draw_is_seeded_and_holds_no_mention_twice(model, here, tmp_path):
    path = write(tmp_path, *(f"skill {n % 40}" for n in range(99)))
    drawn = []
    for seed in (0, 0, 1):
        bench_link(path, model=model, limit=20, n_rounds=1, seed=seed)
        drawn.append(here[-1][0])
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(set(drawn[0])) == 20


def test_the_list_is_told_by_its_hash(model, here, tmp_path):
    report = bench_link(write(tmp_path, "SQL"), model=model, n_rounds=1)
    assert report.mentions_sha256 == hashlib.sha256(b"SQL").hexdigest()


def test_a_list_of_nothing_says_so(model, tmp_path):
    with pytest.raises(InputError, match="no mention in the list"):
        bench_link(write(tmp_path, "", " "), model=model)


@pytest.mark.slow
def test_torch_reads_with_the_same_encoder(model, tiny_encoder, here):
    report = bench_link(model=model, weights=tiny_encoder, n_rounds=1)
    assert report.mean_cosine > 0.99  # int8 against float32
    assert report.ratio_to_torch == pytest.approx(report.mentions_per_s / report.torch_mentions_per_s)
    mentions = ["use SQL", "x", "manage a team of nurses"]
    few, many = (time_torch(mentions, model, tiny_encoder, size) for size in (1, 32))
    assert few.vectors == pytest.approx(many.vectors, abs=1e-5)
    assert np.linalg.norm(few.vectors, axis=1) == pytest.approx(1)


@pytest.mark.slow
def test_weights_of_another_encoder_are_refused(model, tiny_encoder, here, tmp_path):
    import torch
    from transformers import AutoModel

    other = AutoModel.from_pretrained(tiny_encoder)
    torch.nn.init.normal_(other.embeddings.word_embeddings.weight)
    other.save_pretrained(tmp_path / "other")
    with pytest.raises(ConfigError, match="give the weights that the linker was exported from"):
        bench_link(model=model, weights=tmp_path / "other", n_rounds=1)


def test_linking_is_timed_in_calls(model, monkeypatch):
    monkeypatch.setattr(pipeline, "ROWS_PER_CALL", 2)
    timing = time_link(["SQL", "C++", "python"], model, 1)
    assert timing.seconds > 0
