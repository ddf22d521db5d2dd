import html as entities
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.domain import Span
from metier.text.html import looks_like_html, read_html, read_text

_PLAIN = [
    "",
    "salary < 50k > 20k",
    "List<String> and Map<A, B>",
    "We at <ORGANIZATION> in <LOCATION> love it <3",
    "a<b and c>d",
    "Write to <jobs@example.org>",
    "R&D, AT&T and Q&A",
    "Java & Python; C++",
    "line one\nline two",
    "x &lt; y, and y < z",
]
_HTML = [
    "<p>Java</p>",
    "Java<br>Python",
    "<ul><li>Java</ul>",
    "<b>Java</b> and Python",
    "<P CLASS=x>Java",
    "<!DOCTYPE html><title>x</title>",
    "R&amp;D and C&#43;&#43;",
    "&lt;p&gt;Java&lt;/p&gt;",
    '<a href="x">y</a>',
]


@pytest.mark.parametrize(("texts", "expected"), [(_PLAIN, False), (_HTML, True)])
def test_only_html_looks_like_html(texts, expected):
    assert {text: looks_like_html(text) for text in texts} == dict.fromkeys(texts, expected)


@pytest.mark.parametrize("text", _PLAIN)
def test_plain_text_is_read_unchanged(text):
    assert read_text(text).text == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<br>", ""),
        ("<p>We need <b>Py</b>thon &amp; C&#43;&#x2B;.</p>", "We need Python & C++."),
        ("<ul><li>Java</li><li>Go</li></ul>", "Java\nGo"),
        ("<ul><li>Java<li>Go</ul>x", "Java\nGo\nx"),
        ("<p>one<p>two<br/>three", "one\ntwo\nthree"),
        ("<div>one<div>two</div>three</div>", "one\ntwo\nthree"),
        ("<table><tr><th>Skill<th>Years<tr><td>Java<td>5</table>", "Skill\nYears\nJava 5"),
        ("<p>a \r\n\t  b&nbsp;&nbsp;c</p>", "a b c"),
        ("<p>x<!-- <p>no</p> --> y</p>", "x y"),
        ("<p>x <script>if (a<b) c()</script><style>p{}</style>y</p>", "x y"),
        ("<p>x<span hidden>no</span><i aria-hidden='true'>no</i><b style='DISPLAY: none'>no</b>y</p>", "xy"),
        ("<p>I <3 you & 5 < 6, a&b</p>", "I <3 you & 5 < 6, a&b"),
        ("<p>&notit; &copy 2024 &#z; &bogus; &#0;</p>", "¬it; © 2024 &#z; &bogus; \ufffd"),
        ("<p>truncated <b>here</b> <a href='x", "truncated here"),
        ("<p>trunc &am", "trunc &am"),
        ("</div></p>x</b>", "x"),
        ("<pre>a\n  b</pre><p>c\nd</p>", "a\nb\nc d"),
        ("<b>bold</b>\nnext line", "bold\nnext line"),
        ("<![if x]><p>x</p><![endif]><![ y ]><?php z ?>", "x"),
        ("&lt;p&gt;R&amp;amp;D&lt;/p&gt;&lt;p&gt;x&lt;/p&gt;", "R&D\nx"),
        ("<p>日本語 🚀 é e\u0301</p>", "日本語 🚀 é e\u0301"),
    ],
)
def test_text_of_a_fragment(html, text):
    assert read_html(html).text == text


def test_span_covers_the_inline_tags_inside_it():
    html = "<p>We need <b>Py</b>thon &amp; C&#43;&#43;.</p>"
    source = read_html(html)
    for word, slice_ in [("Python", "Py</b>thon"), ("C++", "C&#43;&#43;"), ("&", "&amp;")]:
        start = source.text.index(word)
        span = source.original_span(Span(start, start + len(word)))
        assert html[span.start : span.end] == slice_


def test_line_break_that_we_put_in_has_no_width():
    source = read_html("<p>a</p><p>b</p>")
    assert source.text == "a\nb"
    assert source.starts[1] == source.ends[1] == 4  # where the first paragraph ends


_PAGE = """<!DOCTYPE html><html><head><title>Jobs</title><style>p {{}}</style></head><body class="has-menu">
<nav><a href="#">Home</a> <a href="#">Jobs</a></nav>
<div id="cookie-banner"><p>We use cookies to make this page better.</p><button>Accept</button></div>
<ul class="breadcrumbs"><li><a href="#">Home</a></li><li><a href="#">Nursing</a></li></ul>
{posting}
<div class="relatedJobs"><h3>Other jobs</h3><ul><li><a href="#">Cook in Lyon</a></li></ul></div>
<aside>Advert: buy shoes</aside><footer>© 2024 <a href="#">Imprint</a></footer></body></html>"""
_POSTING = """<h1>Nurse</h1><p>We are looking for a nurse who cares for people in our clinic by the sea, every day.</p>
<h2>Requirements</h2><ul><li>Three years of experience in intensive care</li><li>French &amp; English</li></ul>"""
_JUNK = ["cookies", "Accept", "Home", "Cook in Lyon", "shoes", "Imprint", "Jobs"]


@pytest.mark.parametrize(
    "element", ["main", "article", "div", "section", 'div role="main"', 'div itemtype="http://schema.org/JobPosting"']
)
def test_only_the_posting_of_a_page_is_kept(element):
    page = _PAGE.format(posting=f"<{element}>{_POSTING}</{element.split()[0]}>")
    assert read_html(page).text.split("\n") == [
        "Nurse",
        "We are looking for a nurse who cares for people in our clinic by the sea, every day.",
        "Requirements",
        "Three years of experience in intensive care",
        "French & English",
    ]


