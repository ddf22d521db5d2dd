"""What `analyse_tagging` finds, and that the pictures show the same numbers."""

import json
from xml.etree import ElementTree

import matplotlib.image
import numpy as np
import pytest

from metier.data.skillspan import TaggedSentence
from metier.domain import Mention, Span
from metier.errors import InputError, MissingExtra
from metier.evaluation import plots
from metier.evaluation.analysis import analyse_tagging
from metier.evaluation.boundaries import PREDICTED_KINDS

SENTENCES = [
    TaggedSentence(("run", "fast", "tests", "in", "Java"), tuple("BIIOO"), tuple("OOOOB"), source="tech"),
    TaggedSentence(("écrire", "🙂", "et", "C++"), tuple("BOOO"), tuple("OOOB"), source="house"),
    TaggedSentence(("no", "span"), tuple("OO"), tuple("OO"), source="house"),
]


class FirstAndLastTagger:
    """Finds the first two words as a skill and the last as knowledge."""

    version = "ends@0"

    def tag(self, texts, *, words=None):
        return [
            [
                Mention(Span(0, spans[1].end), text[: spans[1].end], "skill", 0.5),
                Mention(spans[-1], text[spans[-1].start :], "knowledge", 0.5),
            ]
            for text, spans in zip(texts, words, strict=True)
        ]


@pytest.fixture(scope="module")
def analysis():
    return analyse_tagging(FirstAndLastTagger(), SENTENCES, training=SENTENCES[:1], n_resamples=50)


@pytest.fixture
def figures(analysis):
    return plots.draw_analysis(analysis, subject="set dev · ends@0")


def series(axes):
    """Label -> (middles, lower ends, upper ends) of the error bars of a panel."""
    found = {}
    for container in axes.containers:
        line, _, [bars] = container.lines
        ends = [segment[:, 1] for segment in bars.get_segments()]
        found[container.get_label()] = (list(line.get_ydata()), [end[0] for end in ends], [end[1] for end in ends])
    return found


def test_analyses_are_plain_json_and_count_by_hand(analysis):
    assert json.loads(json.dumps(analysis)) == analysis
    assert list(analysis) == ["lengths", "sources", "errors", "frequency", "seen"]
    # skill: "run fast" too short, "écrire 🙂" too long, "no span" spurious; knowledge: two right, "span" spurious
    assert analysis["errors"]["predictions"]["skill"] == {
        **dict.fromkeys(PREDICTED_KINDS, 0),
        "too_short": 1,
        "too_long": 1,
        "spurious": 1,
    }
    assert analysis["errors"]["predictions"]["knowledge"]["correct"] == 2
    [unseen, seen] = analysis["seen"]["by_string"]["knowledge"]
    # Java is in the training set, C++ and span are not: 1 of 2 predictions
    assert (seen["f1"], unseen["precision"], unseen["recall"]) == (1, 0.5, 1)
    assert [one["bin"] for one in analysis["sources"]["by_source"]["pooled"]] == ["house", "tech"]


def test_without_a_training_set_the_rest_is_still_there():
    n_steps = []
    found = analyse_tagging(FirstAndLastTagger(), SENTENCES, n_resamples=2, progress=lambda: n_steps.append(1))
    assert list(found) == ["lengths", "sources", "errors"]
    assert len(n_steps) == 4  # tagging, and each analysis
    assert set(plots.draw_analysis(found, subject="s")) == {"lengths", "length-pairs", "sources", "errors"}


def test_no_sentences_are_refused():
    with pytest.raises(InputError, match="no sentences"):
        analyse_tagging(FirstAndLastTagger(), [])


