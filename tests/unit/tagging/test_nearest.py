import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.data.skillspan import TaggedSentence
from metier.domain import Mention, Span
from metier.errors import InputError, ModelError
from metier.tagging.datastore import Datastore, Vote
from metier.tagging.datastore_build import build_datastore, sentence_tags
from metier.tagging.nearest import NearestTagger, corrected, reweighed, vote_shares
from metier.tagging.tagger import NeuralTagger
from metier.text.words import words as words_of

pytest.importorskip("faiss")

TEXTS = ["You know Python, C++ and SQL well.", "", "write some Rust 👍 and é", "x", "a few words here and there"]


def words(text):
    return tuple(text[word.start : word.end] for word in words_of(text))


def sentence(text, skill=(), knowledge=()):
    """Tag the words that are named, each as a span of its own."""
    layers = [tuple("B" if word in marked else "O" for word in words(text)) for marked in (skill, knowledge)]
    return TaggedSentence(words(text), *layers)


TRAINING = [sentence("You know Python and SQL", knowledge=["SQL"]), sentence("write some code", skill=["write"])]


@pytest.fixture(scope="module")
def tagger(tiny_tagger):
    return NeuralTagger.load(tiny_tagger, threads=1)


@pytest.fixture
def nearest(tagger):
    """With a vote that is heavy enough to be seen."""
    store = build_datastore(tagger, {"one": TRAINING}, n_kept=8)
    store.vote = Vote(n_neighbours=3, temperature=0.5, weight=0.6)
    return NearestTagger(tagger, store)


def spans(mentions):
    return [(mention.kind, mention.text) for mention in mentions]


def slow_votes(distances, tags, temperature):
    shares = []
    for near, marked in zip(distances, tags, strict=True):
        sums = [0.0, 0.0, 0.0]
        for distance, tag in zip(near, marked, strict=True):
            if tag >= 0 and math.isfinite(distance):
                sums[tag] += math.exp(-float(distance) / temperature)
        shares.append([part / sum(sums) if sum(sums) else 0.0 for part in sums])
    return np.array(shares)


@settings(deadline=None, max_examples=50)
@given(data=st.data(), n=st.integers(1, 4), k=st.integers(1, 9), temperature=st.sampled_from([0.1, 1.0, 10.0]))
def test_votes_are_those_of_a_slow_loop_and_sum_to_one(data, n, k, temperature):
    near = st.one_of(st.floats(0, 4, width=32), st.just(math.inf))
    distances = np.array(data.draw(st.lists(near, min_size=n * k, max_size=n * k)), dtype=np.float32).reshape(n, k)
    tags = np.array(data.draw(st.lists(st.integers(-1, 2), min_size=n * k, max_size=n * k)), dtype=np.int8)
    shares = vote_shares(distances, tags.reshape(n, k), temperature=temperature)
    assert shares == pytest.approx(slow_votes(distances, tags.reshape(n, k), temperature), abs=1e-9)
    votes = ((tags.reshape(n, k) >= 0) & np.isfinite(distances)).any(axis=1)
    assert shares.sum(axis=1) == pytest.approx(votes.astype(float))


def test_a_vote_by_hand():
    # weights 1, 1/2, 1/4 at T = 1: two for B, one for O; the fourth has no gold
    distances = np.array([[0, math.log(2), math.log(4), 0]], dtype=np.float32)
    shares = vote_shares(distances, np.array([[1, 0, 1, -1]], dtype=np.int8), temperature=1.0)
    assert shares == pytest.approx(np.array([[0.5 / 1.75, 1.25 / 1.75, 0.0]]), abs=1e-6)


def test_distant_neighbours_vote_at_the_lowest_temperature():
    shares = vote_shares(np.full((1, 2), 4e3, dtype=np.float32), np.array([[1, 2]], dtype=np.int8), temperature=0.1)
    assert shares.tolist() == [[0.0, 0.5, 0.5]]


def test_the_mixture_of_one_word_is_what_a_softmax_would_decode():
    own = np.array([[0.7, 0.2, 0.1]])
    scores = reweighed(np.log(own).astype(np.float32), np.array([[0.0, 1.0, 0.0]]), weight=0.5)
    # 0.5 (0.7, 0.2, 0.1) + 0.5 (0, 1, 0) = (0.35, 0.6, 0.05)
    assert np.exp(scores) == pytest.approx(np.array([[0.35, 0.6, 0.05]]), rel=1e-5)


