"""The page of annotated postings."""

from html.parser import HTMLParser

import pytest
from fakes import FakeTaxonomy

from metier.domain import AnnotatedPosting, Keyword, Link, Mention, Posting, Provenance, Section, Skill, Span
from metier.pipelines.render_html import open_page, render_posting

EVIL = "<script>alert(1)</script> & \"'><img src=x onerror=alert(1)>"


class _Reader(HTMLParser):
    """Collects tags, attributes and text; complains about tags that do not match."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.spans, self._open = [], [], [], []
        self.text = ""
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "img"):
            self._open.append((tag, dict(attrs), len(self.text)))

    def handle_endtag(self, tag):
        opened, attributes, start = self._open.pop()
        assert opened == tag
        if "title" in attributes:
            self.spans.append((attributes["class"], self.text[start:], attributes["title"]))

    def handle_data(self, data):
        self.text += data


def _posting(body, *links, sections=(), **facts):
    return AnnotatedPosting(
        posting=Posting(id="a", body=body, **facts),
        language="en",
        text_sha256="0" * 64,
        provenance=Provenance("0.1.0", "tagger@1", "linker@2", "ESCO v1"),
        sections=sections,
        links=links,
        keywords=(Keyword(body[:4], (Span(0, 4),), 1.0),),
    )


def _link(body, words, *, kind="skill", label=None, **facts):
    start = body.index(words)
    mention = Mention(Span(start, start + len(words)), words, kind, 0.9, **facts)
    return Link(mention, Skill(f"http://example.org/{label}", label) if label else None, 0.8)


def _rendered(annotated):
    return _Reader(render_posting(annotated, taxonomy=FakeTaxonomy()))


def test_nested_mentions_are_both_visible():
    body = "You like Python programming a lot."
    outer = _link(body, "Python programming", label="program")
    inner = _link(body, "Python", kind="knowledge", label="Python")
    spans = _rendered(_posting(body, outer, inner)).spans
    # Two pieces: the inner words carry both kinds, the rest the outer one.
    assert [(classes, text) for classes, text, _ in spans] == [
        ("m skill knowledge first last", "Python"),
        ("m skill last", " programming"),
    ] or [(classes, text) for classes, text, _ in spans] == [
        ("m knowledge skill first last", "Python"),
        ("m skill last", " programming"),
    ]
    assert "program (S1, 0.80)" in spans[0][2]
    assert "Python (K0613, 0.80)" in spans[0][2]


def test_crossing_mentions_are_both_visible():
    body = "one two three"
    page = _rendered(_posting(body, _link(body, "one two"), _link(body, "two three", kind="knowledge")))
    assert [(text, "skill" in classes, "knowledge" in classes) for classes, text, _ in page.spans] == [
        ("one ", True, False),
        ("two", True, True),
        (" three", False, True),
    ]


def test_adjacent_mentions_stay_apart():
    body = "C++C#"
    page = _rendered(_posting(body, _link(body, "C++"), _link(body, "C#")))
    assert [text for _, text, _ in page.spans] == ["C++", "C#"]
    assert all("first last" in classes for classes, _, _ in page.spans)


def test_whatever_a_posting_holds_is_text():
    link = _link(EVIL, "alert(1)", label=EVIL)
    page = _rendered(_posting(EVIL, link, title=EVIL, employer=EVIL, location=EVIL))
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert page.text.count(EVIL) >= 4


def test_only_web_addresses_become_links():
    body = "SQL"
    bad = Link(Mention(Span(0, 3), "SQL", "skill", 0.9), Skill("javascript:alert(1)", "SQL"), 0.8)
    assert not [value for name, value in _rendered(_posting(body, bad)).attributes if name == "href"]


def test_html_body_is_shown_as_clean_text():
    body = "<p>You know <b>S</b>QL &amp; soup</p>"
    start, end = body.index("S</b>"), body.index(" &amp;")
    link = Link(Mention(Span(start, end), "SQL", "knowledge", 0.9), None, 0.1)
    page = _rendered(_posting(body, link))
    assert [text for _, text, _ in page.spans] == ["SQL"]
    assert "&amp;" not in page.text


def test_sections_are_named_beside_the_text_and_nothing_is_lost():
    body = "Intro 🍋.\nNeeds SQL.\nWe sell soup.\nEnd"
    sections = (Section(Span(9, 19), "requirements"), Section(Span(20, 33), "company"))
    page = _rendered(_posting(body, sections=sections))
    shown = page.text
    for part in ("Intro 🍋.", "requirements", "Needs SQL.", "company", "We sell soup.", "End"):
        assert part in shown
        shown = shown[shown.index(part) :]


def test_negated_skill_is_marked_and_listed_last():
    body = "SQL needed, Excel not"
    page = _rendered(
        _posting(
            body,
            _link(body, "Excel", label="spreadsheets", requirement="negated"),
            _link(body, "SQL", kind="knowledge", label="SQL", requirement="required", years=3.0),
        )
    )
    assert page.text.index("Required") < page.text.index("Not needed")
    assert [("negated" in classes, text) for classes, text, _ in page.spans] == [(False, "SQL"), (True, "Excel")]


@pytest.mark.parametrize("n", [0, 1, 3])
def test_page_is_whole_and_loads_nothing(tmp_path, n):
    path = tmp_path / "page.html"
    with open_page(path, taxonomy=FakeTaxonomy()) as write:
        for _ in range(n):
            write(_posting("Python 🍋 \ud83d"))
    text = path.read_text(encoding="utf-8")
    page = _Reader(text.removeprefix("<!doctype html>\n"))
    assert page.tags.count("article") == n
    assert ("No posting was given." in page.text) == (n == 0)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert "default-src 'none'" in dict(page.attributes)["content"] or "default-src 'none'" in text
    assert "url(" not in text
