import json

import pytest
import typer
from typer.testing import CliRunner

from metier.cli import bench
from metier.pipelines import bench as pipeline

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
