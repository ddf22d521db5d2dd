"""The one place where the parts are put together."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from metier.artifacts import read_artifact, read_kind, shipped_names
from metier.pipelines.annotate import Annotator
from metier.protocols import DocumentEncoder, Linker, Tagger
from metier.taxonomy.taxonomy import Taxonomy

if TYPE_CHECKING:
    from metier.linking.encoding import TextEncoder
    from metier.linking.linker import ConceptLinker
    from metier.linking.occupations import OccupationLinker
    from metier.matching.skill_cover import SkillCover
    from metier.pipelines.titles import TitleModel, TitleReader

TITLES: Final = "titles"  # the shipped model of titles
SECTIONS: Final = "sections"  # the encoder of documents that needs no training


@dataclass(frozen=True, slots=True)
class Linking:
    """A linker and the taxonomy that it links to."""

    linker: Linker
    taxonomy: Taxonomy


@dataclass(frozen=True, slots=True)
class OccupationLinking:
    """A linker of job titles and the taxonomy whose occupations it links to."""

    linker: "OccupationLinker"
    taxonomy: Taxonomy


def build_annotator(
    *,
    tagger: str | Path = "tagger-en",
    datastore: str | Path | None = None,
    linker: str | Path = "linker",
    taxonomy: str | Path = "esco",
    titles: str | Path | None = None,
    threads: int = 2,
    min_precision: float | None = None,
) -> Annotator:
    """Load the parts that annotate postings.

    Args:
        tagger: A shipped model's name, or a folder.
        datastore: A folder that `metier datastore build` wrote for this tagger; None: the tagger alone.
        linker: A shipped model's name, or a folder.
        taxonomy: A shipped taxonomy's name, or a folder that `metier taxonomy build` wrote.
        titles: A model of titles: a folder, or a shipped one's name; None: the shipped one, if there is one.
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

    held = Taxonomy.load(taxonomy)
    skills = _concept_linker(linker, held, folder=taxonomy, threads=threads, min_precision=min_precision)
    return Annotator(
        tagger=build_tagger(tagger, datastore=datastore, threads=threads),
        linker=skills,
        keywords=PhraseKeywords(),
        taxonomy=held,
        titles=_titles_of_annotator(
            titles, held, linker=linker, folder=taxonomy, threads=threads, encoder=skills.encoder
        ),
        threads=threads,
    )


def build_titles(
    *,
    model: str | Path | None = TITLES,
    linker: str | Path = "linker",
    taxonomy: str | Path = "esco",
    threads: int = 2,
    min_probability: float | None = None,
) -> "TitleReader":
    """Load the parts that read job titles.

    Args:
        model: A model of titles: a shipped one's name, or a folder; None: no title is suggested.
        linker: A shipped model's name, or a folder.
        taxonomy: A shipped taxonomy's name, or a folder that `metier taxonomy build` wrote.
        threads: Processors to use; changes nothing but the time.
        min_probability: No occupation below this probability, in [0, 1]; None: below the linker's own.

    Returns:
        A reader, ready to use.

    Raises:
        ConfigError: If `min_probability` is no probability.
        ModelError: If a model cannot be used, or the linker and the taxonomy do not belong together.
    """
    parts = build_occupations(linker=linker, taxonomy=taxonomy, threads=threads, min_probability=min_probability)
    return _title_reader(model, linker=linker, occupations=parts.linker, taxonomy=parts.taxonomy)


def build_occupations(
    *,
    linker: str | Path = "linker",
    taxonomy: str | Path = "esco",
    threads: int = 2,
    min_probability: float | None = None,
) -> OccupationLinking:
    """Load a linker of job titles and the taxonomy whose occupations it links to.

    Args:
        linker: A shipped model's name, or a folder.
        taxonomy: A shipped taxonomy's name, or a folder that `metier taxonomy build` wrote.
        threads: Processors to use; changes nothing but the time.
        min_probability: No occupation below this probability, in [0, 1]; None: below the linker's own.

    Returns:
        The two, which belong together.

    Raises:
        ConfigError: If `min_probability` is no probability.
        ModelError: If one cannot be used, or they do not belong together.
    """
    held = Taxonomy.load(taxonomy)
    occupations = _occupation_linker(linker, held, folder=taxonomy, threads=threads, min_probability=min_probability)
    return OccupationLinking(linker=occupations, taxonomy=held)


def shipped_titles() -> str | None:
    """Give the name of the shipped model of titles; None where the package has none."""
    return TITLES if TITLES in shipped_names() else None


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
    linker: str | Path = "linker",
    taxonomy: str | Path = "esco",
    reranker: str | Path | None = None,
    language: str | None = None,
    threads: int = 2,
    min_precision: float | None = None,
    n_candidates: int | None = None,
) -> Linking:
    """Load a linker and the taxonomy that it links to.

    Args:
        linker: A shipped model's name, or a folder; one that writes labels (`metier train generator`) too.
        taxonomy: A shipped taxonomy's name, or a folder that `metier taxonomy build` wrote.
        reranker: A folder that was exported from a trained re-ranker, whose order of the linker's best candidates is
            taken; None: the linker alone.
        language: Of the mentions: their words are compared with the names that the taxonomy has in it, if it has any;
            None: the taxonomy's own.
        threads: Processors to use; changes nothing but the time.
        min_precision: The linker abstains below this probability, in [0, 1]; None: below its own.
        n_candidates: Kept for each mention by a linker that compares with all concepts, which is sooner done where they
            are few; None: 32, and always with a re-ranker, which reads them.

    Returns:
        The two, which belong together.

    Raises:
        ConfigError: If `min_precision` is no probability.
        ModelError: If one cannot be used, or they do not belong together.
        MissingExtra: If the linker writes labels and the extra `train` is not installed.
    """
    held = Taxonomy.load(taxonomy)
    loaded = _skill_linker(
        linker,
        held,
        folder=taxonomy,
        language=language,
        threads=threads,
        min_precision=min_precision,
        n_candidates=n_candidates if reranker is None else None,
    )
    if reranker is None:
        return Linking(linker=loaded, taxonomy=held)
    from metier.linking.reranker import RerankingLinker

    both = RerankingLinker.load(reranker, first=loaded, threads=threads, min_precision=min_precision)
    return Linking(linker=both, taxonomy=held)


