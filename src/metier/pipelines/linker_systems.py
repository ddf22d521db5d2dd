"""The linkers that are compared, by name: models, models with a re-ranker, and baselines that need no training."""

from dataclasses import dataclass
from typing import Final

from metier.artifacts import read_artifact, read_encoder, read_kind
from metier.errors import ConfigError
from metier.pipelines.build import Linking, build_linking
from metier.taxonomy.taxonomy import Taxonomy

BASELINES: Final = ("lexical", "exact", "bi-encoder")
_DEFAULT_MODELS: Final = {"bi-encoder": "linker"}  # of baselines that are part of a model


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkerName:
    """How a linker is asked for; see `parse_linker`."""

    name: str
    model: str  # a shipped linker, or a folder; empty: a baseline that needs none
    baseline: str | None = None  # of `BASELINES`; None: the model as it is
    reranker: str | None = None
    taxonomy: str | None = None  # with the index of the model's own encoder; None: the one that the others have


def parse_linker(text: str) -> LinkerName:
    """Read `NAME=MODEL`, `NAME=MODEL+RERANKER`, `NAME=BASELINE`, or one of these without a name; `@TAXONOMY` behind.

    Args:
        text: Such as `shipped=linker`, `reranked=linker+runs/reranker`, `lexical`, `dense=bi-encoder:linker`
            or `other=runs/linker@runs/esco`.

    Returns:
        Its parts; the name is the whole text where none is given.

    Raises:
        ConfigError: If a part is empty, or a baseline is given what it cannot use.
    """
    name, _, source = text.partition("=") if "=" in text else (text, "", text)
    source, at, taxonomy = source.partition("@")
    model, plus, reranker = source.partition("+")
    kind, colon, of_model = model.partition(":")
    baseline = kind if kind in BASELINES else None
    if not (name and model) or (at and not taxonomy) or (plus and not reranker) or (colon and not of_model):
        raise ConfigError(f"'{text}' names no linker; write NAME=MODEL, NAME=MODEL+RERANKER or NAME=BASELINE.")
    if baseline and (reranker or (of_model and baseline != "bi-encoder")):
        raise ConfigError(f"'{text}': the baseline {baseline} takes no {'re-ranker' if reranker else 'model'}.")
    return LinkerName(
        name=name,
        model=model if baseline is None else of_model or _DEFAULT_MODELS.get(baseline, ""),
        baseline=baseline,
        reranker=reranker or None,
        taxonomy=taxonomy or None,
    )


def build_linker(linker: LinkerName, *, taxonomy: str, threads: int) -> Linking:
    """Load a linker to compare.

    Args:
        linker: What `parse_linker` gives.
        taxonomy: What it links to, unless it names its own.
        threads: Processors to use.

    Returns:
        It and its taxonomy.

    Raises:
        ModelError: If a folder cannot be used, or they do not belong together.
        MissingExtra: If the model needs an extra that is not installed.
    """
    folder = linker.taxonomy or taxonomy
    if linker.baseline is None:
        return build_linking(linker=linker.model, taxonomy=folder, reranker=linker.reranker, threads=threads)
    from metier.linking.baselines import LexicalLinker, bi_encoder_alone
    from metier.linking.concepts import read_lexical
    from metier.linking.linker import ConceptLinker

    held = Taxonomy.load(folder)
    if linker.model:
        whole = ConceptLinker.load(linker.model, skills=held.skills, taxonomy=folder, threads=threads)
        return Linking(linker=bi_encoder_alone(whole, held.skills), taxonomy=held)
    artifact = read_artifact(folder, kind="taxonomy")
    words = LexicalLinker(
        held.skills,
        read_lexical(artifact),
        version=f"{linker.baseline} of {artifact.version}",
        exact=linker.baseline == "exact",
    )
    return Linking(linker=words, taxonomy=held)


def size_mb(linker: LinkerName, *, taxonomy: str) -> float:
    """Add up the folders that a linker reads, the taxonomy's among them, in megabytes (10^6 bytes)."""
    names = [linker.taxonomy or taxonomy, linker.model, linker.reranker]
    models = [read_artifact(name, kind=read_kind(name)) for name in names if name]
    folders = {held.folder: held for model in models for held in (model, read_encoder(model))}
    return sum(held.size_bytes for held in folders.values()) / 1e6
