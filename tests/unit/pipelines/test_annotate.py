"""Annotate, with a tagger and a linker that know a handful of words."""

import hashlib
import html
import re
from dataclasses import replace

import pytest
from fakes import FakeTaxonomy, WordLinker, WordTagger
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.data.found_skills import found_skills
from metier.domain import Posting, Span
from metier.keywords.phrases import PhraseKeywords
from metier.pipelines.annotate import Annotator

PLAIN = """Cook 🍋

About us
We are a company that loves yoga.

Requirements
- Python programming
- SQL and basket weaving

What we offer
Hygiene at work.
"""


def _annotator(tagger=None):
    return Annotator(
        tagger=tagger or WordTagger(), linker=WordLinker(), keywords=PhraseKeywords(), taxonomy=FakeTaxonomy()
    )


def _annotate(*bodies, all_sections=False):
    postings = [Posting(id=str(i), body=body) for i, body in enumerate(bodies)]
    return list(_annotator().annotate(postings, all_sections=all_sections))


def _texts(annotated):
    return [link.mention.text for link in annotated.links]


def test_mentions_point_into_the_body():
    [annotated] = _annotate(PLAIN)
    assert _texts(annotated) == ["Python", "Python programming", "SQL", "basket weaving"]
    for link in annotated.links:
        span = link.mention.span
        assert PLAIN[span.start : span.end] == link.mention.text
    for keyword in annotated.keywords:
        assert all(PLAIN[span.start : span.end] for span in keyword.spans)


def test_company_and_benefits_are_shown_only_when_asked_for():
    [annotated] = _annotate(PLAIN, all_sections=True)
    assert {"yoga", "Hygiene"} <= set(_texts(annotated))
    assert {link.mention.section for link in annotated.links} >= {"company", "requirements", "benefits"}


def test_models_never_see_what_is_not_about_the_job():
    tagger = WordTagger()
    list(_annotator(tagger).annotate([Posting(id="a", body=PLAIN)]))
    assert not [sentence for sentence in tagger.seen if "yoga" in sentence or "Hygiene" in sentence]


def test_same_sentence_is_tagged_once():
    tagger = WordTagger()
    body = "You know SQL.\n"
    results = list(_annotator(tagger).annotate([Posting(id=str(i), body=body) for i in range(3)]))
    assert tagger.seen == ["You know SQL."]
    assert [_texts(annotated) for annotated in results] == [["SQL"]] * 3


def test_title_is_context_only():
    [annotated] = _annotator().annotate([Posting(id="a", body="Soup.", title="SQL cook")])
    assert annotated.links == ()
    assert annotated.posting.title == "SQL cook"


def test_hash_and_provenance():
    [annotated] = _annotate("naïve SQL")
    assert annotated.text_sha256 == hashlib.sha256("naïve SQL".encode()).hexdigest()
    assert annotated.provenance.tagger == "fake-tagger@00000000"
    assert annotated.provenance.taxonomy == "Fake v0"


@pytest.mark.parametrize("body", ["", " \n", "🍋", "<p></p>", "<html></html>"])
def test_posting_without_text_has_no_mentions(body):
    [annotated] = _annotate(body)
    assert annotated.links == ()


def test_no_postings_give_no_results():
    assert _annotate() == []


def test_stated_language_is_kept_and_otherwise_it_is_found():
    [stated] = _annotator().annotate([Posting(id="a", body="You know SQL and you like it.", language="nl")])
    assert stated.language == "nl"
    assert _annotate("You know SQL very well and you like to work with other people.")[0].language == "en"


def test_html_offsets_point_into_the_page():
    body = "<p>You know <b>Py</b>thon&nbsp;programming &amp; <i>wound\n  care</i>.</p><p>Also SQL</p>"
    [annotated] = _annotate(body)
    for link in annotated.links:
        raw = body[link.mention.span.start : link.mention.span.end]
        read = " ".join(html.unescape(re.sub("<[^>]*>", "", raw)).split())
        assert read == link.mention.text
    assert {"wound care", "SQL"} <= set(_texts(annotated))


