import json

import pytest
import typer
from typer.testing import CliRunner

from metier.cli import evaluate, evaluate_linkers
from metier.errors import ConfigError, InputError, UnknownModel
from metier.pipelines import linker_comparison

ROWS = "sentence,span,sub_span,label\nwe bake bread,bake bread,,bake bread\nwe juggle,juggle,,LABEL NOT PRESENT\n"


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr(linker_comparison, "_LEAST_S", 0.0)
    monkeypatch.setattr(linker_comparison, "in_own_process", lambda work, task: work(task))
    app = typer.Typer()
    evaluate.register(app)

    def invoke(*arguments):
        result = CliRunner().invoke(app, ["evaluate", "linkers", *map(str, arguments)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def asked(tmp_path, tiny_linker):
    """Two sets and two linkers."""
    for name in ("tech", "house"):
        (tmp_path / f"{name}.csv").write_text(ROWS, "utf-8")
    model, taxonomy = tiny_linker
    sets = [argument for name in ("tech", "house") for argument in ("--set", f"{name}={tmp_path / name}.csv")]
    return [*sets, "--linker", "lexical", "--linker", f"mine={model}", "--taxonomy", taxonomy]


def test_linkers_are_compared_on_all_sets_and_a_record_is_kept(run, asked, tmp_path):
    result = run(*asked, "--json", "-o", tmp_path / "out.json", "--plots", tmp_path)
    figures = json.loads(result.stdout)
    assert figures["sets"] == {"tech": "tech.csv", "house": "house.csv"}
    lexical = figures["linkers"]["lexical"]
    assert list(lexical["sets"]) == ["tech", "house", "pooled"]
    pooled = lexical["sets"]["pooled"]["mention"]
    assert (pooled["all"]["n"], pooled["all"]["acc@1"], pooled["nil"]["f1"]) == (4, 0.5, 1.0)
    assert list(figures["first_minus"]) == ["mine"]
    written = json.loads((tmp_path / "out.json").read_text("utf-8"))
    record = written.pop("record")
    assert written == figures
    assert record["data"] == "tech.csv, house.csv"
    assert record["model"].startswith("lexical=lexical of tiny-taxonomy@")
    assert len(record["data_sha256"].split(", ")) == 2
    for name in ("linkers-accuracy.png", "linkers-risk.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_tables_are_shown_on_a_terminal_and_as_markdown(run, asked, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(evaluate_linkers, "on_terminal", lambda: True)
    shown = run(*asked).stdout
    for heading in ("Sentences", "Mentions", "Abstention", "Cost, 2 threads", "lexical minus the others"):
        assert heading in shown
    lines = run(*asked, "--markdown").stdout.splitlines()
    assert "| set | linker | sentences | MRR | RP@1 | RP@5 | RP@10 |" in lines
    assert "| pooled | lexical | 2 | 100.0 | 100.0 | 100.0 | 100.0 |" in lines
    assert "| pooled | all | lexical | 4 | 50.0 | 50.0 | 50.0 | 50.0 | 50.0 | 50.0 |" in lines
    [ece] = [line.split(" | ")[2] for line in lines if line.startswith("| pooled | lexical | - |")]
    assert ece == "-"  # a cosine is no probability


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (["--set", "tech", "--linker", "lexical"], ConfigError, "NAME=FILE"),
        (["--set", "a=x.csv", "--set", "a=y.csv", "--linker", "lexical"], ConfigError, "each name once"),
        (["--set", "a=none.csv", "--linker", "lexical"], InputError, "none.csv"),
        (["--set", "a=none.csv", "--linker", "lexical+x"], ConfigError, "takes no re-ranker"),
        (["--set", "a=none.csv", "--linker", "lexical", "-o", "none/out.json"], InputError, "no folder"),
        (["--set", "a=none.csv", "--linker", "lexical", "--plots", "none"], InputError, "no folder"),
    ],
)
def test_misuse_is_told_before_the_work(run, options, error, message):
    with pytest.raises(error, match=message):
        run(*options)


def test_an_unknown_linker_is_named(run, asked):
    with pytest.raises(UnknownModel, match="no-such"):
        run(*asked[:4], "--linker", "no-such", "--taxonomy", asked[-1])


def test_missing_options_are_misuse(run):
    assert run().exit_code == 2
    assert run("--linker", "lexical").exit_code == 2
