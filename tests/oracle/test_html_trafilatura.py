"""Main content against trafilatura, on pages written for the test."""

import re

import pytest

from metier.text.html import read_html

_INTRO = (
    "<h1>Data Engineer</h1><p>Our logistics team in Rotterdam is growing, and we are looking for a data engineer "
    "who likes clean "
    "pipelines. You will work with six colleagues on the platform that plans the routes of nine hundred barges "
    "every day.</p>"
)
_LISTS = (
    "<h2>What you will do</h2><ul><li>Build batch and streaming pipelines in Python and SQL for our planning "
    "department</li><li>Watch "
    "over data quality, and talk to the people who enter the data on board</li></ul><h2>What you "
    "bring</h2><ul><li>Three years of "
    "experience with Airflow, Spark or similar tools</li><li>Good spoken Dutch, and an eye for detail in written "
    "English</li></ul>"
    "<p>We offer thirty days of leave, a pension, and a desk with a view of the river. Send your application "
    "before May.</p>"
)
_NAV = (
    '<nav><ul><li><a href="/">Home</a></li><li><a href="/jobs">All vacancies</a></li>'
    '<li><a href="/about">About</a></li></ul></nav>'
)
_RELATED = (
    '<div class="related-jobs"><h3>Similar</h3><a href="/1">Skipper in Antwerp</a> <a href="/2">Cook in Ghent</a></div>'
)
_FOOTER = "<footer><p>© Barge Planning</p><a href='/privacy'>Privacy statement</a></footer>"
_COOKIES = '<div class="cookie-consent">This site uses cookies for statistics. <button>Fine by me</button></div>'
_PAGES = {
    "semantic": f"<body>{_NAV}{_COOKIES}<main><article>{_INTRO}{_LISTS}</article></main>{_RELATED}{_FOOTER}</body>",
    "divs": (
        f'<body>{_COOKIES}{_NAV}<div class="wrap"><div class="job">{_INTRO}<div>{_LISTS}</div></div>'
        f"{_RELATED}</div>{_FOOTER}</body>"
    ),
    "unclosed": f'<body>{_NAV}<div class="job">{re.sub("</(?:p|li)>", "", _INTRO + _LISTS)}</div>{_FOOTER}',
    "table": f"<body>{_NAV}<table><tr><td>{_INTRO}{_LISTS}</td></tr></table>{_FOOTER}</body>",
}
_JUNK = ("All vacancies", "Skipper", "cookies", "Fine by me", "Privacy statement")


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", _PAGES)
def test_main_content_agrees_with_trafilatura(name):
    trafilatura = pytest.importorskip("trafilatura", exc_type=ImportError)
    page = f"<!DOCTYPE html><html><head><title>Data Engineer</title></head>{_PAGES[name]}</html>"
    ours = read_html(page).text
    theirs = trafilatura.extract(page, favor_recall=True, include_tables=True) or ""
    shared = len(_words(ours) & _words(theirs))
    assert shared / len(_words(theirs)) > 0.95  # what it keeps, we keep
    assert shared / len(_words(ours)) > 0.9  # and little else
    assert _words(_INTRO + _LISTS) - _words("h1 h2 p ul li") <= _words(ours)
    assert [junk for junk in _JUNK if junk in ours] == []
