"""Two projects, four profiles; every figure is worked out by hand."""

import json
from dataclasses import replace
from math import isnan, log2

import numpy as np
import pytest

from metier.domain import Facts, Profile, Project
from metier.errors import InputError
from metier.evaluation.retrieval import MEASURES, RetrievalRun, RetrievalTask, evaluate_retriever, report_runs
from metier.evaluation.retrieval_comparison import COMPARED, compare_runs


def columns(*numbers):
    return np.array(numbers, dtype=np.int64)


PROFILES = [
    Profile("a", facts=Facts(category="Data"), language="fr"),
    Profile("b", facts=Facts(category="data"), language="en"),
    Profile("c", facts=Facts(category="design"), language="en"),
    Profile("d", language=None),
]
PROJECTS = [
    Project("p", facts=Facts(category="data"), language="fr"),
    Project("q"),  # nothing is known of it
]
TASK = RetrievalTask(
    name="small",
    projects=PROJECTS,
    profiles=PROFILES,
    positives=[columns(0, 1), columns()],
    negatives=[columns(2), columns(3)],
    asked=[frozenset({"sql", "café"}), frozenset()],
    offered=[frozenset({"sql"}), frozenset({"sql", "café"}), frozenset(), frozenset({"🎨"})],
    truth=np.array([[1.0, 0.8, 0.2, 0.7], [0, 0, 0, 0]], dtype=np.float32),
)
SIMILARITIES = {"p": [0.5, 0.9, 0.7, 0.1], "q": [0.0, 0.0, 0.0, 0.0]}


class Table:
    """Knows the similarities by heart."""

    def __init__(self, rows=SIMILARITIES):
        self.rows = rows
        self.blocks = []

    def compare(self, projects):
        self.blocks.append(len(projects))
        return np.array([self.rows[project.id] for project in projects], dtype=np.float32)

    def retrieve(self, projects, *, k, where=()):
        raise NotImplementedError


def points_of(run, row=0):
    return dict(zip(MEASURES, run.points[row].tolist(), strict=True))


def test_every_measure_of_a_project_is_the_one_worked_out_by_hand():
    # found: b .9, c .7, a .5, d .1; positives .5 and .9, negative .7
    points = points_of(evaluate_retriever(Table(), TASK))
    best = 1 + 0.8 / log2(3) + 0.7 / 2 + 0.2 / log2(5)
    gained = 0.8 + 0.2 / log2(3) + 1.0 / 2 + 0.7 / log2(5)
    assert points == pytest.approx(
        {
            "recall_single": 1 / 2,
            "recall_all": 0,  # (.5 + .9) / 2 = .7 is not above .7
            "auc": 1 / 2,
            "retrieved_positives@100": 1,
            "retrieved_negatives@100": 1,
            "category@10": 2 / 4,
            "category@100": 2 / 4,
            "skills@10": (2 + 0 + 1 + 0) / (2 * 4),
            "skills@100": (2 + 0 + 1 + 0) / (2 * 4),
            "recall@10": 1,  # a, b and d fit
            "recall@100": 1,
            "ndcg@10": gained / best,
            "ndcg@100": gained / best,
            "mrr": 1,
            "same_language@100": 1,  # a
            "other_language@100": 1,  # b; nobody knows what d writes in
        },
        abs=1e-6,
    )


def test_a_project_of_which_nothing_is_known_is_left_out_of_every_mean_but_one():
    run = evaluate_retriever(Table(), TASK)
    points = points_of(run, row=1)
    assert {name for name, value in points.items() if not isnan(value)} == {"retrieved_negatives@100"}
    figures = report_runs([run]).views["all"]
    assert figures["retrieved_negatives@100"].n_projects == 2
    assert figures["auc"].n_projects == 1
    assert figures["positives_to_negatives@100"].n_projects == 1


def test_depth_counts_only_the_first_ten_and_hundred():
    profiles = [Profile(str(number), language="en") for number in range(150)]
    task = RetrievalTask(
        name="wide",
        projects=[Project("p", language="fr")],
        profiles=profiles,
        positives=[columns(5, 50, 120)],
        negatives=[columns(149)],
        asked=[frozenset({"x"})],
        offered=[frozenset({"x"} if number < 5 else ()) for number in range(150)],
        truth=np.eye(1, 150, 11, dtype=np.float32),
    )
    points = points_of(evaluate_retriever(Table({"p": np.arange(150, 0, -1)}), task))
    assert points["retrieved_positives@100"] == pytest.approx(2 / 3)
    assert points["retrieved_negatives@100"] == 0
    assert (points["skills@10"], points["skills@100"]) == pytest.approx((5 / 10, 5 / 100))
    assert (points["recall@10"], points["recall@100"], points["mrr"]) == pytest.approx((0, 1, 1 / 12))
    assert isnan(points["same_language@100"])
    assert points["other_language@100"] == 1