def test_scores_that_are_no_log_probabilities_keep_their_constant():
    # softmax(2, 2, 2) = (1/3, 1/3, 1/3); 0.25 (1, 0, 0) + 0.75 / 3 = (0.5, 0.25, 0.25), so ln 1.5, ln 0.75 on top of 2
    scores = reweighed(np.full((1, 3), 2, dtype=np.float32), np.array([[1.0, 0.0, 0.0]]), weight=0.25)
    assert scores - 2 == pytest.approx(np.log([[1.5, 0.75, 0.75]]), abs=1e-5)


def test_without_weight_or_votes_the_scores_are_the_same_digit_for_digit():
    draw = np.random.default_rng(2)
    scores = draw.normal(scale=9, size=(50, 3)).astype(np.float32)
    assert np.array_equal(reweighed(scores, draw.dirichlet([1, 1, 1], size=50), weight=0.0), scores)
    assert np.array_equal(reweighed(scores, np.zeros((50, 3)), weight=0.9), scores)
    certain = np.array([[99.0, -99.0, -99.0]], dtype=np.float32)
    assert np.isfinite(reweighed(certain, np.array([[0.0, 0.0, 1.0]]), weight=1.0)).all()


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 999), weight=st.floats(0, 1))
def test_the_mixture_sums_to_one(seed, weight):
    draw = np.random.default_rng(seed)
    scores = draw.normal(scale=3, size=(8, 3)).astype(np.float32)
    mixed = np.exp(reweighed(scores, draw.dirichlet([1, 1, 1], size=8), weight=weight).astype(np.float64))
    normaliser = np.exp(scores.astype(np.float64)).sum(axis=1)
    assert mixed.sum(axis=1) / normaliser == pytest.approx(np.ones(8), rel=1e-4)


def test_weight_zero_gives_the_taggers_own_answer(nearest, tagger):
    nearest.datastore.vote = Vote(weight=0.0)
    assert nearest.tag(TEXTS) == tagger.tag(TEXTS)


def test_an_empty_store_gives_the_taggers_own_answer(tagger):
    assert NearestTagger(tagger, build_datastore(tagger, {})).tag(TEXTS) == tagger.tag(TEXTS)


def test_with_all_the_weight_training_sentences_come_back_as_they_were_tagged(nearest, tagger):
    nearest.datastore.vote = Vote(n_neighbours=1, temperature=0.1, weight=1.0)
    right = [[("knowledge", "SQL")], [("skill", "write")]]
    texts = [" ".join(some.words) for some in TRAINING]
    assert [spans(found) for found in nearest.tag(texts)] == right
    assert [spans(found) for found in tagger.tag(texts)] != right


def test_a_layer_without_gold_does_not_vote_and_stays_the_taggers_own(tagger):
    store = build_datastore(tagger, {"one": [replace(some, knowledge=None) for some in TRAINING]}, n_kept=8)
    store.vote = Vote(n_neighbours=3, temperature=1.0, weight=0.9)
    found, own = NearestTagger(tagger, store).tag(TEXTS), tagger.tag(TEXTS)
    assert found != own
    for some, others in zip(found, own, strict=True):
        assert [m for m in some if m.kind == "knowledge"] == [m for m in others if m.kind == "knowledge"]


@settings(max_examples=15, deadline=None)
@given(texts=st.lists(st.text("abz PYC+#.,é👍\n", max_size=40), max_size=4))
def test_batch_and_order_change_nothing(tagger, texts):
    store = build_datastore(tagger, {"one": TRAINING}, n_kept=8)
    nearest = NearestTagger(tagger, store)
    together = nearest.tag(texts)
    assert together == [nearest.tag([text])[0] for text in texts]
    assert together == nearest.tag(texts[::-1])[::-1]


def test_spans_point_into_the_text(nearest):
    for text, mentions in zip(TEXTS, nearest.tag(TEXTS), strict=True):
        for mention in mentions:
            assert text[mention.span.start : mention.span.end] == mention.text != ""
            assert 0 <= mention.probability <= 1


def test_a_correction_that_adds_a_span_takes_effect_at_once_and_its_removal_restores_every_digit(nearest):
    before = nearest.tag(TEXTS)
    right = sentence(TEXTS[0], knowledge=["Python", "C++"])
    assert spans(before[0]) != [("knowledge", "Python"), ("knowledge", "C++")]
    entry = nearest.add(right)
    after = nearest.tag(TEXTS)
    assert spans(after[0]) == [("knowledge", "Python"), ("knowledge", "C++")]
    assert {mention.probability for mention in after[0]} == {1.0}
    assert after[1:] == before[1:]  # the other sentences, digit for digit
    nearest.remove(entry)
    assert nearest.tag(TEXTS) == before


