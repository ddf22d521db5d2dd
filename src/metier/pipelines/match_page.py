"""Matches as one page: for each project the people who fit it, and why."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

from metier.data.documents import section_texts
from metier.data.files_out import written_whole
from metier.domain import Match, Profile, Project
from metier.pipelines.page_style import STYLE

_OWN_STYLE: Final = """
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.skills { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem; }
.skills li { border: 1px solid var(--line); border-radius: 999px; padding: 0 .55rem; font-size: .82rem; }
.skills .shared { border-color: var(--required); color: var(--required); }
.skills .missing { color: var(--soft); text-decoration: line-through; }
.person { font-weight: 600; overflow-wrap: anywhere; } .person ~ span { color: var(--soft); font-size: .82rem; }
article { overflow-x: auto; }
"""
# Nothing is loaded and nothing runs, whatever a profile holds.
_HEAD: Final = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>People for projects</title>
<style>{STYLE}{_OWN_STYLE}</style>
</head>
<body>
<header>
<p class="legend">Who fits a project, best first. A skill that is struck out is asked for and was not found.</p>
</header>
<main>
"""
_NOTHING: Final = '<p class="nothing">Nobody passes the filter.</p>\n'
_FOOT: Final = "</main>\n</body>\n</html>\n"
_COLUMNS: Final = ("", "Person", "Probability", "Similarity", "Required skills", "Speaks most")


def write_matches(
    path: Path,
    projects: Sequence[Project],
    *,
    matches: Sequence[Sequence[Match]],
    people: Mapping[str, Profile],
) -> None:
    """Write a page, all or nothing.

    Args:
        path: Where it goes.
        projects: One article each, in order.
        matches: Of each project, best first.
        people: Id -> profile, of those who are in the matches.

    Raises:
        InputError: If nothing can be written there.
    """
    with written_whole(path) as temporary:
        page = render_matches(projects, matches=matches, people=people)
        temporary.write_text(page, encoding="utf-8", errors="replace", newline="")


def render_matches(
    projects: Sequence[Project], *, matches: Sequence[Sequence[Match]], people: Mapping[str, Profile]
) -> str:
    """Give matches as a page that stands alone: no script, nothing loaded, light and dark.

    Args:
        projects: One article each, in order.
        matches: Of each project, best first.
        people: Id -> profile; of one who is not there only the id is shown.

    Returns:
        HTML; all texts are escaped.
    """
    articles = [_article(project, found, people) for project, found in zip(projects, matches, strict=True)]
    return _HEAD + "".join(articles) + _FOOT


def document_name(document: Profile | Project) -> str:
    """Give the line that names a document: its title, or its mission, or nothing."""
    texts = section_texts(document)
    return " ".join((texts["title"] or texts.get("mission", "")).split())


def _article(project: Project, matches: Sequence[Match], people: Mapping[str, Profile]) -> str:
    names = "".join(f"<th>{escape(name)}</th>" for name in _COLUMNS)
    rows = "".join(_row(rank, match, people.get(match.profile_id)) for rank, match in enumerate(matches, start=1))
    table = f"<table><tr>{names}</tr>\n{rows}</table>\n" if matches else _NOTHING
    return (
        f"<article>\n<h1>{escape(document_name(project) or project.id)}</h1>\n"
        f'<p class="about">{escape(project.id)}</p>\n{table}</article>\n'
    )


def _row(rank: int, match: Match, profile: Profile | None) -> str:
    skills = [("shared", skill) for skill in match.shared] + [("missing", skill) for skill in match.missing]
    chips = "".join(f'<li class="{kind}">{escape(skill)}</li>' for kind, skill in skills)
    probability = "–" if match.probability is None else f"{match.probability:.2f}"
    name = (document_name(profile) if profile else "") or match.profile_id
    person = f'<span class="person">{escape(name)}</span><br><span>{escape(match.profile_id)}</span>'
    return (
        f'<tr><td class="number">{rank}</td><td>{person}</td>'
        f'<td class="number">{probability}</td><td class="number">{match.similarity:.2f}</td>'
        f'<td><ul class="skills">{chips}</ul></td><td>{escape(match.section or "–")}</td></tr>\n'
    )
