import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.domain import Mention, Span
from metier.tagging.weak import Found, WeakTagger, without_overlaps
from metier.tagging.weak_encoder import WordEncoder
from metier.tagging.weak_ngrams import NgramFinder, NgramOptions, ngrams
from metier.tagging.weak_skills import SkillVectors, isolated_vectors

VECTORS = {"know": (1, -1), "Java": (1, 0), "well": (-1, 0.2), "plan": (0, 1)}
SKILLS = SkillVectors((("Java",), ("plan",)), ("knowledge", "skill"), np.array([[1, 0], [0, 1]], dtype=np.float32))


class TableEncoder:
    def words(self, sentences):
        return [np.array([VECTORS[word] for word in words], dtype=np.float32).reshape(-1, 2) for words in sentences]

    def phrases(self, phrases, *, pooling):
        rows = np.array(
            [sum(np.array(VECTORS[word]) for word in words) for words in phrases], dtype=np.float32
        ).reshape(-1, 2)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def find(*sentences, **options):
    return NgramFinder(TableEncoder(), SKILLS, options=NgramOptions(**options)).find(
        [sentence.split() for sentence in sentences]
    )


def test_ngrams_are_all_ranges_up_to_the_longest():
    assert ngrams(3, longest=2) == [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]
    assert ngrams(0, longest=4) == []
    assert ngrams(1, longest=4) == [(0, 1)]


@given(st.integers(0, 30), st.integers(1, 8))
def test_ngrams_differ_and_fit(n_words, longest):
    found = ngrams(n_words, longest=longest)
    assert len(set(found)) == len(found) == sum(max(0, n_words - n + 1) for n in range(1, longest + 1))
    assert all(0 <= start < end <= n_words for start, end in found)


@pytest.mark.parametrize("contextual", [True, False])
def test_the_closest_ngram_alone_is_kept(contextual):
    [[found]] = find("know Java well", contextual=contextual)
    assert found == Found(1, 2, "knowledge", pytest.approx(1.0))


def test_a_contextual_candidate_is_the_mean_of_its_words():
    # know + Java = (2, -1): cosine 2 / sqrt(5) to Java, closer than "know" with 1 / sqrt(2)
    [[found]] = find("know Java", contextual=True, longest=2, above=0.5)
    assert found.cosine == pytest.approx(1.0)
    several = NgramFinder(TableEncoder(), SKILLS, options=NgramOptions(contextual=True))
    vectors = TableEncoder().words([["know", "Java"]])
    compared = several._contextual([["know", "Java"]], [[(0, 2)]])
    assert compared[0][0].cosine == pytest.approx(2 / 5**0.5)
    assert vectors[0].mean(axis=0) == pytest.approx([1, -0.5])


def test_the_cosine_is_above_the_threshold_and_not_at_it():
    assert find("Java", above=0.99) != [[]]
    assert find("Java", above=1.0) == [[]]


def test_several_spans_do_not_overlap_and_the_closest_come_first():
    [found] = find("know Java well plan", several=True, above=0.9)
    assert [(one.start, one.end, one.kind) for one in found] == [(1, 2, "knowledge"), (3, 4, "skill")]


def test_sentences_without_words_have_no_span():
    for contextual in (True, False):
        assert find("", contextual=contextual) == [[]]
        assert [len(one) for one in find("", "Java", contextual=contextual)] == [0, 1]
        assert NgramFinder(TableEncoder(), SKILLS, options=NgramOptions(contextual=contextual)).find([]) == []


def test_of_equally_close_ngrams_the_first_and_shortest_is_kept():
    [[found]] = find("Java Java")
    assert (found.start, found.end) == (0, 1)


def test_the_tiny_encoder_finds_a_label_that_stands_in_the_sentence(tiny_runtime):
    encoder = WordEncoder.load(tiny_runtime, threads=1)
    skills = isolated_vectors({("data", "base"): "knowledge", ("abc",): "skill"}, encoder, pooling="first")
    finder = NgramFinder(encoder, skills, options=NgramOptions())
    [[found]] = finder.find([["we", "love", "data", "base", "é", "😀"]])
    assert found == Found(2, 4, "knowledge", pytest.approx(1.0, abs=1e-4))


def test_better_spans_of_a_kind_push_worse_ones_out():
    ranked = [Found(2, 4, "skill"), Found(0, 3, "skill"), Found(3, 4, "knowledge"), Found(0, 2, "skill")]
    assert without_overlaps(ranked) == [Found(0, 2, "skill"), Found(2, 4, "skill"), Found(3, 4, "knowledge")]
    assert without_overlaps(ranked, across_kinds=True) == [Found(0, 2, "skill"), Found(2, 4, "skill")]
    assert without_overlaps([]) == []


def test_a_finder_serves_as_a_tagger():
    class Second:
        def find(self, sentences):
            return [[Found(1, 3, "skill", 0.75)] if len(words) > 2 else [] for words in sentences]

    tagger = WeakTagger(Second(), version="weak-second")
    [[mention], none] = tagger.tag(["Do größe 😀 well", "no"])
    assert mention == Mention(Span(3, 10), "größe 😀", "skill", 0.75)
    assert none == []
    assert tagger.version == "weak-second"
    assert tagger.tag(["a b c"], words=[[Span(0, 1), Span(2, 3), Span(4, 5)]])[0][0].text == "b c"
    assert tagger.tag([]) == []