@pytest.mark.parametrize(
    ("name", "tables"),
    [
        ("lengths", ["by_length"]),
        ("frequency", ["by_frequency"]),
        ("sources", ["by_source"]),
        ("seen", ["by_string", "by_sentence"]),
    ],
)
def test_points_and_bars_are_the_figures_and_intervals(analysis, figures, name, tables):
    panels = figures[name].axes
    assert len(panels) == len(tables)
    for axes, table in zip(panels, tables, strict=True):
        drawn = series(axes)
        assert list(drawn) == ["skill", "knowledge"]
        for layer, (middles, low, high) in drawn.items():
            bins = [one for one in analysis[name][table][layer] if one["n_gold"] + one["n_predicted"]]
            assert middles == pytest.approx([100 * one["f1"] for one in bins])
            assert low == pytest.approx([100 * one["interval"][0] for one in bins])
            assert high == pytest.approx([100 * one["interval"][1] for one in bins])


def test_below_each_bin_stands_its_number_of_gold_spans(analysis, figures):
    texts = [text.get_text() for text in figures["sources"].axes[0].texts]
    n_gold = [str(one["n_gold"]) for layer in ("skill", "knowledge") for one in analysis["sources"]["by_source"][layer]]
    assert [text for text in texts if not text.startswith("gold")] == n_gold


def test_cells_are_the_length_pairs(analysis, figures):
    for axes, layer in zip(figures["length-pairs"].axes, ("skill", "knowledge"), strict=True):
        counts = np.array(analysis["lengths"]["words"][layer]["pairs"])
        shown = np.zeros_like(counts)
        for text in axes.texts:
            column, row = text.get_position()
            shown[row, column] = int(text.get_text())
        assert (shown == counts).all()
        assert layer in axes.get_title()


def test_bars_are_the_shares_of_the_errors(analysis, figures):
    [axes] = figures["errors"].axes
    for kind, bars in zip(PREDICTED_KINDS, axes.containers, strict=True):
        assert bars.get_label() == kind.replace("_", " ")
        counts = [analysis["errors"]["predictions"][layer] for layer in ("skill", "knowledge")]
        assert [bar.get_width() for bar in bars] == pytest.approx([100 * n[kind] / sum(n.values()) for n in counts])


def test_title_says_what_was_measured_and_the_caption_how(analysis, figures):
    for name in ("lengths", "frequency", "sources", "seen", "errors"):
        assert "set dev · ends@0" in figures[name].get_suptitle()
        assert " ".join(figures[name].get_supxlabel().split()) == analysis[name]["note"]


def test_cross_figure_has_a_series_per_store():
    rows = [
        {
            "trained_on": source,
            "target": target,
            "store": store,
            "f1": f1,
            "interval": [f1, f1],
            "n_gold": 9,
            "n_predicted": 9,
        }
        for source in ("a", "b")
        for target, f1 in (("a", 0.5), ("b", 0.25))
        for store in ("none", "all-data")
    ]
    panels = plots.draw_cross(rows, title="t", caption="c").axes
    assert [axes.get_title() for axes in panels] == ["trained on a", "trained on b"]
    assert {label: values[0] for label, values in series(panels[1]).items()} == {
        "none": [50, 25],
        "all-data": [50, 25],
    }


def test_png_and_svg_open(figures, tmp_path):
    for name, figure in figures.items():
        for ending in ("png", "svg"):
            plots.save_figure(figure, tmp_path / f"{name}.{ending}")
        pixels = matplotlib.image.imread(tmp_path / f"{name}.png")
        assert pixels.shape[0] > 200
        assert pixels.std() > 0  # something is drawn
        assert ElementTree.parse(tmp_path / f"{name}.svg").getroot().tag.endswith("svg")


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_same_figures_give_the_same_file(analysis, tmp_path, ending):
    for name in ("one", "two"):
        drawn = plots.draw_analysis(analysis, subject="s")["sources"]
        plots.save_figure(drawn, tmp_path / f"{name}.{ending}")
    assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"two.{ending}").read_bytes()


def test_drawing_leaves_matplotlib_as_it_was(analysis, tmp_path):
    before = dict(matplotlib.rcParams)
    plots.save_figure(plots.draw_analysis(analysis, subject="s")["lengths"], tmp_path / "a.svg")
    assert dict(matplotlib.rcParams) == before


def test_missing_matplotlib_is_named_with_its_extra(analysis, monkeypatch):
    monkeypatch.setattr(plots, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"metier\[plots\]"):
        plots.draw_analysis(analysis, subject="s")
