import numpy as np
import pytest

from metier.data.skillspan import TaggedSentence
from metier.nn.chain import Chain, legal_starts, legal_transitions
from metier.tagging.tagger import Head
from metier.training.calibration import fit_span_calibration, tune_least_probability, tune_outside_bias


class GivenEmissions:
    """Stands in for a tagger: its scores are given."""

    def __init__(self, emissions):
        chain = Chain(legal_transitions(), legal_starts())
        self.heads = {"skill": Head(np.zeros((1, 3)), np.zeros(3), chain, (1.0, 1.0, 0.0, 0.0))}
        self._emissions = [np.array(scores, dtype=np.float32).reshape(-1, 3) for scores in emissions]

    def emissions(self, sentences):
        return {"skill": self._emissions}


def sentence(tags):
    return TaggedSentence(("word",) * len(tags), tuple(tags), None)


def test_the_bias_that_gives_the_best_f1_nearest_to_zero_is_chosen():
    # B leads O by 1 where a span is and by 0.35 where none is: from 0.4 on the false one goes, past 1 both
    tagger = GivenEmissions([[[0, 1, 0]], [[0, 0.35, 0]]])
    assert tune_outside_bias(tagger, [sentence("B"), sentence("O")], ["skill"]) == {"skill": 0.4}


def test_a_perfect_tagger_needs_no_bias():
    tagger = GivenEmissions([[[0, 5, 0]], [[5, 0, 0]]])
    assert tune_outside_bias(tagger, [sentence("B"), sentence("O")], ["skill"]) == {"skill": 0.0}


def test_the_least_probability_that_gives_the_best_f1_is_chosen():
    # B then O scores e^0.5 (e^0.3 + 1) of e^0.5 (e^0.3 + 1 + e^0.2) + e^0.3 + 1: the span (0, 1) has 0.47
    doubtful, sure = [[0, 0.5, -99], [0.3, 0, 0.2]], [[0, 3, -99]]
    wrong = GivenEmissions([doubtful, sure])
    assert tune_least_probability(wrong, [sentence("OO"), sentence("B")], ["skill"]) == {"skill": 0.5}
    # right in one of two: with both F1 is 2 x 2 / (3 + 2), without them 2 x 1 / (1 + 2)
    even = GivenEmissions([doubtful, doubtful, sure])
    assert tune_least_probability(even, [sentence("OO"), sentence("BO"), sentence("B")], ["skill"]) == {"skill": 0.0}


def test_calibration_learns_how_often_spans_are_right():
    # The chain is sure, log-odds 3, and right in 30 of 60; log-odds 1 is right in 6 of 60
    tagger = GivenEmissions([[[0, 3, -9]], [[0, 1, -9]]] * 60)
    right = [ok for n in range(60) for ok in (n % 2 == 0, n % 10 == 0)]
    dev = [sentence("B" if ok else "O") for ok in right]
    coefficients, errors = fit_span_calibration(tagger, dev, ["skill"])
    head = tagger.heads["skill"]
    fitted = Head(head.weight, head.bias, head.chain, coefficients["skill"])
    sure, unsure = (1 / (1 + np.exp(-log_odds)) for log_odds in (3, 1))
    assert fitted.calibrate(sure, 1) == pytest.approx(0.5, abs=0.01)
    assert fitted.calibrate(unsure, 1) == pytest.approx(0.1, abs=0.01)
    assert errors["skill"]["n_spans"] == 120
    assert errors["skill"]["ece_before"] > 0.4
    assert errors["skill"]["ece_after"] < 0.01
    assert errors["skill"]["ece_after_cross_fitted"] < 0.1


def test_a_calibrated_probability_rises_with_the_raw_one_even_where_dev_says_otherwise():
    # The surer of two is right less often: 6 of 60 against 30 of 60
    tagger = GivenEmissions([[[0, 3, -9]], [[0, 1, -9]]] * 60)
    right = [ok for n in range(60) for ok in (n % 10 == 0, n % 2 == 0)]
    coefficients, _ = fit_span_calibration(tagger, [sentence("B" if ok else "O") for ok in right], ["skill"])
    head = tagger.heads["skill"]
    fitted = Head(head.weight, head.bias, head.chain, coefficients["skill"])
    probabilities = [fitted.calibrate(p, 1) for p in (0.1, 0.5, 0.73, 0.95, 0.99)]
    assert probabilities == sorted(probabilities)


@pytest.mark.parametrize("n_right", [0, 4, 56, 60])
def test_too_few_right_or_wrong_spans_leave_probabilities_as_they_are(n_right):
    tagger = GivenEmissions([[[0, 3, -9]]] * 60)
    dev = [sentence("B" if n < n_right else "O") for n in range(60)]
    coefficients, errors = fit_span_calibration(tagger, dev, ["skill"])
    assert coefficients == {"skill": (1.0, 1.0, 0.0, 0.0)}
    assert errors == {"skill": {"n_spans": 60}}


def test_a_tagger_that_finds_nothing_is_no_error():
    tagger = GivenEmissions([[[9, 0, 0]], []])
    coefficients, errors = fit_span_calibration(tagger, [sentence("B"), sentence("")], ["skill"])
    assert coefficients == {"skill": (1.0, 1.0, 0.0, 0.0)}
    assert errors == {"skill": {"n_spans": 0}}
