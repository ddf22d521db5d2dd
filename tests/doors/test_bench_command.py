import json

import pytest
import typer
from typer.testing import CliRunner

from metier.cli import bench
from metier.pipelines import bench as pipeline
from metier.pipelines import bench_link

REPORT = pipeline.BenchReport(
    postings_per_s=20.5,
    tokens_per_s=9000.0,
    ratio_to_torch=None,
    peak_rss_mb=350.0,
    startup_s=1.25,
    torch_tokens_per_s=None,
    n_postings=200,
    n_different=10,
    n_tokens=80_000,
    n_processors=2,
    threads=1,
    metier="0.1.0",
)

LINK_REPORT = bench_link.LinkBenchReport(
    mentions_per_s=2000.0,
    ratio_to_torch=2.5,
    peak_rss_mb=300.0,
    torch_mentions_per_s=800.0,
    torch_peak_rss_mb=700.0,
    torch_batch_size=32,
    mean_cosine=0.99,
    seconds_by_round=(0.0045,),
    torch_seconds_by_round=(0.01125,),
    n_mentions=9,
    mentions_sha256="0" * 64,
    n_concepts=6,
    n_rounds=1,
    n_processors=2,
    load_average=0.1,
    threads=2,
    seed=0,
    linker="x@0",
    taxonomy="esco@0",
    metier="0.1.0",
)


@pytest.fixture
def run(monkeypatch):
    asked = []

    def fake_bench(paths, *, threads, least):
        asked.append((paths, threads, least))
        return REPORT

    monkeypatch.setattr(pipeline, "bench_annotate", fake_bench)
    app = typer.Typer()
    bench.register(app)

    def invoke(*arguments):
        return CliRunner().invoke(app, ["bench", "annotate", *map(str, arguments)])

    invoke.asked = asked
    return invoke


def test_figures_are_one_json_object(run, tmp_path):
    figures = json.loads(run(tmp_path, "--threads", 1, "--json").stdout)
    assert {"postings_per_s", "tokens_per_s", "ratio_to_torch", "peak_rss_mb", "startup_s"} <= set(figures)
    assert figures["postings_per_s"] == 20.5
    assert figures["ratio_to_torch"] is None
    assert run.asked == [([tmp_path], 1, 200)]


def test_examples_are_read_by_default(run):
    assert run().exit_code == 0
    assert run.asked == [([], 2, 200)]


def test_threads_below_one_are_misuse(run):
    assert run("--threads", 0).exit_code == 2


def test_linking_is_measured_with_the_options(monkeypatch, tmp_path):
    asked = []

    def fake_bench(path, **options):
        asked.append((path, options))
        return LINK_REPORT

    monkeypatch.setattr(bench_link, "bench_link", fake_bench)
    app = typer.Typer()
    bench.register(app)
    arguments = [str(tmp_path / "a.txt"), "--weights", str(tmp_path), "--rounds", "1", "--limit", "9", "--linker", "x"]
    done = CliRunner().invoke(app, ["bench", "link", *arguments])
    assert done.exit_code == 0
    figures = json.loads(done.stdout)
    assert figures.keys() == LINK_REPORT.to_dict().keys()
    assert (figures["ratio_to_torch"], figures["seconds_by_round"]) == (2.5, [0.0045])
    assert asked == [
        (
            tmp_path / "a.txt",
            {
                "weights": tmp_path,
                "model": bench_link.Model("x", "esco"),
                "threads": 2,
                "limit": 9,
                "n_rounds": 1,
                "seed": 0,
            },
        )
    ]
    assert CliRunner().invoke(app, ["bench", "link", "--limit", "0"]).exit_code == 2