@pytest.mark.parametrize("hint", ["menu", "banner", "share", "footer"])
def test_large_block_is_kept_whatever_its_class_says(hint):
    text = read_html(_PAGE.format(posting=f'<div class="{hint}">{_POSTING}</div>')).text
    assert "Three years of experience" in text


def test_posting_inside_navigation_is_not_lost():
    page = f"<html><body><nav>{_POSTING}</nav><p>Hello</p></body></html>"
    assert "Three years of experience" in read_html(page).text


def test_page_that_shows_nothing_gives_its_hidden_text():
    page = f"<html><body><div style='display:none'>{_POSTING}</div><script>x()</script></body></html>"
    text = read_html(page).text
    assert "Three years of experience" in text
    assert "x()" not in text


_SPACE = st.sampled_from([" ", "  ", "\n", "\r\n", "\t ", "&nbsp;", "\u2003"])
_ATOM = st.one_of(
    st.text("abcXYZé0.,-+#ßÅ日🚀\u0301\u200d", min_size=1, max_size=6),
    st.sampled_from(["&amp;", "&lt;", "&#43;", "&#x1F680;", "&eacute;", "&copy ", "&notit; ", "&bogus;", "&#zz;"]),
    st.sampled_from(["& ", "<3 ", "< ", "<!-- c > d -->", "<script>a<b; '<p>'</script>", "<span hidden>no</span>"]),
    st.sampled_from(["<br>", "<img src='x>y'>", "<hr/>"]),
    _SPACE,
)  # fmt: skip
_INLINE = ["b", "i", 'a href="x?a=1&amp;b=2"', "span class='x'", "EM"]
_BLOCK = ["p", "div", "li", "h2", 'td align="left"', "pre"]


def _nested(children):
    body = st.lists(children, max_size=4).map("".join)
    wrap = st.sampled_from(_INLINE + _BLOCK)
    return st.tuples(wrap, body).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0].split()[0]}>")


_FRAGMENT = st.lists(st.recursive(_ATOM, _nested, max_leaves=12), max_size=5).map("".join)


def _resolve(html: str) -> str:
    """Strip the tags by pattern, and resolve the entities: independent of the code under test."""
    html = re.sub(r"(?s)<!--.*?-->|<script>.*?</script>|<span hidden>.*?</span>", "", html)
    html = re.sub(r"(?i)</?(?:p|div|li|h2|td|pre|br|hr)\b(?:'[^']*'|\"[^\"]*\"|[^>'\"])*>", " ", html)
    html = re.sub(r"</?[a-zA-Z](?:'[^']*'|\"[^\"]*\"|[^>'\"])*>", "", html)
    return " ".join(entities.unescape(html).split())


@settings(deadline=None, max_examples=300)
@given(_FRAGMENT, st.data())
def test_slice_of_the_original_resolves_to_the_clean_text(html, data):
    html = f"x{html}"  # what has no visible text at all shows its hidden text
    source = read_html(html)
    assert " ".join(source.text.split()) == _resolve(html)
    ends = sorted(data.draw(st.lists(st.integers(0, len(source.text)), min_size=2, max_size=2)))
    span = source.original_span(Span(*ends))
    assert _resolve(html[span.start : span.end]) == " ".join(source.text[slice(*ends)].split())


@settings(deadline=None, max_examples=200)
@given(_FRAGMENT)
def test_escaped_html_reads_as_the_html_itself(fragment):
    html = f"<p>x{fragment}</p>"
    escaped = entities.escape(html, quote=False)
    source = read_html(escaped)
    assert source.text == read_html(html).text
    assert source.original == escaped
    for place in range(len(source.text)):
        span = source.original_span(Span(place, place + 1))
        seen = entities.unescape(entities.unescape(escaped[span.start : span.end]))
        assert seen == source.text[place] or (seen.strip() == "" and source.text[place] in " \n")


_BITS = (
    "< > </ <p <p> </p> <!-- --> <![ ]]> <? & &# &#x ; ' \" = / a é 🚀 <b> </b> <li> <td> <nav> <body> "
    "<script> </script>"
)
_SOUP = st.lists(
    st.sampled_from([" ", "\n", *_BITS.split()]),
    max_size=40,
).map("".join)


@settings(deadline=None, max_examples=300)
@given(st.one_of(_SOUP, st.text(max_size=40)))
def test_any_string_can_be_read(html):
    source = read_html(html)
    assert len(source.text) == len(source.starts) == len(source.ends)
    assert np.all(source.starts <= source.ends)
    assert np.all(source.ends[:-1] <= source.starts[1:]) or "&" in html
    assert np.all(np.diff(source.starts) >= 0)
    assert not source.starts.size or (source.starts[0] >= 0 and source.ends[-1] <= len(html))
    assert not re.search(r"^\s|\s\s|\s$", source.text)


@pytest.mark.parametrize(
    "unit",
    [
        "<p>word &amp; word</p>\n",
        "<div>",
        "<!-- >",
        "<",
        "&#z",
        "&",
        "<a ",
        "</",
        "<!",
        "<?",
        '<p x="',
        "<![if ",
        "&lt;p&gt;a&lt;/p&gt;",
    ],
)
def test_html_is_read_in_linear_time(unit):
    # a quadratic step over 200,000 characters would take minutes
    html = unit * (200_000 // len(unit))
    assert len(read_html(html).text) <= len(html)
