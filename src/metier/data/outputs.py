"""Annotated postings out: as JSON, and as one tidy table with a row per mention."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from metier.data.found_skills import found_skills
from metier.data.tables import open_rows
from metier.domain import AnnotatedPosting, Candidate, Concept, Link, Mention, Occupation, Span

GroupOf = Callable[[Concept], str]  # such as `Taxonomy.group`
Write = Callable[[AnnotatedPosting], None]

N_CANDIDATES: Final = 5  # shown per mention
TABLE_COLUMNS: Final = {  # name -> SQL type
    "posting_id": "VARCHAR",
    "concept_uri": "VARCHAR",
    "label": "VARCHAR",
    "group": "VARCHAR",
    "surface": "VARCHAR",
    "start": "INTEGER",
    "end": "INTEGER",
    "kind": "VARCHAR",
    "probability": "DOUBLE",
    "link_probability": "DOUBLE",
    "requirement": "VARCHAR",
    "section": "VARCHAR",
}


def annotated_to_dict(annotated: AnnotatedPosting, *, group_of: GroupOf) -> dict[str, Any]:
    """Give the JSON form of an annotated posting.

    Args:
        annotated: The result of the pipeline.
        group_of: The group that a concept is counted under.

    Returns:
        Plain JSON values; mentions by start, then end; skills one per concept, required first, then by
        falling probability; probabilities and weights to four digits; at most five candidates per mention.
    """
    provenance = annotated.provenance
    return {
        "id": annotated.posting.id,
        "title": annotated.posting.title,
        "language": annotated.language,
        "text_sha256": annotated.text_sha256,
        "provenance": {
            "metier": provenance.metier,
            "tagger": provenance.tagger,
            "linker": provenance.linker,
            "taxonomy": provenance.taxonomy,
            **({"titles": provenance.titles} if provenance.titles else {}),
        },
        "sections": [{**_offsets(part.span), "kind": part.kind} for part in annotated.sections],
        "mentions": [link_to_dict(link, group_of=group_of) for link in _by_start(annotated.links)],
        "skills": [
            {
                "uri": skill.concept.uri,
                "label": skill.concept.label,
                "n_mentions": len(skill.links),
                "probability": round(skill.probability, 4),
                "requirement": skill.requirement,
            }
            for skill in found_skills(annotated.links)
        ],
        "keywords": [
            {
                "phrase": keyword.phrase,
                "weight": round(keyword.weight, 4),
                "spans": [[span.start, span.end] for span in keyword.spans],
            }
            for keyword in annotated.keywords
        ],
        "titles": [{"title": title.title, "cosine": round(title.cosine, 4)} for title in annotated.titles],
        "occupations": [_occupation_to_dict(candidate) for candidate in annotated.occupations],
    }


def link_to_dict(link: Link, *, group_of: GroupOf) -> dict[str, Any]:
    """Give the JSON form of a mention and what it means.

    Args:
        link: A mention with its concept or none.
        group_of: The group that a concept is counted under.

    Returns:
        Plain JSON values; `link` is None where the linker abstained; `either` and `years` only where set, `parts`
        only where the mention is coordinated.
    """
    mention = link.mention
    return {
        **_offsets(mention.span),
        "text": mention.text,
        "kind": mention.kind,
        "probability": round(mention.probability, 4),
        "requirement": mention.requirement,
        "section": mention.section,
        **_extras(mention),
        "link": concept_to_dict(link, group_of=group_of),
        "candidates": candidates_to_list(link, limit=N_CANDIDATES),
        **_parts(link, group_of),
    }


def concept_to_dict(link: Link, *, group_of: GroupOf) -> dict[str, Any] | None:
    """Give the JSON form of what a mention means; None where the linker abstained."""
    if link.concept is None:
        return None
    return {
        "uri": link.concept.uri,
        "label": link.concept.label,
        "group": group_of(link.concept),
        "probability": round(link.probability, 4),
    }


def candidates_to_list(link: Link, *, limit: int) -> list[dict[str, Any]]:
    """Give the JSON form of the first `limit` candidates, by falling probability."""
    return [
        {
            "uri": candidate.concept.uri,
            "label": candidate.concept.label,
            "probability": round(candidate.probability, 4),
        }
        for candidate in link.candidates[:limit]
    ]


def table_rows(annotated: AnnotatedPosting, *, group_of: GroupOf) -> list[dict[str, Any]]:
    """Give the tidy table of one posting.

    Args:
        annotated: The result of the pipeline.
        group_of: The group that a concept is counted under.

    Returns:
        One row per mention, by start, then end, with the keys of `TABLE_COLUMNS`; `concept_uri`, `label` and
        `group` are None where the linker abstained. A coordinated mention has a row per part where its parts mean
        something, which goes from the first word of the part to its last.
    """
    rows = []
    told = [part for link in annotated.links for part in link.told]
    for link in _by_start(told):
        mention, concept = link.mention, link.concept
        rows.append(
            {
                "posting_id": annotated.posting.id,
                "concept_uri": concept.uri if concept else None,
                "label": concept.label if concept else None,
                "group": group_of(concept) if concept else None,
                "surface": mention.text,
                "start": mention.span.start,
                "end": mention.span.end,
                "kind": mention.kind,
                "probability": round(mention.probability, 4),
                "link_probability": round(link.probability, 4),
                "requirement": mention.requirement,
                "section": mention.section,
            }
        )
    return rows


@contextmanager
def open_output(path: Path, *, group_of: GroupOf) -> Iterator[Write]:
    """Open a file for results; it appears under its name only when all of them are in.

    Args:
        path: Where they go; `.jsonl` gets the JSON form, `.csv` and `.parquet` the tidy table.
        group_of: The group that a concept is counted under.

    Yields:
        A function to be called with each annotated posting.

    Raises:
        ConfigError: If the ending is another one.
        InputError: If nothing can be written there.
    """
    whole = path.suffix.lower() == ".jsonl"
    with open_rows(path, columns=TABLE_COLUMNS) as write_row:

        def write(annotated: AnnotatedPosting) -> None:
            if whole:
                write_row(annotated_to_dict(annotated, group_of=group_of))
                return
            for row in table_rows(annotated, group_of=group_of):
                write_row(row)

        yield write


def _by_start(links: Sequence[Link]) -> list[Link]:
    return sorted(links, key=lambda link: link.mention.span)


def _offsets(span: Span) -> dict[str, int]:
    return {"start": span.start, "end": span.end}


def _extras(mention: Mention) -> dict[str, int | float]:
    extras = {"either": mention.either, "years": mention.years}
    return {name: value for name, value in extras.items() if value is not None}


def _parts(link: Link, group_of: GroupOf) -> dict[str, Any]:
    parts = [
        {
            "text": part.text,
            "spans": [[span.start, span.end] for span in part.spans],
            "link": concept_to_dict(found, group_of=group_of),
        }
        for part, found in zip(link.mention.parts, link.parts, strict=True)
    ]
    return {"parts": parts} if parts else {}


def _occupation_to_dict(candidate: Candidate) -> dict[str, Any]:
    concept = candidate.concept
    return {
        "uri": concept.uri,
        "label": concept.label,
        "isco": concept.isco if isinstance(concept, Occupation) else "",
        "probability": round(candidate.probability, 4),
    }
