"""`metier match map`."""

from pathlib import Path
from typing import Annotated

import typer

from metier.cli.terminal import note
from metier.errors import ConfigError


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("map")(draw)


def draw(
    data: Annotated[Path, typer.Option(help="The folder of a market, or a file of profiles.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A picture: .png or .svg.")] = None,
    html: Annotated[Path | None, typer.Option(help="A page to explore, which loads nothing.")] = None,
    encoder: Annotated[
        str, typer.Option(help="What reads the texts: sections (the shipped encoder), or a model's folder.")
    ] = "sections",
    limit: Annotated[int, typer.Option(min=4, help="People on the map; of more, so many are drawn by chance.")] = 3000,
    threads: Annotated[int, typer.Option(min=1, help="Processors that the encoder uses.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the draw and of the map.")] = 0,
) -> None:
    """Draw where people lie in the space of an encoder, by family and category; needs the extra plots.

    For example:

    `metier match map --data market/ --encoder runs/retriever -o map.png --html map.html`
    """
    from metier.data.files_out import check_writable
    from metier.evaluation.latent_page import write_map
    from metier.evaluation.latent_space import draw_map
    from metier.evaluation.plots import check_picture, save_figure
    from metier.pipelines.latent_map import map_people

    if output is None and html is None:
        raise ConfigError("Nothing would be written; give -o map.png, --html map.html or both.")
    if output is not None:
        check_picture(output)
    if html is not None:
        check_writable(html)
    found = map_people(data, encoder=encoder, limit=limit, seed=seed, threads=threads)
    if output is not None:
        save_figure(draw_map(found, subject=data.name), output)
        note(f"wrote {output}")
    if html is not None:
        write_map(html, found, subject=data.name)
        note(f"wrote {html}")
