"""The tags of an HTML text as a flat tree, with the place of every stretch of text in the original."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from typing import Final, Literal

Role = Literal["plain", "unseen", "boilerplate", "hinted", "content"]

VOID: Final = frozenset("area base br col embed hr img input link meta param source track wbr".split())  # noqa: SIM905
BLOCKS: Final = frozenset(
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption "  # noqa: SIM905
    "figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre section "
    "summary "
    "table tbody tfoot th thead tr ul".split()
)
_UNSEEN: Final = frozenset(
    "script style noscript template svg head iframe object audio video canvas title textarea datalist".split()  # noqa: SIM905
)
_BOILERPLATE: Final = frozenset("nav footer aside button select dialog".split())  # noqa: SIM905
_CLOSED_BY_ITSELF: Final = frozenset("p li dt dd tr td th option".split())  # noqa: SIM905


@dataclass(slots=True)
class Token:
    """A stretch of text (`end` > `start`), or the place of a tag that parts lines or cells (`gap`)."""

    node: int
    start: int
    end: int
    gap: str = ""


@dataclass(slots=True)
class Markup:
    """A tree as parallel lists in document order: a parent comes before its children. Node 0 is the root."""

    tags: list[str] = field(default_factory=lambda: [""])
    parents: list[int] = field(default_factory=lambda: [0])
    roles: list[Role] = field(default_factory=lambda: ["plain"])
    sizes: list[int] = field(default_factory=lambda: [0])  # characters other than white space, own text only
    tokens: list[Token] = field(default_factory=list)

    @property
    def is_page(self) -> bool:
        """Whether this is a whole page, and no fragment such as a description."""
        return not {"html", "body", "nav"}.isdisjoint(self.tags)


def read_markup(html: str) -> Markup:
    """Read any HTML, however broken.

    Args:
        html: A page or a fragment.

    Returns:
        Its tree; the tokens point into `html`, in order.
    """
    reader = _Reader(html)
    # What is still open at the end of a truncated file is closed; nothing beyond `html` becomes text.
    reader.feed(html + "-->")
    reader.close()
    return reader.markup


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.markup = Markup()
        self._html = html
        self._lines = [0] + [match.end() for match in re.finditer("\n", html)]
        self._open = [0]
        self._counts: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a node."""
        if tag in _CLOSED_BY_ITSELF and self.markup.tags[self._open[-1]] == tag:
            self._close_last()
        self._mark(tag)
        if tag in VOID:
            return
        markup = self.markup
        markup.parents.append(self._open[-1])
        markup.tags.append(tag)
        markup.roles.append(_role(tag, dict(attrs)))
        markup.sizes.append(0)
        self._open.append(len(markup.tags) - 1)
        self._counts[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        """Close the nodes up to the one of this name; an end without a beginning closes nothing."""
        self._mark(tag)
        if not self._counts[tag]:
            return
        while self._close_last() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Keep where the text stands. `data` has its entities resolved, so its end is looked for in the original."""
        start = self._position()
        stray = self._html.startswith("<", start)
        if stray and len(data) > 1:
            return  # a tag that never ends
        end = start + 1 if stray else self._html.find("<", start)
        end = len(self._html) if end < 0 else min(end, len(self._html))
        if end > start:
            self.markup.tokens.append(Token(self._open[-1], start, end))
            self.markup.sizes[self._open[-1]] += len("".join(data.split()))

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Pass over `<![...]>`, which the parser of the standard library refuses when it is malformed."""
        return self.parse_bogus_comment(i, report)

    def _mark(self, tag: str) -> None:
        gap = "\n" if tag in BLOCKS else " " if tag == "td" else ""
        if gap:
            position = min(self._position(), len(self._html))
            self.markup.tokens.append(Token(self._open[-1], position, position, gap))

    def _close_last(self) -> str:
        tag = self.markup.tags[self._open.pop()]
        self._counts[tag] -= 1
        return tag

    def _position(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column


@cache
def _hints() -> re.Pattern[str]:
    names = (
        "cookies?|consent|gdpr|banner|breadcrumbs?|menu|navbar|nav|navigation|sharing|share|social|newsletter|"
        "subscribe"
        "|pagination|skip-?link|popup|advert(?:isement)?|ads|site-?(?:header|footer)|footer"
        "|(?:related|similar|recommended|more|other)[-_]?(?:jobs?|posts?|articles?|vacancies|positions?)"
    )
    return re.compile(rf"(?:^|[\s_-])(?:{names})(?=$|[\s_-])", re.IGNORECASE)


def _role(tag: str, attributes: dict[str, str | None]) -> Role:
    if tag in _UNSEEN or (tag not in ("html", "body") and _is_hidden(attributes)):
        return "unseen"
    if tag in _BOILERPLATE:
        return "boilerplate"
    role = (attributes.get("role") or "").lower()
    if tag in ("main", "article") or role == "main" or "JobPosting" in (attributes.get("itemtype") or ""):
        return "content"
    if tag in ("html", "body"):
        return "plain"
    if role in ("navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar"):
        return "hinted"
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    camel = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", names[:300])
    return "hinted" if _hints().search(camel) else "plain"


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    if "hidden" in attributes or (attributes.get("aria-hidden") or "").lower() == "true":
        return True
    style = re.sub(r"\s", "", attributes.get("style") or "").lower()
    return "display:none" in style or "visibility:hidden" in style


def nodes_at(markup: Markup, roles: Sequence[Role]) -> list[bool]:
    """Say of each node whether it or one above it has one of the roles."""
    found = [False] * len(markup.tags)
    for node, role in enumerate(markup.roles):
        found[node] = role in roles or (node > 0 and found[markup.parents[node]])
    return found