def test_ties_are_broken_by_chance_and_not_by_the_order_of_the_file():
    profiles = [Profile(str(number)) for number in range(2000)]
    task = replace(
        TASK,
        projects=PROJECTS[:1],
        profiles=profiles,
        positives=[columns(*range(100))],
        offered=[frozenset()] * 2000,
        truth=None,
    )
    alike = Table({"p": [0.0] * 2000})
    points = points_of(evaluate_retriever(alike, task, seed=3))
    assert 0 < points["retrieved_positives@100"] < 0.2  # 1 for the order of the file; .05 is expected
    assert points == pytest.approx(points_of(evaluate_retriever(alike, task, seed=3)), nan_ok=True)


def test_without_truth_its_measures_are_not_there():
    figures = report_runs([evaluate_retriever(Table(), replace(TASK, truth=None))]).views["all"]
    assert "ndcg@100" not in figures
    assert "other_to_same_language@100" not in figures
    assert "auc" in figures


def test_projects_are_compared_in_blocks_and_counted_once_each():
    task = replace(
        TASK,
        projects=[PROJECTS[0]] * 130,
        positives=[columns()] * 130,
        negatives=[columns()] * 130,
        asked=[frozenset()] * 130,
        truth=None,
    )
    table, seen = Table(), []
    run = evaluate_retriever(table, task, progress=lambda: seen.append(1))
    assert table.blocks == [64, 64, 2]
    assert len(seen) == len(run.points) == 130


def test_a_retriever_of_other_profiles_is_refused():
    with pytest.raises(InputError, match=r"with 3 profiles, and small has 4"):
        evaluate_retriever(Table({"p": [1, 2, 3], "q": [1, 2, 3]}), TASK)


@pytest.mark.parametrize("nothing", [{"projects": []}, {"profiles": []}])
def test_a_task_without_projects_or_profiles_is_refused(nothing):
    with pytest.raises(InputError, match="no projects or no profiles"):
        evaluate_retriever(Table(), replace(TASK, **nothing))


def run_of(values, *, measure="ndcg@100", languages=None):
    points = np.full((len(values), len(MEASURES)), np.nan)
    points[:, MEASURES.index(measure)] = values
    return RetrievalRun(points=points, languages=languages or ("en",) * len(values), seconds=len(values))


def test_report_averages_projects_over_tasks_and_says_how_far_the_tasks_are_apart():
    report = report_runs([run_of([0.2, 0.4, np.nan]), run_of([0.9])])
    figure = report.views["all"]["ndcg@100"]
    assert figure.mean == pytest.approx((0.2 + 0.4 + 0.9) / 3)
    assert figure.n_projects == 3
    assert figure.interval.low <= figure.mean <= figure.interval.high
    written = json.loads(json.dumps(report.to_dict()))
    assert [task["ndcg@100"] for task in written["tasks"]] == pytest.approx([0.3, 0.9])
    assert written["deviation"] == {"ndcg@100": pytest.approx(0.6 / 2**0.5)}  # of .3 and .9, with n - 1
    assert written["seconds_per_project"] == pytest.approx((3 * 3 + 1 * 1) / 4)


def test_report_has_a_view_for_each_language():
    views = report_runs([run_of([0.2, 0.4, 0.6], languages=("fr", None, "fr"))]).views
    assert list(views) == ["all", "language fr"]
    assert views["language fr"]["ndcg@100"].mean == pytest.approx(0.4)


def test_the_ratio_is_that_of_the_means_over_projects_that_have_both():
    points = np.full((3, len(MEASURES)), np.nan)
    points[:, MEASURES.index("retrieved_positives@100")] = [0.5, 0.3, 0.9]
    points[:, MEASURES.index("retrieved_negatives@100")] = [0.0, 0.4, np.nan]
    run = RetrievalRun(points=points, languages=(None,) * 3, seconds=0)
    figure = report_runs([run]).views["all"]["positives_to_negatives@100"]
    assert (figure.mean, figure.n_projects) == (pytest.approx(0.8 / 0.4), 2)


def test_a_measure_that_one_project_of_many_has_gets_an_interval_all_the_same():
    figure = report_runs([run_of([0.5] + [np.nan] * 200)]).views["all"]["ndcg@100"]
    assert (figure.mean, figure.interval.low, figure.interval.high) == (0.5, 0.5, 0.5)


def test_the_difference_to_the_baseline_is_paired_by_project():
    generator = np.random.default_rng(4)
    base = generator.random(200)
    runs = {"base": [run_of(base)], "better": [run_of(base + 0.01)], "same": [run_of(base)]}
    comparison = compare_runs(runs, baseline="base")
    better = comparison.differences["better"]["ndcg@100"]
    # every project gains .01: far below the spread of projects, and yet sure
    assert better.difference == pytest.approx(0.01)
    assert (better.interval.low, better.interval.high) == pytest.approx((0.01, 0.01))
    assert better.p_value < 0.01
    assert comparison.differences["same"]["ndcg@100"].p_value == 1
    assert set(comparison.differences) == {"better", "same"}
    assert json.loads(json.dumps(comparison.to_dict()))["baseline"] == "base"


def test_every_compared_measure_is_a_measure():
    assert set(COMPARED) <= set(MEASURES)