def _skill_linker(
    name: str | Path,
    taxonomy: Taxonomy,
    *,
    folder: str | Path,
    language: str | None,
    threads: int,
    min_precision: float | None,
    n_candidates: int | None,
) -> Linker:
    """Load a linker of any kind."""
    from metier.linking.generator import KIND, GenerativeLinker

    if read_kind(name) == KIND:
        return GenerativeLinker.load(name, skills=taxonomy.skills, min_precision=min_precision)
    return _concept_linker(
        name,
        taxonomy,
        folder=folder,
        language=language,
        threads=threads,
        min_precision=min_precision,
        n_candidates=n_candidates,
    )


def _concept_linker(
    name: str | Path,
    taxonomy: Taxonomy,
    *,
    folder: str | Path,
    threads: int,
    min_precision: float | None,
    language: str | None = None,
    n_candidates: int | None = None,
) -> "ConceptLinker":
    from metier.linking.linker import N_CANDIDATES, ConceptLinker

    named = language in taxonomy.languages[1:]
    return ConceptLinker.load(
        name,
        skills=taxonomy.skills,
        taxonomy=folder,
        names=[taxonomy.all_labels(skill, language) for skill in taxonomy.skills] if named and language else None,
        threads=threads,
        min_precision=min_precision,
        n_candidates=N_CANDIDATES if n_candidates is None else n_candidates,
    )


def _occupation_linker(
    name: str | Path,
    taxonomy: Taxonomy,
    *,
    folder: str | Path,
    threads: int,
    encoder: "TextEncoder | None" = None,
    min_probability: float | None = None,
) -> "OccupationLinker":
    from metier.linking.occupations import OccupationLinker

    others = taxonomy.languages[1:]
    return OccupationLinker.load(
        name,
        occupations=taxonomy.occupations,
        taxonomy=folder,
        other_names=[
            [label for language in others if (label := taxonomy.label(job, language))] for job in taxonomy.occupations
        ],
        encoder=encoder,
        threads=threads,
        min_probability=min_probability,
    )


def _titles_of_annotator(
    model: str | Path | None,
    taxonomy: Taxonomy,
    *,
    linker: str | Path,
    folder: str | Path,
    threads: int,
    encoder: "TextEncoder",
) -> "TitleReader | None":
    """None where the folder has no vectors of occupations: to make them each time would take a minute."""
    from metier.linking.concepts import OCCUPATIONS_FILE

    if not (read_artifact(folder, kind="taxonomy").folder / OCCUPATIONS_FILE).is_file():
        return None
    occupations = _occupation_linker(linker, taxonomy, folder=folder, threads=threads, encoder=encoder)
    return _title_reader(model or shipped_titles(), linker=linker, occupations=occupations, taxonomy=taxonomy)


def _title_reader(
    model: str | Path | None, *, linker: str | Path, occupations: "OccupationLinker", taxonomy: Taxonomy
) -> "TitleReader":
    from metier.pipelines.titles import TitleReader

    held = None if model is None else _title_model(model, linker=linker, encoder=occupations.encoder)
    return TitleReader(linker=occupations, taxonomy=taxonomy, model=held)


def _title_model(name: str | Path, *, linker: str | Path, encoder: "TextEncoder") -> "TitleModel":
    from metier.titles.bi_encoder import KIND, BiEncoder
    from metier.titles.job2vec import Job2Vec

    if read_kind(name) == KIND:
        return BiEncoder.load(name, linker=linker, loaded=encoder.parts)
    return Job2Vec.load(name)


def build_document_encoder(name: str | Path = SECTIONS, *, threads: int = 2) -> DocumentEncoder:
    """Load what gives people and projects their vectors.

    Args:
        name: `sections`: means over the sections by the shipped encoder; or a model of retrieval, or an encoder whose
            means are taken: a shipped one's name, or a folder.
        threads: Processors to use; changes nothing but the time.

    Returns:
        The encoder, ready to use.

    Raises:
        ConfigError: If a model of this kind gives documents no vectors.
        ModelError: If the folder cannot be used.
    """
    from metier.pipelines.matching_systems import kind_of_model, load_document_encoder

    if name == SECTIONS:
        return load_document_encoder(SECTIONS, "", threads=threads)
    return load_document_encoder(kind_of_model(str(name)), str(name), threads=threads)


def build_skill_cover(*, threads: int = 2) -> "SkillCover":
    """Load what compares skills, by name and by the meaning that the shipped encoder gives them.

    Args:
        threads: Processors to use; changes nothing but the time.

    Returns:
        What says who has which skill.

    Raises:
        ModelError: If the shipped encoder is damaged.
    """
    from metier.matching.skill_cover import SkillCover
    from metier.nn.long_texts import LongTextEncoder

    shipped = read_artifact("encoder-multilingual", kind="encoder")
    return SkillCover(LongTextEncoder.load(shipped, threads=threads))
