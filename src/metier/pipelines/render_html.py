"""Annotated postings as one page: the text with coloured spans, and a table of the skills."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from itertools import groupby, pairwise
from pathlib import Path
from typing import Final, NamedTuple

from metier.data.files_out import written_whole
from metier.data.found_skills import FoundSkill, found_skills
from metier.domain import AnnotatedPosting, Candidate, Link, Occupation, Requirement, Section, SectionKind, Span
from metier.pipelines.page_style import STYLE
from metier.taxonomy.taxonomy import Taxonomy
from metier.text.html import read_text
from metier.text.source import SourceText

_HEADINGS: Final[dict[Requirement, str]] = {
    "required": "Required",
    "preferred": "Preferred",
    "unspecified": "Mentioned",
    "negated": "Not needed",
}
# Nothing is loaded and nothing runs, whatever a posting holds.
_HEAD: Final = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>Skills in job postings</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<p class="legend"><span class="m skill first last">skill</span> <span class="m knowledge first last">knowledge</span>
<span class="m skill negated first last">not needed</span>
<span class="m skill unlinked first last">not in the taxonomy</span></p>
</header>
<main>
"""
_NOTHING: Final = '<p class="nothing">No posting was given.</p>\n'
_FOOT: Final = "</main>\n</body>\n</html>\n"


class _Placed(NamedTuple):
    """A link and where its mention stands in the clean text."""

    span: Span
    link: Link


@contextmanager
def open_page(path: Path, *, taxonomy: Taxonomy) -> Iterator[Callable[[AnnotatedPosting], None]]:
    """Open a page for results; it appears under its name only when all of them are in.

    The page stands alone: no script, nothing loaded, light and dark.

    Args:
        path: Where it goes.
        taxonomy: What the links point into.

    Yields:
        A function to be called with each annotated posting.

    Raises:
        InputError: If nothing can be written there.
    """
    with (
        written_whole(path) as temporary,
        temporary.open("w", encoding="utf-8", errors="replace", newline="") as stream,
    ):
        stream.write(_HEAD)
        n_written = 0

        def write(annotated: AnnotatedPosting) -> None:
            nonlocal n_written
            n_written += 1
            stream.write(render_posting(annotated, taxonomy=taxonomy))

        yield write
        stream.write(_FOOT if n_written else _NOTHING + _FOOT)


def render_posting(annotated: AnnotatedPosting, *, taxonomy: Taxonomy) -> str:
    """Give one posting as an HTML article.

    Args:
        annotated: The result of the pipeline.
        taxonomy: What its links point into.

    Returns:
        The clean text with a span around each mention and each section marked; the skills by requirement; the
        keywords. Everything from the posting is escaped.
    """
    source = read_text(annotated.posting.body)
    placed = [
        _Placed(_in_read_text(source, link.mention.span), link)
        for link in sorted(annotated.links, key=lambda link: link.mention.span)
    ]
    text = "".join(
        _block(source.text, span, kind=kind, placed=placed, taxonomy=taxonomy)
        for span, kind in _blocks(source, annotated.sections)
    )
    return (
        f"<article>\n{_heading(annotated)}\n"
        f'<div class="columns">\n<div class="text">{text}</div>\n'
        f"<aside>{_occupations(annotated)}{_skills_table(found_skills(annotated.links), taxonomy)}"
        f"{_keywords(annotated)}</aside>\n</div>\n"
        f"{_provenance(annotated)}\n</article>\n"
    )


def _heading(annotated: AnnotatedPosting) -> str:
    posting = annotated.posting
    day = posting.posted_on.isoformat() if posting.posted_on else None
    name = posting.id if posting.title else None  # without a title the id is the heading
    facts = (name, posting.employer, posting.location, day, f"language {annotated.language or 'unknown'}")
    about = " · ".join(escape(fact) for fact in facts if fact)
    return f'<h1>{escape(posting.title or posting.id)}</h1>\n<p class="about">{about}</p>'


def _provenance(annotated: AnnotatedPosting) -> str:
    made_by = annotated.provenance
    parts = (f"metier {made_by.metier}", made_by.tagger, made_by.linker, made_by.taxonomy)
    return f"<footer>{escape(' · '.join(parts))} · SHA-256 {annotated.text_sha256[:12]}…</footer>"


def _in_read_text(source: SourceText, span: Span) -> Span:
    """Where a stretch of the original stands in the clean text, without white space at its ends."""
    start = int(source.starts.searchsorted(span.start, side="left"))
    end = int(source.ends.searchsorted(span.end, side="right"))
    inside = source.text[start:end]
    return Span(start + len(inside) - len(inside.lstrip()), start + len(inside.rstrip()))


def _blocks(source: SourceText, sections: Sequence[Section]) -> Iterator[tuple[Span, SectionKind]]:
    """The sections in the clean text, and the gaps between them as `other`; neighbours of one kind as one."""
    parts: list[tuple[Span, SectionKind]] = []
    position = 0
    for section in sections:
        span = _in_read_text(source, section.span)
        if span.start > position:
            parts.append((Span(position, span.start), "other"))
        parts.append((Span(max(span.start, position), max(span.end, position)), section.kind))
        position = max(span.end, position)
    parts.append((Span(position, len(source.text)), "other"))
    told = [part for part in parts if source.text[part[0].start : part[0].end].strip()]
    for kind, same in groupby(told, key=lambda part: part[1]):
        spans = [span for span, _ in same]
        yield Span(spans[0].start, spans[-1].end), kind


