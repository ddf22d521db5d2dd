import json

import pytest

from metier.data.skillspan import TaggedSentence
from metier.domain import Mention, Span
from metier.errors import InputError
from metier.evaluation.comparison import compare_taggers

SENTENCES = [TaggedSentence((f"w{i}", "x"), ("B", "O"), ("O", "O")) for i in range(30)]


class FirstWordTagger:
    """Tags the first word of the first sentences."""

    version = "first@0"

    def __init__(self, n_right):
        self.n_right = n_right

    def tag(self, texts, *, words=None):
        found = [Mention(Span(0, len(text) - 2), text[:-2], "skill", 0.5) for text in texts]
        return [[mention] if i < self.n_right else [] for i, mention in enumerate(found)]


def test_layers_are_compared_and_pooled():
    compared = compare_taggers([FirstWordTagger(30)], [FirstWordTagger(15)], sentences=SENTENCES)
    assert list(compared) == ["skill", "knowledge", "pooled"]
    skill = compared["skill"]
    # all of 30, and 15 right of 15: 2 * 15 / (15 + 30)
    assert (skill.first, skill.second) == ([1], [pytest.approx(2 / 3)])
    assert skill.bootstrap.difference == pytest.approx(1 / 3)
    assert skill.bootstrap.interval.low > 0
    assert skill.bootstrap.p_value < 0.01
    assert skill.order is None
    assert compared["knowledge"].bootstrap.p_value == 1  # neither finds any


def test_several_runs_are_averaged_and_ordered():
    first, second = [FirstWordTagger(30), FirstWordTagger(28)], [FirstWordTagger(3), FirstWordTagger(2)]
    n_steps = []
    compared = compare_taggers(first, second, sentences=SENTENCES, n_resamples=50, progress=lambda: n_steps.append(1))
    figures = compared["pooled"].to_dict()
    assert len(n_steps) == 4
    # 1 and 56/58 against 6/33 and 4/32
    expected = (1 + 56 / 58) / 2 - (6 / 33 + 4 / 32) / 2
    assert figures["difference"] == pytest.approx(expected)
    assert figures["stochastic_order"] == {"violation": 0, "bound": 0}
    assert json.loads(json.dumps(figures)) == figures


def test_turning_the_sides_turns_the_sign():
    there = compare_taggers([FirstWordTagger(9)], [FirstWordTagger(20)], sentences=SENTENCES)["skill"].bootstrap
    back = compare_taggers([FirstWordTagger(20)], [FirstWordTagger(9)], sentences=SENTENCES)["skill"].bootstrap
    assert there.difference == pytest.approx(-back.difference)
    assert there.interval.low == pytest.approx(-back.interval.high, abs=0.05)


def test_no_sentences_are_refused():
    with pytest.raises(InputError, match="no sentences"):
        compare_taggers([FirstWordTagger(1)], [FirstWordTagger(1)], sentences=[])
