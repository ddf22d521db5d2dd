"""`metier models`: list, describe and export models."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="List, check and export models.", no_args_is_help=True)


class Quantization(StrEnum):
    """How the exported weights are stored."""

    INT8 = "int8"
    FLOAT32 = "float32"


def register(parent: typer.Typer) -> None:
    """Add the command."""
    parent.add_typer(app, name="models")


@app.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """List the models inside the package, each checked against its hashes.

    Example: `metier models list`
    """
    import json

    from metier.artifacts import describe_shipped

    for model in describe_shipped():
        size_mb = model.size_bytes / 1e6
        if as_json:
            row = {"name": model.name, "kind": model.kind, "version": model.version, "size_mb": round(size_mb, 1)}
            typer.echo(json.dumps(row))
        else:
            typer.echo(f"{model.name:<12} {model.kind:<10} {size_mb:6.1f} MB  {model.version}")


@app.command("export")
def export(
    weights: Annotated[
        str, typer.Argument(help="What `metier train` wrote; or an encoder: a folder that transformers saved.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The model folder to write.")],
    quantization: Annotated[Quantization, typer.Option(help="int8 to use, float32 to compare with.")] = (
        Quantization.INT8
    ),
    encoder: Annotated[
        str | None, typer.Option(help="For a linker: the exported encoder that it shares, instead of a copy.")
    ] = None,
) -> None:
    """Make the runtime form of trained weights (extra `train`).

    Example: `metier models export runs/tagger-en -o tagger-mine`, and then
    `metier annotate --model ./tagger-mine posting.txt`
    """
    from importlib.util import find_spec

    from metier.errors import MissingExtra

    if not find_spec("torch"):
        raise MissingExtra("train", "Exporting")
    from metier.nn.starting_weights import quiet_transformers
    from metier.training.export import export_model

    quiet_transformers()

    export_model(weights, output, quantization=quantization.value, encoder=encoder)
    typer.echo(f"Wrote {output}.", err=True)
