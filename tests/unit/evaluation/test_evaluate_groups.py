import pytest

from metier.evaluation.groups import evaluate_groups, majority

GOLD = ["S1", "S1", "S1", "K06"]


def test_figures_of_one_guess_by_hand():
    report = evaluate_groups(GOLD, ["S1", "S1", "K06", "K99"]).to_dict()
    # S1: 2 hits, 2 guesses, 3 true: 4/5; K06: 0; K99: 0; weighted 3/4 * 4/5, unweighted over three classes
    assert report["weighted_f1"] == pytest.approx(0.6)
    assert report["macro_f1"] == pytest.approx(0.8 / 3)
    assert report["accuracy"] == pytest.approx(0.5)
    assert report["classes"]["S1"] == {"n_true": 3, "n_guessed": 2, "f1": pytest.approx(0.8)}
    assert sorted(report["classes"]) == ["K06", "K99", "S1"]


def test_repeats_are_averaged_and_their_spread_is_told():
    report = evaluate_groups(GOLD, GOLD, ["S1", "S1", "K06", "K99"])
    assert report.n_repeats == 2
    assert report.figures["accuracy"].value == pytest.approx((1 + 0.5) / 2)
    assert report.deviations["accuracy"] == pytest.approx(0.25)
    assert {one.code: one.n_true for one in report.classes} == {"S1": 3, "K06": 1, "K99": 0}


def test_the_interval_holds_the_figure_and_hangs_on_the_seed_only():
    gold, guessed = GOLD * 20, ["S1", "S1", "K06", "K06"] * 20
    first = evaluate_groups(gold, guessed, seed=3).to_dict()
    low, high = first["intervals"]["weighted_f1"]
    assert low < first["weighted_f1"] < high
    assert first == evaluate_groups(gold, guessed, seed=3).to_dict()


def test_no_spans():
    assert evaluate_groups([], []).to_dict()["weighted_f1"] == 0


def test_the_majority_class_and_of_ties_the_first():
    assert majority(["S2", "S1", "S2"]) == "S2"
    assert majority(["S2", "S1"]) == "S1"