def _block(text: str, block: Span, *, kind: SectionKind, placed: Sequence[_Placed], taxonomy: Taxonomy) -> str:
    inside = [item for item in placed if item.span.start < block.end and item.span.end > block.start]
    edges = {block.start, block.end}
    for item in inside:
        edges |= {max(item.span.start, block.start), min(item.span.end, block.end)}
    pieces = []
    open_items: list[_Placed] = []
    following = iter([*inside, None])
    upcoming = next(following)
    for start, end in pairwise(sorted(edges)):
        while upcoming is not None and upcoming.span.start <= start:
            open_items.append(upcoming)
            upcoming = next(following)
        open_items = [item for item in open_items if item.span.end > start]
        pieces.append(_piece(text[start:end], Span(start, end), open_items, taxonomy))
    label = "" if kind == "other" else f'<span class="label">{kind}</span>'
    return f'<section class="{kind}">{label}<p>{"".join(pieces).strip()}</p></section>'


def _piece(text: str, span: Span, items: Sequence[_Placed], taxonomy: Taxonomy) -> str:
    """A stretch of text over which no mention begins or ends; a knowledge inside a skill shows both colours."""
    if not items:
        return escape(text)
    classes = ["m", *dict.fromkeys(item.link.mention.kind for item in items)]
    classes += ["first"] if any(item.span.start == span.start for item in items) else []
    classes += ["last"] if any(item.span.end == span.end for item in items) else []
    classes += ["unlinked"] if not any(part.concept for item in items for part in item.link.told) else []
    classes += ["negated"] if any(item.link.mention.requirement == "negated" for item in items) else []
    told = "\n".join(_tooltip(part, taxonomy) for item in items for part in item.link.told)
    return f'<span class="{" ".join(classes)}" title="{escape(told)}">{escape(text)}</span>'


def _tooltip(link: Link, taxonomy: Taxonomy) -> str:
    mention = link.mention
    if link.concept is None:
        meaning = "not in the taxonomy"
    else:
        meaning = f"{link.concept.label} ({taxonomy.group(link.concept)}, {link.probability:.2f})"
    years = f", {mention.years:g}+ years" if mention.years else ""
    either = ", one of several" if mention.either is not None else ""
    return (
        f"“{mention.text}” → {meaning}\n{mention.kind} {mention.probability:.2f}, {mention.requirement}{years}{either}"
    )


def _skills_table(skills: Sequence[FoundSkill], taxonomy: Taxonomy) -> str:
    if not skills:
        return '<p class="nothing">No skill of the taxonomy was found.</p>'
    bodies = []
    for requirement, same in groupby(skills, key=lambda skill: skill.requirement):
        rows = "".join(_skill_row(skill, taxonomy) for skill in same)
        heading = f'<tr><th colspan="3" class="{requirement}">{_HEADINGS[requirement]}</th></tr>'
        bodies.append(f"<tbody>{heading}{rows}</tbody>")
    return f"<h2>Skills</h2><table>{''.join(bodies)}</table>"


def _skill_row(skill: FoundSkill, taxonomy: Taxonomy) -> str:
    label, uri = escape(skill.concept.label), skill.concept.uri
    if uri.startswith(("http://", "https://")):  # a taxonomy of one's own may hold anything
        label = f'<a href="{escape(uri)}" rel="noreferrer">{label}</a>'
    surfaces = ", ".join(f"“{surface}”" for surface in skill.surfaces)
    return (
        f'<tr><td>{label}<span class="surfaces">{escape(surfaces)}</span></td>'
        f'<td class="group">{escape(taxonomy.group(skill.concept))}</td>'
        f'<td class="probability"><meter min="0" max="1" value="{skill.probability:.2f}"></meter>'
        f"{skill.probability:.2f}</td></tr>"
    )


def _occupations(annotated: AnnotatedPosting) -> str:
    """What the job is, and what else it may be called."""
    rows = "".join(
        f'<tr><td>{escape(found.concept.label)}</td><td class="group">{escape(_isco(found))}</td>'
        f'<td class="probability"><meter min="0" max="1" value="{found.probability:.2f}"></meter>'
        f"{found.probability:.2f}</td></tr>"
        for found in annotated.occupations
    )
    titles = "".join(f"<li>{escape(near.title)}</li>" for near in annotated.titles)
    return (f"<h2>Occupation</h2><table><tbody>{rows}</tbody></table>" if rows else "") + (
        f'<h2>Possible titles</h2><ul class="keywords">{titles}</ul>' if titles else ""
    )


def _isco(found: Candidate) -> str:
    return found.concept.isco if isinstance(found.concept, Occupation) else ""


def _keywords(annotated: AnnotatedPosting) -> str:
    if not annotated.keywords:
        return ""
    phrases = "".join(f"<li>{escape(keyword.phrase)}</li>" for keyword in annotated.keywords)
    return f'<h2>Keywords</h2><ul class="keywords">{phrases}</ul>'