def test_a_correction_that_removes_all_spans_takes_effect_at_once(nearest):
    before = nearest.tag(TEXTS)
    row = next(i for i, mentions in enumerate(before) if mentions)
    entry = nearest.add(sentence(TEXTS[row]))
    after = nearest.tag(TEXTS)
    assert after[row] == []
    assert [some for i, some in enumerate(after) if i != row] == [some for i, some in enumerate(before) if i != row]
    nearest.remove(entry)
    assert nearest.tag(TEXTS) == before


def test_of_two_corrections_the_newer_one_counts_until_it_is_removed(nearest):
    older = nearest.add(sentence(TEXTS[0], skill=["know"]))
    newer = nearest.add(sentence(TEXTS[0], skill=["well"]))
    assert newer > older
    assert spans(nearest.tag(TEXTS[:1])[0]) == [("skill", "well")]
    nearest.remove(newer)
    assert spans(nearest.tag(TEXTS[:1])[0]) == [("skill", "know")]


def test_a_number_is_never_given_twice(nearest):
    entry = nearest.add(sentence(TEXTS[0]))
    nearest.remove(entry)
    assert nearest.add(sentence(TEXTS[0])) > entry >= len(TRAINING)


def test_a_correction_of_one_layer_leaves_the_other_alone(nearest):
    before = nearest.tag(TEXTS[:1])[0]
    nearest.add(replace(sentence(TEXTS[0], skill=["well"]), knowledge=None))
    after = nearest.tag(TEXTS[:1])[0]
    assert [m for m in after if m.kind == "knowledge"] == [m for m in before if m.kind == "knowledge"]
    assert [m.text for m in after if m.kind == "skill"] == ["well"]


def test_corrected_spans_of_several_words_cover_the_text_between(nearest):
    text = "You know  Python, C++"  # the two spaces are the text's own
    tags = ("O", "B", "I", "O", "B")
    nearest.add(TaggedSentence(words(text), tags, ("O",) * 5))
    assert spans(nearest.tag([text])[0]) == [("skill", "know  Python"), ("skill", "C++")]


def test_an_inside_without_a_beginning_begins_a_span():
    tags = TaggedSentence(("a", "b"), ("O", "I"), None)
    kept = Mention(Span(0, 1), "a", "knowledge", 0.5)
    [skill] = [m for m in corrected([kept], tags, text="a b", words=[Span(0, 1), Span(2, 3)]) if m.kind == "skill"]
    assert (skill.text, skill.probability) == ("b", 1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        TaggedSentence((), (), ()),
        TaggedSentence(("a", "b"), None, None),
        TaggedSentence(("a", "b"), ("O",), None),
    ],
)
def test_a_correction_that_does_not_fit_its_words_is_refused(nearest, wrong):
    with pytest.raises(InputError, match="A corrected sentence"):
        nearest.add(wrong)


def test_a_removed_training_sentence_votes_no_more(nearest):
    nearest.datastore.vote = Vote(n_neighbours=1, temperature=0.1, weight=1.0)
    assert ("skill", "write") in spans(nearest.tag(["write some code"])[0])
    nearest.remove(1)
    assert nearest.datastore.n_keys == 5
    assert ("skill", "write") not in spans(nearest.tag(["write some code"])[0])
    for gone in (1, 99, -1):
        with pytest.raises(InputError, match=f"no entry {gone}"):
            nearest.remove(gone)


def test_a_store_of_another_tagger_is_refused(tagger):
    store = Datastore("tiny-tagger@00000000", {})
    with pytest.raises(ModelError, match=r"built for the tagger tiny-tagger@00000000, got tiny-tagger@"):
        NearestTagger(tagger, store)


def test_the_version_names_both_and_follows_every_correction(nearest, tagger):
    before = nearest.version
    assert before.startswith(f"{tagger.version}+datastore@")
    entry = nearest.add(sentence(TEXTS[0]))
    assert nearest.version != before
    nearest.remove(entry)
    assert nearest.version == before


def test_the_tags_of_a_sentence_are_repaired_and_missing_layers_marked():
    rows = sentence_tags(TaggedSentence(("a", "b", "c"), None, ("I", "I", "O")))
    assert rows.tolist() == [[-1, 1], [-1, 2], [-1, 0]]
