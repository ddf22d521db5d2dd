"""The pictures show the numbers of the reports."""

from xml.etree import ElementTree

import numpy as np
import pytest

from metier.errors import ConfigError, InputError, MissingExtra
from metier.evaluation import plots
from metier.evaluation.linking import report_linking
from metier.evaluation.linking_outcomes import LinkingOutcomes
from metier.evaluation.linking_plots import draw_accuracy, draw_linking, draw_risk
from metier.evaluation.plots import check_picture, save_figure


def report(*, n_rows=100, seed=1, no_candidate=0):
    draw = np.random.default_rng(seed)
    rows = draw.random((n_rows, 32)) < 0.05
    probabilities = draw.random(n_rows).round(2).clip(0.01)
    probabilities[:no_candidate] = 0
    rows[:no_candidate] = False
    return report_linking(
        LinkingOutcomes(
            sentences=rows,
            n_sentence_labels=np.ones(n_rows, dtype=np.int64),
            n_without_label=0,
            rows=rows,
            has_label=rows.any(axis=1),
            abstains=probabilities < 0.4,
            probabilities=probabilities,
            spans=rows,
            n_span_labels=np.ones(n_rows, dtype=np.int64),
            n_not_verbatim=0,
            unknown_labels=(),
        ),
        n_resamples=20,
    )


def line(axes, label):
    [found] = [line for line in axes.get_lines() if str(line.get_label()).startswith(label)]
    return found


def test_risk_is_drawn_from_twenty_concepts_on_to_the_last_candidate():
    some = report(no_candidate=30)
    [axes] = draw_risk({"mine": some}, title="t").axes
    coverage, risk = line(axes, "mine").get_data()
    assert coverage[0] == pytest.approx(20, abs=3)
    assert coverage[-1] == pytest.approx(70)
    at = some.abstention.curve.coverage.tolist().index(coverage[-1] / 100)
    assert risk[-1] == pytest.approx(100 * some.abstention.curve.risk[at])
    assert f"AURC {some.abstention.aurc.value:.3f}" in line(axes, "mine").get_label()


def test_mark_stands_on_the_curve_at_the_linkers_own_threshold():
    some = report()
    [axes] = draw_risk({"mine": some}, title="t").axes
    [mark] = [found for found in axes.get_lines() if len(found.get_xdata()) == 1]
    (x,), (y,) = mark.get_data()
    coverage, risk = line(axes, "mine").get_data()
    place = np.abs(coverage - x).argmin()
    assert (x, y) == pytest.approx((coverage[place], risk[place]))


def test_accuracy_of_every_linker_and_the_published_ones_are_drawn():
    reports = {"one": report(), "two": report(seed=2)}
    figure = draw_accuracy(reports, title="t")
    [axes] = figure.axes
    drawn = {container.get_label(): container.lines[0].get_ydata() for container in axes.containers}
    for name, some in reports.items():
        assert drawn[name] == pytest.approx([100 * some.every_row.figures[f"acc@{k}"].value for k in (1, 4, 8, 16, 32)])
    assert line(axes, "BLINK").get_ydata()[0] == 23.55
    assert line(axes, "GENRE").get_ydata()[-1] == 49.78
    [legend] = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["one", "two", "BLINK, published", "GENRE, published"]


def test_one_linker_has_both_panels_with_its_views_and_thresholds():
    figure = draw_linking(report(), title="mine@0 on rows.csv")
    risk, accuracy = figure.axes
    assert {text.get_text() for text in risk.texts} == {"≥ 0.7", "≥ 0.5", "≥ 0.3", "≥ 0.1"}  # 0.9: too few concepts
    assert len(accuracy.containers) == 3
    assert figure.get_suptitle() == "mine@0 on rows.csv"


def test_more_linkers_than_colours_differ_in_their_lines(tmp_path):
    reports = {str(number): report(n_rows=30, seed=number) for number in range(9)}
    [axes] = draw_risk(reports, title="t").axes
    looks = {(line(axes, f"{name} ").get_color(), line(axes, f"{name} ").get_linestyle()) for name in reports}
    assert len(looks) == 9


@pytest.mark.parametrize("n_rows", [0, 1])
def test_pictures_of_few_rows_are_written(tmp_path, n_rows):
    draw_risk({"é": report(n_rows=n_rows)}, title="t")
    draw_accuracy({"é": report(n_rows=n_rows)}, title="t")
    save_figure(draw_linking(report(n_rows=n_rows), title="t"), tmp_path / "few.svg")
    assert ElementTree.parse(tmp_path / "few.svg").getroot().tag.endswith("svg")


@pytest.mark.parametrize("name", ["risk.jpg", "risk", "risk.pdf"])
def test_a_picture_of_another_kind_is_refused(tmp_path, name):
    with pytest.raises(ConfigError, match=r"\.png or \.svg"):
        check_picture(tmp_path / name)


def test_a_picture_in_no_folder_or_without_matplotlib_is_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="no folder"):
        check_picture(tmp_path / "none" / "risk.png")
    monkeypatch.setattr(plots, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"metier\[plots\]"):
        check_picture(tmp_path / "risk.png")
