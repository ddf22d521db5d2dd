"""Titles: predicted, alike, mapped; with a space and a linker that know a handful of words."""

import pytest
from fakes import WordLinker, WordTagger
from title_fakes import DESCRIPTION, TAXONOMY, fake_reader

from metier.data.outputs import annotated_to_dict
from metier.domain import Posting
from metier.errors import InputError
from metier.keywords.phrases import PhraseKeywords
from metier.pipelines.annotate import Annotator
from metier.pipelines.titles import explained


@pytest.fixture
def reader():
    return fake_reader()


def test_prediction_has_title_occupation_and_words(reader):
    [found] = reader.predict([DESCRIPTION], k=2)
    assert [(title.title, title.cosine) for title in found.titles] == [
        ("Data Engineer", pytest.approx(1)),
        ("Engineer", pytest.approx(1)),
    ]
    assert found.titles[0].occupation.concept.isco == "2511"
    assert found.titles[1].occupation is None
    spans = [word.span for word in found.titles[0].words]
    assert [DESCRIPTION[span.start : span.end] for span in spans] == ["data", "pipelines", "Python"]
    assert found.reason is None


def test_words_point_into_the_html_as_it_came(reader):
    body = "<p>You build <b>data</b> pipelines &amp; more in Python, every day.</p>"
    [found] = reader.predict([body], k=1)
    spans = [word.span for word in found.titles[0].words]
    assert [body[span.start : span.end] for span in spans] == ["data", "pipelines", "Python"]


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        ("", "the description is empty"),
        (" \n", "the description is empty"),
        ("!!! 123 👍", "the description is empty"),
        ("Data in Python", "the description has 3 words only"),
        ("nurse", "the description has 1 word only"),
        (
            "Wij zoeken een medewerker die data en pipelines in Python bouwt voor onze klanten in Nederland.",
            "the language 'nl' is not known to the model",
        ),
        ("We are looking for somebody who likes people and the sea.", "nothing is near"),
    ],
)
def test_abstention_has_its_reason(reader, description, reason):
    [found] = reader.predict([description], k=3)
    assert (found.titles, found.reason) == ((), reason)


def test_each_description_is_read_on_its_own(reader):
    every = [DESCRIPTION, "", "A nurse for our patients in the old town, please.", "nothing"]
    together = reader.predict(every, k=3)
    assert together == [reader.predict([one], k=3)[0] for one in every]
    assert reader.predict([], k=3) == []


def test_without_a_model_nothing_is_suggested():
    [found] = fake_reader(model=False).predict([DESCRIPTION], k=3)
    assert (found.titles, found.reason) == ((), "no model of titles is there")


def test_similar_titles_and_occupations(reader):
    found = reader.similar("Senior data engineer", k=5)
    assert [near.title for near in found.titles] == ["Data Engineer", "Engineer", "Ingeniero de datos"]
    assert found.occupations[0].concept.label == "data engineer"


def test_similar_in_another_language(reader):
    found = reader.similar("data engineer", k=2, language="es")
    assert [near.title for near in found.titles] == ["Ingeniero de datos"]
    assert [one.concept.label for one in found.occupations] == ["ingeniero de datos", "enfermera"]


def test_occupation_without_a_label_keeps_its_own(reader):
    assert reader.similar("baker", k=1, language="es").occupations[0].concept.label == "baker"


def test_language_that_the_taxonomy_lacks(reader):
    with pytest.raises(InputError, match="was built in en, es, not in 'fr'"):
        reader.similar("data engineer", k=1, language="fr")


@pytest.mark.parametrize("title", ["", "!!!", "👍"])
def test_nothing_is_like_a_title_without_a_word(reader, title):
    found = reader.similar(title, k=3)
    assert (found.title, found.titles, found.occupations) == ("", (), ())


def test_titles_are_mapped_in_order_and_looked_up_once(reader):
    raw = ["Senior nurse (m/f)", "!!!", "nurse", "astronaut", "nurse"] * 500
    found = list(reader.map(raw))
    assert [one.raw for one in found] == raw
    assert [one.occupation and one.occupation.concept.uri for one in found[:5]] == ["o1", None, "o1", None, "o1"]
    assert (found[0].seniority, found[2].seniority) == ("senior", None)
    assert (found[0].isco_label, found[3].isco_label) == ("Nursing professionals", "")
    assert len(reader.linker.asked) == len({one.title for one in found})


def test_row_of_a_title_that_means_nothing_is_empty_not_invented(reader):
    [found] = reader.map(["!!!"])
    row = found.to_dict()
    assert (row.pop("raw"), row.pop("title")) == ("!!!", "")
    assert set(row.values()) == {None}


def test_page_shows_the_clean_text(reader):
    shown = explained(reader, Posting(id="x", body=f"<p>{DESCRIPTION}</p>"), k=1)
    assert (shown.description, shown.titles[0].title) == (DESCRIPTION, "Data Engineer")
    span = shown.titles[0].weights[0].span
    assert DESCRIPTION[span.start : span.end] == "data"


def _annotator(titles):
    return Annotator(
        tagger=WordTagger(), linker=WordLinker(), keywords=PhraseKeywords(), taxonomy=TAXONOMY, titles=titles
    )


def test_annotated_posting_has_titles_and_the_occupation_of_its_own_title(reader):
    postings = [
        Posting(id="own", title="Night Nurse", body=DESCRIPTION),
        Posting(id="none", body=DESCRIPTION),
        Posting(id="short", body="Nothing here."),
        Posting(id="odd", title="\ud800!!", body="Nothing here."),
    ]
    own, none, short, odd = _annotator(reader).annotate(postings)
    assert [near.title for near in own.titles] == ["Data Engineer", "Engineer", "Ingeniero de datos"]
    assert own.occupations[0].concept.uri == "o1"
    assert none.occupations[0].concept.uri == "o0"
    assert (short.titles, short.occupations, odd.occupations) == ((), (), ())
    as_json = annotated_to_dict(own, group_of=lambda concept: "")
    assert as_json["occupations"][0] == {"uri": "o1", "label": "nurse", "isco": "2221", "probability": 0.9}
    assert as_json["titles"][0]["title"] == "Data Engineer"
    assert as_json["provenance"]["titles"] == "fake-titles@00000000"


def test_without_a_model_the_own_title_still_has_its_occupation():
    [annotated] = _annotator(fake_reader(model=False)).annotate([Posting(id="x", title="nurse", body=DESCRIPTION)])
    assert (annotated.titles, annotated.occupations[0].concept.uri) == ((), "o1")
    assert annotated.provenance.titles is None


def test_without_a_reader_neither_is_looked_for():
    [annotated] = _annotator(None).annotate([Posting(id="x", title="nurse", body=DESCRIPTION)])
    assert (annotated.titles, annotated.occupations) == ((), ())
