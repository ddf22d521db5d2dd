"""`metier simulate market`, as typed."""

import json

import pytest
import typer
from typer.testing import CliRunner

from metier.cli import simulate
from metier.data.market import read_market
from metier.errors import ConfigError, InputError

pytestmark = pytest.mark.models


@pytest.fixture
def run():
    app = typer.Typer()
    simulate.register(app)
    app.callback()(lambda: None)

    def run(*arguments):
        return CliRunner().invoke(app, ["simulate", "market", *map(str, arguments)])

    return run


SMALL = ("--n-profiles", 60, "--n-projects", 40, "--seed", 5)


def test_a_market_is_written_and_its_card_printed(run, tmp_path):
    outcome = run("-o", tmp_path / "market", *SMALL)
    assert outcome.exit_code == 0
    assert outcome.stderr == f"written to {tmp_path / 'market'}\n"
    card = json.loads(outcome.stdout)
    assert card["settings"] == {"seed": 5, "n_profiles": 60, "n_projects": 40}
    assert card["published"]["test projects"] == 3911
    market = read_market(tmp_path / "market")
    assert len(market.profiles) == card["statistics"]["profiles"] == 60


def test_a_person_sees_a_table_with_the_published_figures_beside(run, tmp_path, monkeypatch):
    monkeypatch.setattr(simulate, "on_terminal", lambda: True)
    lines = run("-o", tmp_path / "market", *SMALL).stdout.splitlines()
    [projects] = [line for line in lines if "test projects " in line and "both" not in line and "per" not in line]
    assert "3,911" in projects


def test_a_market_that_was_simulated_before_is_replaced(run, tmp_path):
    run("-o", tmp_path, *SMALL)
    assert run("-o", tmp_path, "--n-profiles", 50, "--n-projects", 20).exit_code == 0
    assert len(read_market(tmp_path).profiles) == 50


def test_impossible_sizes_are_refused_before_anything_is_written(run, tmp_path):
    outcome = run("-o", tmp_path / "market", "--n-profiles", 3)
    assert isinstance(outcome.exception, ConfigError)
    assert "give 50 to 99999" in str(outcome.exception)
    assert not (tmp_path / "market").exists()


def test_a_folder_of_something_else_is_refused(run, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    outcome = run("-o", tmp_path, *SMALL)
    assert isinstance(outcome.exception, InputError)
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_without_a_folder_it_is_misused(run):
    assert run("--seed", 1).exit_code == 2
