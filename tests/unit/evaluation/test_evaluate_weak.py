import json

import pytest

from metier.data.skillspan import TaggedSentence
from metier.domain import Mention, Span
from metier.evaluation.weak import THRESHOLDS, evaluate_weak, measure_method

# "lead teams and know Java" with a skill "lead teams" and the knowledge "Java"; "we bake" with none
SENTENCES = [
    TaggedSentence(("lead", "teams", "and", "know", "Java"), tuple("BIOOO"), tuple("OOOOB")),
    TaggedSentence(("we", "bake"), tuple("OO"), tuple("OO")),
]


class TableTagger:
    """Finds what it is told, by text."""

    version = "table@0"

    def __init__(self, **mentions):
        self.mentions = mentions

    def tag(self, texts, *, words=None):
        return [self.mentions.get(text.split()[0], []) for text in texts]


def mention(start, end, kind, probability):
    return Mention(Span(start, end), "", kind, probability)


TAGGER = TableTagger(
    lead=[mention(0, 4, "skill", 0.5), mention(20, 24, "knowledge", 0.9)], we=[mention(3, 7, "skill", 0.3)]
)


def test_each_threshold_keeps_what_is_above_it():
    low, middle, high = evaluate_weak(TAGGER, SENTENCES, thresholds=[None, 0.3, 0.9])
    # all: "lead", "Java", "bake" against "lead teams", "Java": 1 of 3 and 1 of 2 strict; loose 2 of 3 and 2 of 2
    assert (low.strict.precision, low.strict.recall) == pytest.approx((1 / 3, 1 / 2))
    assert (low.loose.precision, low.loose.recall) == pytest.approx((2 / 3, 1))
    assert (low.n_predicted, low.n_gold) == (3, 2)
    assert middle.strict.f1 == pytest.approx(0.5)  # "bake", at 0.3, is gone
    assert middle.loose.f1 == 1
    assert high.n_predicted == 0
    assert high.strict.f1 == 0


def test_typed_figures_tell_the_layers_apart():
    [figures] = evaluate_weak(TAGGER, SENTENCES, thresholds=[None])
    assert figures.typed["knowledge"].f1 == 1
    assert figures.typed["skill"].f1 == 0
    # pooled: 1 right of 3 found, 1 of 2 gold: 2 (1/3) (1/2) / (5/6) = 0.4
    assert figures.typed["pooled"].f1 == pytest.approx(0.4)


def test_merged_knowledge_inside_a_skill_disappears():
    sentence = TaggedSentence(("teach", "SQL"), tuple("BI"), tuple("OB"))
    both = TableTagger(teach=[mention(0, 9, "skill", 1.0), mention(6, 9, "knowledge", 1.0)])
    [figures] = evaluate_weak(both, [sentence], thresholds=[None])
    assert (figures.n_gold, figures.n_predicted, figures.strict.f1) == (1, 1, 1.0)
    assert figures.typed["pooled"].recall == 1


def test_a_layer_without_gold_is_scored_as_merged_only():
    sentence = TaggedSentence(("plan",), ("B",), None)
    [figures] = evaluate_weak(TableTagger(plan=[mention(0, 4, "knowledge", 1.0)]), [sentence], thresholds=[None])
    assert figures.strict.f1 == 1  # kinds do not count where layers are merged
    assert set(figures.typed) == {"skill", "pooled"}


def test_the_threshold_is_the_best_of_this_file_or_of_others():
    report = measure_method(TAGGER, SENTENCES, tuning=[SENTENCES[1]], thresholds=THRESHOLDS)
    assert report.best.above == 0.5  # "Java" alone: 1 of 1, 1 of 2: 2/3
    assert report.best.strict.f1 == pytest.approx(2 / 3)
    assert report.tuned.above == 0.0  # nothing is right there, whatever the threshold
    assert [one.above for one in report.by_threshold] == list(THRESHOLDS)


def test_a_method_without_thresholds_has_one_row():
    report = measure_method(TAGGER, SENTENCES, tuning=SENTENCES, thresholds=[None])
    assert (report.tuned, report.by_threshold) == (None, ())
    assert json.loads(json.dumps(report.to_dict()))["best"]["strict"]["recall"] == 0.5


def test_no_sentences_give_zeros():
    [figures] = evaluate_weak(TAGGER, [], thresholds=[None])
    assert (figures.strict.f1, figures.loose.f1, figures.n_gold, figures.typed) == (0, 0, 0, {})