def test_lone_surrogate_reaches_no_model_and_moves_no_offset():
    body = "\ud83d You know SQL \udc00 and Python.\n"
    tagger = WordTagger()
    [annotated] = _annotator(tagger).annotate([Posting(id="a", body=body)])
    assert [body[link.mention.span.start : link.mention.span.end] for link in annotated.links] == ["SQL", "Python"]
    assert all(sentence.encode() for sentence in tagger.seen)


def test_batch_and_order_change_nothing():
    bodies = [PLAIN, "SQL", "", "<p>Python &amp; SQL</p>", PLAIN.replace("SQL", "hygiene")] * 8  # more than a chunk
    together = _annotate(*bodies)
    assert len(together) == 40
    for annotated, body in zip(together, bodies, strict=True):
        [alone] = _annotator().annotate([annotated.posting])
        assert alone == annotated
        assert annotated.posting.body == body
    backwards = list(_annotator().annotate([annotated.posting for annotated in together[::-1]]))
    assert backwards[::-1] == together


def test_results_come_before_the_last_posting_is_read():
    def endless():
        while True:
            yield Posting(id="a", body="SQL")

    assert _texts(next(_annotator().annotate(endless()))) == ["SQL"]


def test_skill_at_word_twenty_thousand_is_found():
    [annotated] = _annotate("soup and salad. " * 7000 + "You know SQL.")
    assert _texts(annotated) == ["SQL"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["SQL", "python", "🍋", "é", "\r\n", "\n", " ", ". ", "- ", "c++", "yoga,"])))
def test_every_mention_of_plain_text_is_its_slice(pieces):
    body = " ".join(pieces)
    [annotated] = _annotate(body, all_sections=True)
    for link in annotated.links:
        assert body[link.mention.span.start : link.mention.span.end] == link.mention.text
    assert len(annotated.links) == sum(piece.strip(",") in ("SQL", "python", "c++", "yoga") for piece in pieces)


COORDINATED = "design, build and test REST and gRPC APIs"


def test_coordinated_mention_has_parts_and_counts_by_those_that_link():
    body = f"Requirements\n- {COORDINATED}\n"
    [annotated] = _annotate(body)
    [link] = annotated.links
    assert link.mention.text == COORDINATED
    assert [part.text for part in link.mention.parts][:2] == ["design REST APIs", "design gRPC APIs"]
    for part, found in zip(link.mention.parts, link.parts, strict=True):
        assert " ".join(body[span.start : span.end] for span in part.spans) == part.text == found.mention.text
        assert found.mention.requirement == link.mention.requirement == "required"
        assert link.mention.span.start <= found.mention.span.start < found.mention.span.end <= link.mention.span.end
    labels = [skill.concept.label for skill in found_skills(annotated.links)]
    assert labels == ["build web interfaces", "test software"]  # not "software", which the whole is linked to


def test_mention_whose_parts_mean_nothing_counts_as_a_whole():
    [annotated] = _annotate("You know wound care.")
    [link] = annotated.links
    part = replace(link, concept=None)
    assert replace(link, parts=(part, part)).told == (replace(link, parts=(part, part)),)
    assert replace(link, parts=(part, link)).told == (part, link)


def test_parts_of_a_mention_in_html_point_into_the_page():
    body = "<p>You 🍋 <b>design, build</b> and&nbsp;test <i>REST</i> and g&#82;PC\n  APIs</p>"
    [annotated] = _annotate(body)
    [link] = annotated.links
    assert len(link.mention.parts) == 6
    for part in link.mention.parts:
        raw = " ".join(body[span.start : span.end] for span in part.spans)
        assert " ".join(html.unescape(re.sub("<[^>]*>", "", raw)).split()) == part.text


def test_parts_are_the_same_in_every_posting_that_repeats_a_sentence():
    first, second = _annotate(COORDINATED, f"\n\n{COORDINATED}")
    moved = [[Span(s.start - 2, s.end - 2) for s in part.spans] for part in second.links[0].mention.parts]
    assert moved == [list(part.spans) for part in first.links[0].mention.parts]
