import re
from html import unescape

import pytest

from metier.domain import Span
from metier.errors import InputError
from metier.pipelines.title_colours import (
    MOST_TITLES,
    ExplainedDescription,
    ExplainedTitle,
    coloured_text,
    render_colours,
    write_colours,
)
from metier.titles.job2vec import WordWeight

TEXT = "You bake <b>bread</b> & 🚀 pâtisserie\nat  night"


def weigh(word, weight, text=TEXT):
    start = text.index(word)
    return WordWeight(Span(start, start + len(word)), weight)


def explain(title="baker", weights=(), text=TEXT, id="one"):
    return ExplainedDescription(id, text, (ExplainedTitle(title, 0.5, tuple(weights)),))


def bare(html):
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_text_is_there_letter_by_letter():
    weights = [weigh("bread", 0.5), weigh("pâtisserie", 0.25), weigh("You", 0.1), weigh("night", 0.15)]
    assert bare(coloured_text(TEXT, weights)) == TEXT
    assert bare(coloured_text(TEXT, [])) == TEXT
    assert coloured_text("", []) == ""


def test_colour_is_the_share_of_the_largest_weight():
    coloured = coloured_text(TEXT, [weigh("pâtisserie", 0.1), weigh("bread", 0.4)])
    found = re.findall(r'<span class="w" style="--w:([\d.]+)" title="([\d.]+)">([^<]*)</span>', coloured)
    # 0.4 / 0.4 and 0.1 / 0.4, in text order
    assert found == [("1.000", "0.400", "bread"), ("0.250", "0.100", "pâtisserie")]


def test_weights_of_zero_colour_nothing():
    assert '--w:0.000"' in coloured_text(TEXT, [weigh("bread", 0.0)])


def test_descriptions_titles_and_ids_are_escaped():
    evil = "<script>alert('x')</script> & \"q\""
    page = render_colours([explain(title=evil, id=evil, text=evil, weights=[weigh("script", 1.0, text=evil)])])
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(") == 2  # of the text one word is coloured
    assert "default-src 'none'" in page


def test_suggestions_stand_beside_the_text_and_the_first_is_chosen():
    titles = [ExplainedTitle(f"title {n}", 0.9 - n / 100, (weigh("bread", 1.0),)) for n in range(12)]
    page = render_colours([ExplainedDescription("one", TEXT, tuple(titles))])
    names = re.findall(r'<span class="name">([^<]*)</span><span class="nearness">([^<]*)</span>', page)
    assert names[:2] == [("title 0", "0.90"), ("title 1", "0.89")]
    assert len(names) == page.count('<div class="text t') == MOST_TITLES
    assert re.findall(r'class="c(\d)" checked', page) == ["0"]


def test_description_without_a_suggestion_says_so():
    page = render_colours([ExplainedDescription("one", TEXT, ())])
    assert "No title is near." in page
    assert "&lt;b&gt;bread&lt;/b&gt;" in page


def test_no_descriptions_are_said_to_be_none():
    assert "No description was given." in render_colours([])


def test_choices_of_different_descriptions_are_apart():
    page = render_colours([explain(), explain(id="two")])
    assert set(re.findall(r'name="(d\d)"', page)) == {"d0", "d1"}


def test_page_is_written_whole(tmp_path):
    write_colours(tmp_path / "page.html", [explain()])
    assert (tmp_path / "page.html").read_text("utf-8") == render_colours([explain()])
    with pytest.raises(InputError):
        write_colours(tmp_path / "none" / "page.html", [])
