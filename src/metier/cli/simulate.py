"""`metier simulate market`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from metier.cli.terminal import console, note, on_terminal, progress


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    commands = typer.Typer(help="Make data where the truth is known.", no_args_is_help=True)
    commands.command()(market)
    commands.callback()(lambda: None)  # keeps `market` a sub-command, alone as it is
    app.add_typer(commands, name="simulate")


def market(
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write.")],
    seed: Annotated[int, typer.Option(help="The same seed makes the same market.")] = 0,
    n_profiles: Annotated[int, typer.Option(help="How many people offer work.")] = 20_000,
    n_projects: Annotated[int, typer.Option(help="How many projects come in the year.")] = 3_000,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")] = False,
) -> None:
    """Simulate a year of a market of freelancers and projects, to train and judge matching on.

    The statistics are shown beside those that were published for a real market.

    For example:

    `metier simulate market -o runs/market --seed 1`
    """
    from metier.data.market import check_market_folder, write_market
    from metier.matching.market import MarketSize, simulate_market
    from metier.taxonomy.taxonomy import Taxonomy

    size = MarketSize(seed=seed, n_profiles=n_profiles, n_projects=n_projects)
    check_market_folder(output)
    with progress("projects", shown=True) as advance:
        simulated = simulate_market(size, Taxonomy.load("esco"), progress=advance)
    write_market(simulated, output)
    if as_json or not on_terminal():
        print(json.dumps(simulated.card, ensure_ascii=False))
    else:
        _show(simulated.card["statistics"], simulated.card["published"])
    note(f"written to {output}")


def _show(statistics: Mapping[str, float], published: Mapping[str, float]) -> None:
    from rich.table import Table

    table = Table("", "simulated", "Malt, 2024", title="the market")
    for name, figure in statistics.items():
        table.add_row(name, f"{figure:,}", f"{published[name]:,}" if name in published else "")
    console().print(table)
