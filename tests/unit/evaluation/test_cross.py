import pytest

from metier.data.skillspan import TaggedSentence
from metier.domain import Mention, Span
from metier.evaluation.cross import STORES, cross_data_sets, mean_gain

TARGETS = {name: [TaggedSentence((name, "x"), ("B", "O"), None)] * 4 for name in ("a", "b")}


class ShareTagger:
    """Finds the first word of the first sentences."""

    version = "share@0"

    def __init__(self, n_right):
        self.n_right = n_right

    def tag(self, texts, *, words=None):
        return [
            [Mention(Span(0, 1), text[0], "skill", 0.5)] if i < self.n_right else [] for i, text in enumerate(texts)
        ]


def tagger_for(source, target, store):
    if source == target:
        return ShareTagger(4)
    return ShareTagger({"none": 0, "in-data": 1, "all-data": 4, "all-but-target": 2}[store])


def test_every_tagger_meets_every_set_with_every_store():
    n_steps = []
    figures = cross_data_sets(tagger_for, trained_on=["b", "a"], targets=TARGETS, progress=lambda: n_steps.append(1))
    assert [(one.trained_on, one.target, one.store) for one in figures] == [
        (source, target, store) for source in "ba" for target in "ab" for store in STORES
    ]
    assert len(n_steps) == 16
    # 2 of 4 right: 2 * 2 / (2 + 4)
    [half] = [one for one in figures if (one.trained_on, one.target, one.store) == ("a", "b", "all-but-target")]
    assert half.strict.f1 == pytest.approx(2 / 3)
    assert (half.n_gold, half.n_predicted) == (4, 2)


def test_mean_gain_is_over_pairs_of_different_sets():
    figures = cross_data_sets(tagger_for, trained_on=["a", "b"], targets=TARGETS)
    # on itself a tagger gains nothing, which does not count; on the other 0 -> 1 and 0 -> 2/3
    assert mean_gain(figures, "all-data") == 1
    assert mean_gain(figures, "all-but-target") == pytest.approx(2 / 3)
    assert mean_gain(figures, "none") == 0


def test_no_pair_of_different_sets_has_no_gain():
    figures = cross_data_sets(tagger_for, trained_on=["a"], targets={"a": TARGETS["a"]})
    assert mean_gain(figures, "all-data") is None
