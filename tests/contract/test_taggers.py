"""What every tagger keeps to."""

import random

import pytest

from metier.artifacts import shipped_names
from metier.data.skillspan import TaggedSentence
from metier.domain import Span
from metier.tagging.datastore import Datastore, Vote
from metier.tagging.datastore_build import build_datastore
from metier.tagging.nearest import NearestTagger
from metier.tagging.tagger import NeuralTagger
from metier.text.words import words as words_of

SHIPPED = [name for name in shipped_names() if name.startswith("tagger")]
TEXTS = [
    "Experience with Python, C++/C# and SQL is required.",
    "You will lead a team of nurses and carry out wound care.",
    "",
    " \t\n ",
    "R&D 👍 naïve",
    "x",
    "Knowledge of Node.js, .NET or CI/CD is a plus; " * 40,
]


@pytest.fixture(params=["tiny", "nearest", *(pytest.param(name, marks=pytest.mark.models) for name in SHIPPED)])
def load(request, tmp_path):
    if request.param == "nearest":
        return load_nearest(request.getfixturevalue("tiny_tagger"), tmp_path / "store")
    name = request.getfixturevalue("tiny_tagger") if request.param == "tiny" else request.param
    return lambda threads: NeuralTagger.load(name, threads=threads)


def load_nearest(tagger, folder):
    """With a store of training sentences whose vote is seen, and a correction."""
    pytest.importorskip("faiss")
    sentences = [TaggedSentence(("lead", "a", "team"), ("B", "I", "I"), ("O", "O", "O"))] * 5
    store = build_datastore(NeuralTagger.load(tagger, threads=1), {"one": sentences}, n_kept=8)
    store.vote = Vote(n_neighbours=4, temperature=1.0, weight=0.5)
    NearestTagger(NeuralTagger.load(tagger, threads=1), store).add(TaggedSentence(("x",), ("B",), None))
    store.save(folder)
    return lambda threads: NearestTagger(
        NeuralTagger.load(tagger, threads=threads), Datastore.load(folder, threads=threads)
    )


@pytest.fixture
def tagger(load):
    return load(1)


def test_one_list_per_text_in_order(tagger):
    found = tagger.tag(TEXTS)
    assert len(found) == len(TEXTS)
    assert found[2] == found[3] == []
    assert any(found)


def test_no_texts_give_no_lists(tagger):
    assert tagger.tag([]) == []


def test_spans_point_into_the_text_and_are_in_order(tagger):
    for text, mentions in zip(TEXTS, tagger.tag(TEXTS), strict=True):
        for mention in mentions:
            assert 0 <= mention.span.start < mention.span.end <= len(text)
            assert text[mention.span.start : mention.span.end] == mention.text
            assert 0 <= mention.probability <= 1
            assert mention.kind in ("skill", "knowledge")
        order = [(m.span, ("skill", "knowledge").index(m.kind)) for m in mentions]
        assert order == sorted(order)
        assert len(set(order)) == len(order)


def test_batch_size_changes_nothing(tagger):
    assert [tagger.tag([text])[0] for text in TEXTS] == tagger.tag(TEXTS)


def test_order_changes_nothing(tagger):
    order = random.Random(1).sample(range(len(TEXTS)), len(TEXTS))
    found, shuffled = tagger.tag(TEXTS), tagger.tag([TEXTS[i] for i in order])
    assert [found[i] for i in order] == shuffled


def test_threads_change_nothing(load):
    texts = [f"{text} {number}" for number, text in enumerate(TEXTS * 4)]
    assert load(1).tag(texts) == load(2).tag(texts)


def test_given_words_are_as_good_as_its_own(tagger):
    assert tagger.tag(TEXTS, words=[words_of(text) for text in TEXTS]) == tagger.tag(TEXTS)


def test_mentions_begin_and_end_with_the_words_that_are_given(tagger):
    text = "Experience with Python required"
    (mentions,) = tagger.tag([text], words=[[Span(0, 10), Span(16, 22)]])
    assert {m.span.start for m in mentions} <= {0, 16}
    assert {m.span.end for m in mentions} <= {10, 22}


def test_the_version_names_the_model_and_its_hash(tagger, load):
    for part in tagger.version.split("+"):  # a tagger, or a tagger and its datastore
        name, digits = part.split("@")
        assert name
        assert len(digits) == 8
    assert load(1).version == tagger.version
