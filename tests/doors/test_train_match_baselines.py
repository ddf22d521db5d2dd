"""`metier train projection | fine-tuned | ranker`, as typed."""

import pytest
import typer
from matching_fakes import small_market
from typer.testing import CliRunner

from metier.artifacts import read_kind, write_artifact
from metier.cli import train
from metier.data.market import write_market
from metier.errors import ConfigError, InputError


@pytest.fixture
def run():
    app = typer.Typer()
    train.register(app)
    app.callback()(lambda: None)
    return lambda *arguments: CliRunner().invoke(app, ["train", *map(str, arguments)])


@pytest.fixture
def market(tmp_path):
    write_market(small_market(), tmp_path / "market")
    return tmp_path / "market"


@pytest.fixture
def encoder(tiny_runtime, tmp_path):
    files = {
        str(path.relative_to(tiny_runtime)): path.read_bytes() for path in tiny_runtime.rglob("*") if path.is_file()
    }
    write_artifact(tmp_path / "tiny", kind="encoder", settings={"encoder_sha256": "e" * 64}, files=files)
    return tmp_path / "tiny"


def _trained(result, output, *, kind):
    assert result.exit_code == 0, result.exception
    assert result.stdout == ""
    assert f"Wrote {output}." in result.stderr
    assert read_kind(output) == kind


@pytest.mark.parametrize("system", ["projection", "fine-tuned", "ranker"])
def test_missing_arguments_are_misuse_and_a_missing_file_is_told(run, tmp_path, system):
    assert run(system).exit_code == 2
    assert run(system, "c.toml").exit_code == 2
    assert isinstance(run(system, tmp_path / "no.toml", "--data", tmp_path).exception, ConfigError)
    (tmp_path / "typo.toml").write_text("epoch_s = 1")
    error = run(system, tmp_path / "typo.toml", "--data", tmp_path).exception
    assert "unknown key epoch_s" in str(error)


def test_a_projection_is_trained(run, market, encoder, tmp_path):
    (tmp_path / "c.toml").write_text(f'encoder = "{encoder}"\nepochs = 1\n')
    result = run("projection", tmp_path / "c.toml", "--data", market, "-o", tmp_path / "out")
    _trained(result, tmp_path / "out", kind="match-projection")


def test_an_encoder_is_fine_tuned(run, market, tiny_encoder, tmp_path):
    (tmp_path / "c.toml").write_text(f'encoder = "{tiny_encoder}"\nsteps = 1\nbatch_size = 2\nbfloat16 = false\n')
    result = run("fine-tuned", tmp_path / "c.toml", "--data", market, "-o", tmp_path / "out")
    _trained(result, tmp_path / "out", kind="encoder-weights")


def test_a_ranker_is_trained(run, market, encoder, tmp_path):
    pytest.importorskip("lightgbm")
    pytest.importorskip("bm25s")
    (tmp_path / "c.toml").write_text("trees = 5\nleast_pairs_per_leaf = 5\n")
    options = ["--data", market, "-o", tmp_path / "out"]
    result = run("ranker", tmp_path / "c.toml", *options, "--retriever", f"sections:{encoder}")
    _trained(result, tmp_path / "out", kind="match-ranker")
    assert "auc_of_cosine" in result.stderr
    error = run("ranker", tmp_path / "c.toml", *options, "--retriever", "bm25").exception
    assert "have no vectors" in str(error)


def test_a_folder_that_is_no_market_is_told(run, encoder, tmp_path):
    (tmp_path / "c.toml").write_text(f'encoder = "{encoder}"\n')
    error = run("projection", tmp_path / "c.toml", "--data", tmp_path / "nothing").exception
    assert isinstance(error, InputError)
    assert "market.json" in str(error)
