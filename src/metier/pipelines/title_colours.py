"""Why a description has its titles, as a page: its words coloured by how much they speak for each suggestion."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from metier.data.files_out import written_whole
from metier.pipelines.page_style import STYLE
from metier.titles.job2vec import WordWeight

MOST_TITLES: Final = 10  # suggestions that a description may have on the page
_OWN_STYLE: Final = """
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.w { background: rgb(217 138 31 / calc(var(--w) * .75)); border-radius: 3px; cursor: help; }
.titles { list-style: none; margin: 0; padding: 0; }
.titles label { display: flex; gap: .6rem; padding: .3rem 0; border-top: 1px solid var(--line); cursor: pointer;
  align-items: baseline; }
.titles .name { flex: 1; overflow-wrap: anywhere; }
.titles .nearness { color: var(--soft); font-variant-numeric: tabular-nums; }
.titles label:has(:checked) { font-weight: 600; }
.titles input { accent-color: var(--skill-edge); }
.text:not(.t0) { display: none; }
""" + "".join(
    f"article:has(.c{n}:checked) .text {{ display: none; }}\n"
    f"article:has(.c{n}:checked) .text.t{n} {{ display: block; }}\n"
    for n in range(MOST_TITLES)
)
# Nothing is loaded and nothing runs, whatever a description holds.
_HEAD: Final = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>Titles of job descriptions</title>
<style>{STYLE}{_OWN_STYLE}</style>
</head>
<body>
<header>
<p class="legend">The deeper the colour, the more a word speaks for the chosen title.</p>
</header>
<main>
"""
_NOTHING: Final = '<p class="nothing">No description was given.</p>\n'
_FOOT: Final = "</main>\n</body>\n</html>\n"


@dataclass(frozen=True, slots=True)
class ExplainedTitle:
    """A suggested title, and the words of the description that speak for it."""

    title: str
    nearness: float  # its cosine; of a title that was written word by word, the mean probability of a word
    weights: tuple[WordWeight, ...]  # in text order, none overlapping


@dataclass(frozen=True, slots=True)
class ExplainedDescription:
    """A description with its suggestions, best first."""

    id: str
    description: str  # what the spans of the weights point into
    titles: tuple[ExplainedTitle, ...]


def write_colours(path: Path, explained: Iterable[ExplainedDescription]) -> None:
    """Write a page, all or nothing.

    Args:
        path: Where it goes.
        explained: One article each, in this order.

    Raises:
        InputError: If nothing can be written there.
    """
    with written_whole(path) as temporary:
        temporary.write_text(render_colours(explained), encoding="utf-8", errors="replace", newline="")


def render_colours(explained: Iterable[ExplainedDescription]) -> str:
    """Give descriptions as a page that stands alone: no script, nothing loaded, light and dark.

    Args:
        explained: What to show; of more than `MOST_TITLES` suggestions the first.

    Returns:
        HTML. The text of each description is there letter by letter, once for each suggestion, all of it escaped;
        a choice beside it says which one is seen.
    """
    articles = [_article(one, number) for number, one in enumerate(explained)]
    return _HEAD + ("".join(articles) or _NOTHING) + _FOOT


def _article(explained: ExplainedDescription, number: int) -> str:
    titles = explained.titles[:MOST_TITLES]
    texts = [coloured_text(explained.description, title.weights) for title in titles]
    blocks = "".join(
        f'<div class="text t{place}">{text}</div>'
        for place, text in enumerate(texts or [escape(explained.description)])
    )
    choices = "".join(_choice(title, number, place) for place, title in enumerate(titles))
    beside = f'<ul class="titles">{choices}</ul>' if titles else '<p class="nothing">No title is near.</p>'
    return (
        f'<article>\n<h1>{escape(explained.id)}</h1>\n<div class="columns">\n<div>{blocks}</div>\n'
        f"<aside><h2>Suggested titles</h2>{beside}</aside>\n</div>\n</article>\n"
    )


def coloured_text(description: str, weights: Sequence[WordWeight]) -> str:
    """Give a description as HTML with a coloured span around each word that has a weight.

    Args:
        description: Any text.
        weights: Words of it, none overlapping; the one with the most weight has the full colour.

    Returns:
        The text, escaped; without its tags and entities it is `description`.
    """
    most = max((word.weight for word in weights), default=0.0)
    pieces = []
    position = 0
    for word in sorted(weights, key=lambda word: word.span):
        pieces.append(escape(description[position : word.span.start]))
        text = escape(description[word.span.start : word.span.end])
        share = word.weight / most if most else 0.0
        pieces.append(f'<span class="w" style="--w:{share:.3f}" title="{word.weight:.3f}">{text}</span>')
        position = word.span.end
    return "".join(pieces) + escape(description[position:])


def _choice(explained: ExplainedTitle, number: int, place: int) -> str:
    checked = " checked" if place == 0 else ""
    return (
        f'<li><label><input type="radio" name="d{number}" class="c{place}"{checked}>'
        f'<span class="name">{escape(explained.title)}</span>'
        f'<span class="nearness">{explained.nearness:.2f}</span></label></li>'
    )
