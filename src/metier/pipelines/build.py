"""The one place where the parts are put together."""

from dataclasses import dataclass
from pathlib import Path

from metier.pipelines.annotate import Annotator
from metier.protocols import Linker, Tagger
from metier.taxonomy.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Linking:
    """A linker and the taxonomy that it links to."""

    linker: Linker
    taxonomy: Taxonomy


def build_annotator(
    *,
    tagger: str | Path = "tagger-en",
    datastore: str | Path | None = None,
    linker: str | Path = "linker-en",
    taxonomy: str | Path = "esco",
    threads: int = 2,
    min_precision: float | None = None,
) -> Annotator:
    """Load the parts that annotate postings.

    Args:
        tagger: A shipped model's name, or a folder.
        datastore: A folder that `metier datastore build` wrote for this tagger; None: the tagger alone.
        linker: A shipped model's name, or a folder.
        taxonomy: A shipped taxonomy's name, or a folder that `metier taxonomy build` wrote.
        threads: Processors to use; changes nothing but the time.
        min_precision: The linker abstains below this probability, in [0, 1]; None: below its own.

    Returns:
        An annotator, ready to use.

    Raises:
        ConfigError: If `min_precision` is no probability.
        ModelError: If a model cannot be used, the linker and the taxonomy do not belong together, or the tagger and the
            datastore do not.
        MissingExtra: If the datastore holds training words and faiss is not installed.
    """
    from metier.keywords.phrases import PhraseKeywords

    links = build_linking(linker=linker, taxonomy=taxonomy, threads=threads, min_precision=min_precision)
    return Annotator(
        tagger=build_tagger(tagger, datastore=datastore, threads=threads),
        linker=links.linker,
        keywords=PhraseKeywords(),
        taxonomy=links.taxonomy,
        threads=threads,
    )


def build_tagger(
    name: str | Path = "tagger-en",
    *,
    datastore: str | Path | None = None,
    data_set: str | None = None,
    threads: int = 2,
) -> Tagger:
    """Load a tagger, alone or with a datastore.

    Args:
        name: A shipped model's name, or a folder.
        datastore: A folder that `metier datastore build` wrote for this tagger; None: the tagger alone.
        data_set: Of a tagger that was trained on several data sets: whose heads to use; by default the main one's.
        threads: Processors to use; changes nothing but the time.

    Returns:
        The tagger, ready to use.

    Raises:
        ModelError: If one cannot be used, or they do not belong together.
        MissingExtra: If the datastore holds training words and faiss is not installed.
    """
    from metier.tagging.tagger import NeuralTagger

    tagger = NeuralTagger.load(name, threads=threads, data_set=data_set)
    if datastore is None:
        return tagger
    from metier.tagging.datastore import Datastore
    from metier.tagging.nearest import NearestTagger

    return NearestTagger(tagger, Datastore.load(datastore, threads=threads))


def build_linking(
    *,
    linker: str | Path = "linker-en",
    taxonomy: str | Path = "esco",
    threads: int = 2,
    min_precision: float | None = None,
) -> Linking:
    """Load a linker and the taxonomy that it links to.

    Args:
        linker: A shipped model's name, or a folder.
        taxonomy: A shipped taxonomy's name, or a folder that `metier taxonomy build` wrote.
        threads: Processors to use; changes nothing but the time.
        min_precision: The linker abstains below this probability, in [0, 1]; None: below its own.

    Returns:
        The two, which belong together.

    Raises:
        ConfigError: If `min_precision` is no probability.
        ModelError: If one cannot be used, or they do not belong together.
    """
    from metier.linking.linker import ConceptLinker

    held = Taxonomy.load(taxonomy)
    loaded = ConceptLinker.load(
        linker, skills=held.skills, taxonomy=taxonomy, threads=threads, min_precision=min_precision
    )
    return Linking(linker=loaded, taxonomy=held)
