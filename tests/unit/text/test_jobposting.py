import json
from datetime import date

import pytest

from metier.domain import Posting, Span
from metier.errors import InputError
from metier.text.html import read_text
from metier.text.jobposting import posting_from_json, postings_in_page

_NURSE = {
    "@context": "https://schema.org/",
    "@type": "JobPosting",
    "title": "Nurse &amp; Carer",
    "description": "<p>Care for <b>people</b>.</p>",
    "identifier": {"@type": "PropertyValue", "name": "Acme", "value": "N-7"},
    "hiringOrganization": {"@type": "Organization", "name": "Acme"},
    "jobLocation": {
        "@type": "Place",
        "address": {"addressLocality": "Lyon", "addressCountry": {"@type": "Country", "name": "FR"}},
    },
    "datePosted": "2024-05-06T07:08:09Z",
    "inLanguage": "en",
    "url": "https://example.org/7",
}


def _page(*blocks):
    scripts = "".join(f'<script type="application/ld+json">{block}</script>' for block in blocks)
    return f"<html><head>{scripts}</head><body><p>Hello</p></body></html>"


def test_every_field_is_read():
    assert posting_from_json(_NURSE) == Posting(
        id="N-7",
        title="Nurse & Carer",
        body="<p>Care for <b>people</b>.</p>",
        language="en",
        employer="Acme",
        location="Lyon, FR",
        posted_on=date(2024, 5, 6),
        source="https://example.org/7",
    )


def test_posting_is_found_in_a_page():
    assert postings_in_page(_page(json.dumps(_NURSE))) == [posting_from_json(_NURSE)]


@pytest.mark.parametrize(
    "content",
    [
        {"@graph": [{"@type": "WebSite"}, _NURSE, {**_NURSE, "title": "Cook"}]},
        [{"@type": "Organization"}, _NURSE, {**_NURSE, "title": "Cook", "@type": ["Thing", "JobPosting"]}],
        {"@type": "ItemList", "itemListElement": [{"item": _NURSE}, {"item": {**_NURSE, "title": "Cook"}}]},
    ],
)
def test_several_postings_come_in_page_order(content):
    assert [posting.title for posting in postings_in_page(_page(json.dumps(content)))] == ["Nurse & Carer", "Cook"]


@pytest.mark.parametrize("block", ["{broken", "", "null", "[" * 100_000, '{"@type": "JobPosting"}', '{"@type": 3}'])
def test_block_that_cannot_be_read_does_not_hide_the_next(block):
    assert len(postings_in_page(_page(block, json.dumps(_NURSE)))) == 1


@pytest.mark.parametrize("html", ["", "no page", "<script type='application/ld+json'>{"])
def test_page_without_posting_gives_none(html):
    assert postings_in_page(html) == []


def test_line_breaks_inside_a_json_string_are_allowed():
    block = '<!-- {"@type": "http://schema.org/JobPosting", "title": "Cook", "description": "a\nb"} -->'
    assert [posting.body for posting in postings_in_page(_page(block))] == ["a\nb"]


def test_escaped_description_is_read_with_offsets_into_the_json_value():
    posting = posting_from_json({"title": "Dev", "description": "&lt;p&gt;We use R&amp;amp;D.&lt;/p&gt;"})
    source = read_text(posting.body)
    assert source.text == "We use R&D."
    start = source.text.index("R&D")
    span = source.original_span(Span(start, start + 3))
    assert posting.body[span.start : span.end] == "R&amp;amp;D"


def test_missing_fields_are_none():
    posting = posting_from_json({"title": "Cook", "description": "", "datePosted": "soon", "jobLocation": [{}, "Rome"]})
    assert (posting.employer, posting.posted_on, posting.location, posting.body) == (None, None, "Rome", "")
    assert len(posting.id) == 12
    assert posting.id == posting_from_json({"title": "Cook"}).id != posting_from_json({"title": "Chef"}).id


def test_posting_without_text_is_refused():
    with pytest.raises(InputError, match="needs a title or a description, and this one has: @type, url"):
        posting_from_json({"@type": "JobPosting", "url": "https://example.org"})
