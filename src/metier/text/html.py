"""HTML to clean text, without losing where each character stood."""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from html.entities import html5
from typing import Final

from metier.text.density import content_nodes
from metier.text.markup import BLOCKS, Markup, read_markup
from metier.text.source import Piece, SourceText

# Names that are hardly ever anything but tags; `<String>` and `<title>` in a plain text are not.
_TAG_NAMES: Final = (
    "a abbr article b blockquote body center dd div dl dt em font footer form h1 h2 h3 h4 h5 h6 head header hr "
    "html i img li "
    "main nav ol p pre script section small span strong style table tbody td th thead tr u ul"
)


def looks_like_html(text: str) -> bool:
    """Say whether a text is HTML: with tags, with escaped tags, or with entities and no `<` at all.

    `salary < 50k`, `List<String>` and `<ORGANIZATION>` do not make HTML.
    """
    return _tags().search(text) is not None or _is_escaped(text) or _is_entities_only(text)


def read_text(body: str) -> SourceText:
    """Read a posting's body, whichever it is: HTML or plain text."""
    return read_html(body) if looks_like_html(body) else SourceText.from_plain(body)


def read_html(html: str) -> SourceText:
    """Read the text of a page or a fragment.

    Of a whole page the main content is kept; of a fragment everything that a reader sees. White space collapses
    inside a line, and a line break stands between blocks. HTML that was escaped once more (`&lt;p&gt;`) is read too.
    A fragment
    without any block tag keeps its line breaks.

    Args:
        html: Any HTML, however broken.

    Returns:
        The clean text, with the place of each character in `html`.
    """
    if _is_escaped(html):
        outer = SourceText.from_pieces(_unescaped(html, 0, len(html)), original=html)
        return read_html(outer.text).through(outer)
    markup = read_markup(html)
    return SourceText.from_pieces(_pieces(html, markup), original=html)


@cache
def _tags() -> re.Pattern[str]:
    names = "|".join(_TAG_NAMES.split())
    return re.compile(
        rf"</(?:{names})\s*>|<(?:br|hr)\s*/?>|<!doctype\s+html|<(?:html|body|div|ul|ol|table|h[1-6])(?:\s[^<>]*)?>"
        r"|(?:(?<=[\s>.!?:;])|(?<![\s\S]))<(?:p|li|strong|em|span)(?:\s[^<>]*)?>",
        re.IGNORECASE,
    )


@cache
def _escaped_tags() -> re.Pattern[str]:
    return re.compile(r"&lt;/(?:p|div|li|ul|ol|span|strong|b|em|i|h[1-6]|u)\s*&gt;|&lt;br\s*/?&gt;", re.IGNORECASE)


def _is_escaped(text: str) -> bool:
    return _tags().search(text) is None and _escaped_tags().search(text) is not None


def _is_entities_only(text: str) -> bool:
    if "<" in text or "&" not in text:
        return False
    return (
        re.search(r"&(?:amp|nbsp|quot|apos|lt|gt|[rl][sd]quo|[nm]dash|bull|#\d{2,5}|#x[0-9a-f]{2,5});", text, re.I)
        is not None
    )


def _pieces(html: str, markup: Markup) -> Iterator[Piece]:
    """Give the visible text in order, with one space or line break where white space or tags part it."""
    kept = content_nodes(markup)
    in_lines = _keeps_lines(markup)
    gap: Piece | None = None
    began = False
    for token in markup.tokens:
        if token.gap:
            new = Piece(token.gap, token.start, token.end, verbatim=False)
            gap = new if gap is None or (gap.text == " " and token.gap == "\n") else gap
            continue
        if not kept[token.node]:
            continue
        for piece in _collapsed(html, token.start, token.end, lines=in_lines[token.node]):
            if piece.text.isspace():
                gap = piece if gap is None or (gap.text == " " and piece.text == "\n") else gap
                continue
            if gap and began:
                yield gap
            yield piece
            gap, began = None, True


def _keeps_lines(markup: Markup) -> list[bool]:
    """Say of each node whether a line break in its text parts lines, as in `pre`."""
    everywhere = not markup.is_page and BLOCKS.isdisjoint(markup.tags) and not any(t.gap for t in markup.tokens)
    keeps = [everywhere] * len(markup.tags)
    for node, tag in enumerate(markup.tags):
        keeps[node] = keeps[node] or tag == "pre" or keeps[markup.parents[node]]
    return keeps


def _collapsed(html: str, start: int, end: int, *, lines: bool) -> Iterator[Piece]:
    """Give a stretch of text with its entities resolved, and each run of white space as a piece of its own."""
    for piece in _unescaped(html, start, end):
        if not piece.verbatim:
            if piece.text:  # a reference to a control character resolves to nothing
                yield piece._replace(text=" ") if piece.text.isspace() else piece
            continue
        for match in _runs().finditer(html, piece.start, piece.end):
            if match.lastgroup == "words":
                yield Piece(match[0], *match.span(), verbatim=True)
            else:
                yield Piece("\n" if lines and "\n" in match[0] else " ", *match.span(), verbatim=False)


@cache
def _runs() -> re.Pattern[str]:
    return re.compile(r"(?P<words>\S+(?: \S+)*)|(?P<space>\s+)")


@cache
def _references() -> re.Pattern[str]:
    return re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")


def _unescaped(text: str, start: int, end: int) -> Iterator[Piece]:
    """Resolve the entities as `html.unescape` does."""
    done = start
    for match in _references().finditer(text, start, end):
        resolved = unescape(match[0])
        if resolved == match[0]:
            continue
        yield Piece(text[done : match.start()], done, match.start(), verbatim=True)
        tail = _plain_tail(match[0], resolved)
        done = match.end() - tail
        yield Piece(resolved[: len(resolved) - tail], match.start(), done, verbatim=False)
    yield Piece(text[done:end], done, end, verbatim=True)


def _plain_tail(reference: str, resolved: str) -> int:
    """How many characters after an entity without semicolon are plain text: three of `&notit;` -> `¬it;`."""
    if reference[1] == "#" or reference[1:] in html5:
        return 0
    size = len(reference)
    while reference[1:size] not in html5:
        size -= 1
    return len(reference) - size
