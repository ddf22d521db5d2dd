import json
from dataclasses import replace

import numpy as np
import pytest

from metier.evaluation.linker_comparison import LinkerRun, compare_linkers
from metier.evaluation.linking_outcomes import LinkingOutcomes


def outcomes(first_ranks, *, n_without_label=0):
    """Every query has one answer, at this rank; 0: it was not found. Sentences, rows and spans are alike."""
    marks = np.zeros((len(first_ranks), 32), dtype=np.bool_)
    for row, rank in zip(marks, first_ranks, strict=True):
        if rank:
            row[rank - 1] = True
    ones = np.ones(len(marks), dtype=np.int64)
    rows = np.concatenate([marks, np.zeros((n_without_label, 32), dtype=np.bool_)])
    return LinkingOutcomes(
        sentences=marks,
        n_sentence_labels=ones,
        n_without_label=n_without_label,
        rows=rows,
        has_label=np.arange(len(rows)) < len(marks),
        abstains=np.zeros(len(rows), dtype=np.bool_),
        probabilities=np.full(len(rows), 0.5),
        spans=marks,
        n_span_labels=ones,
        n_not_verbatim=0,
        unknown_labels=(),
    )


def run(**by_set):
    return LinkerRun(
        version="some@0", calibrated=True, outcomes=by_set, mentions_per_s=200.0, peak_rss_mb=50.0, size_mb=3.0
    )


RUNS = {
    "good": run(a=outcomes([1, 1, 2]), b=outcomes([1], n_without_label=4)),
    "bad": run(a=outcomes([1, 0, 4]), b=outcomes([2], n_without_label=4)),
}


def test_sets_are_reported_apart_and_pooled_over_rows():
    sets = compare_linkers(RUNS, n_resamples=50).reports["good"]
    assert list(sets) == ["a", "b", "pooled"]
    acc = {name: report.every_row.figures["acc@1"].value for name, report in sets.items()}
    # rows, not sets, are averaged: (2 + 1) of (3 + 5)
    assert acc == pytest.approx({"a": 2 / 3, "b": 1 / 5, "pooled": 3 / 8})
    assert sets["pooled"].linkable.n == 4


def test_each_linker_is_compared_with_the_first_query_by_query():
    differences = compare_linkers(RUNS, n_resamples=200).differences
    assert list(differences) == ["bad"]
    pooled = differences["bad"]["pooled"]
    # Acc@1 3/8 against 1/8; Acc@32 4/8 against 3/8; sentences: (1 + 1 + 1/2 + 1) / 4 against (1 + 0 + 1/4 + 1/2) / 4
    assert pooled["mention acc@1"].difference == pytest.approx(2 / 8)
    assert pooled["mention acc@32"].difference == pytest.approx(1 / 8)
    assert pooled["sentence mrr"].difference == pytest.approx(1.75 / 4)
    assert pooled["mention acc@1"].interval.low <= 2 / 8 <= pooled["mention acc@1"].interval.high
    assert all(0 < found.p_value <= 1 for sets in differences["bad"].values() for found in sets.values())


def test_a_linker_does_not_differ_from_itself():
    found = compare_linkers({"one": RUNS["good"], "same": RUNS["good"]}, n_resamples=50).differences["same"]
    assert all((one.difference, one.p_value) == (0, 1) for sets in found.values() for one in sets.values())


def test_one_set_is_not_pooled_and_one_linker_has_no_difference():
    comparison = compare_linkers({"only": run(a=outcomes([1, 3]))}, n_resamples=20)
    assert list(comparison.reports["only"]) == ["a"]
    assert comparison.differences == {}
    assert comparison.widest["only"].every_row.n == 2


def test_json_holds_cost_figures_and_one_curve_per_linker():
    figures = json.loads(json.dumps(compare_linkers(RUNS, n_resamples=20).to_dict()))
    good = figures["linkers"]["good"]
    assert (good["ms_per_mention"], good["mentions_per_s"], good["size_mb"]) == (5.0, 200.0, 3.0)
    abstentions = {name: report["mention"]["abstention"] for name, report in good["sets"].items()}
    assert [name for name, found in abstentions.items() if "points" in found] == ["pooled"]
    assert abstentions["a"]["aurc"] == pytest.approx(1 / 3)  # equal probabilities: the share of wrong ones
    assert set(figures["first_minus"]["bad"]["a"]["mention acc@1"]) == {"difference", "interval", "p_value"}


def test_no_queries_at_all_are_zeros():
    empty = run(a=outcomes([]))
    comparison = compare_linkers({"one": empty, "two": replace(empty, version="other@0")}, n_resamples=10)
    assert comparison.reports["one"]["a"].abstention.aurc.value == 0
    assert comparison.differences["two"]["a"]["mention acc@1"].difference == 0
