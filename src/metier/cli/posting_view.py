"""An annotated posting as a person on a terminal wants to see it."""

from itertools import groupby
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from metier.cli.terminal import plain
from metier.data.found_skills import FoundSkill, found_skills
from metier.domain import AnnotatedPosting, Candidate, Occupation, Requirement
from metier.taxonomy.taxonomy import Taxonomy

_HEADINGS: Final[dict[Requirement, tuple[str, str]]] = {  # heading, colour
    "required": ("Required", "bold green"),
    "preferred": ("Preferred", "bold cyan"),
    "unspecified": ("Mentioned", "bold"),
    "negated": ("Not needed", "bold red"),
}
_SHOWN_SURFACES: Final = 3


def posting_view(annotated: AnnotatedPosting, *, taxonomy: Taxonomy) -> RenderableType:
    """Lay out one posting.

    Args:
        annotated: The result of the pipeline.
        taxonomy: What its links point into.

    Returns:
        Title, language and sections, occupations and possible titles, a table of skills by requirement, what was
        found and not linked, keywords.
    """
    return Group(
        Rule(Text(plain(annotated.posting.title or annotated.posting.id), style="bold"), align="left"),
        Text(_about(annotated), style="dim"),
        *_labelled("occupation", [_occupation(found) for found in annotated.occupations]),
        *_labelled("possible titles", [f"{near.title} {near.cosine:.2f}" for near in annotated.titles]),
        _skills_table(found_skills(annotated.links), taxonomy),
        *_labelled("not in the taxonomy", _unlinked(annotated)),
        *_labelled("keywords", [keyword.phrase for keyword in annotated.keywords]),
        Text(),
    )


def _occupation(found: Candidate) -> str:
    code = f"ISCO {found.concept.isco}, " if isinstance(found.concept, Occupation) and found.concept.isco else ""
    return f"{found.concept.label} ({code}{found.probability:.2f})"


def _about(annotated: AnnotatedPosting) -> str:
    kinds = dict.fromkeys(section.kind for section in annotated.sections)
    parts = (
        annotated.posting.id if annotated.posting.title else "",
        annotated.posting.employer or "",
        annotated.posting.location or "",
        f"language {annotated.language or 'unknown'}",
        "sections " + ", ".join(kinds) if kinds else "",
    )
    return plain(" · ".join(part for part in parts if part))


def _skills_table(skills: list[FoundSkill], taxonomy: Taxonomy) -> RenderableType:
    if not skills:
        return Padding(Text("No skill of the taxonomy was found."), (1, 0, 0, 2))
    table = Table(box=None, show_header=True, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("skill", ratio=4)
    table.add_column("group", no_wrap=True)
    table.add_column("p", justify="right", no_wrap=True)
    table.add_column("in the text", ratio=5, style="dim")
    for requirement, same in groupby(skills, key=lambda skill: skill.requirement):
        heading, style = _HEADINGS[requirement]
        table.add_row(Text(heading, style=style))
        for skill in same:
            table.add_row(
                Padding(Text(plain(skill.concept.label)), (0, 0, 0, 2)),
                Text(taxonomy.group(skill.concept)),
                Text(f"{skill.probability:.2f}"),
                Text(_quoted(skill)),
            )
    return Padding(table, (1, 0, 0, 2))


def _quoted(skill: FoundSkill) -> str:
    quoted = [f"“{plain(surface)}”" for surface in skill.surfaces[:_SHOWN_SURFACES]]
    more = len(skill.surfaces) - _SHOWN_SURFACES
    years = max((link.mention.years or 0 for link in skill.links), default=0)
    return ", ".join(quoted) + (f" and {more} more" if more > 0 else "") + (f" · {years:g}+ years" if years else "")


def _unlinked(annotated: AnnotatedPosting) -> list[str]:
    told = [part for link in annotated.links for part in link.told]
    texts = {link.mention.text.casefold(): link.mention.text for link in told if link.concept is None}
    return list(texts.values())


def _labelled(label: str, values: list[str]) -> list[RenderableType]:
    if not values:
        return []
    line = Text.assemble((f"{label}: ", "dim"), plain(" · ".join(values)))
    return [Padding(line, (1, 0, 0, 2))]
