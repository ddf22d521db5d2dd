import pytest

from metier.domain import Candidate, Link, Skill
from metier.errors import ConfigError, InputError
from metier.pipelines import linker_comparison
from metier.pipelines.linker_comparison import LinkerTask, compare_on_sets, run_linker
from metier.pipelines.linker_systems import parse_linker

ROWS = (
    "sentence,span,sub_span,label\n"
    "we bake bread,bake bread,,bake bread\n"
    "we use SQL,SQL,,SQL\n"
    "we juggle,juggle,,LABEL NOT PRESENT\n"
)


@pytest.fixture
def rows(tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS, "utf-8")
    return tmp_path / "rows.csv"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(linker_comparison, "_LEAST_S", 0.0)


def test_a_linker_is_run_on_every_set_and_measured(tiny_linker, rows):
    task = LinkerTask(
        linker=parse_linker("lexical"), sets={"a": rows, "b": rows}, taxonomy=str(tiny_linker[1]), threads=1
    )
    found = run_linker(task)
    assert list(found.outcomes) == ["a", "b"]
    assert found.outcomes["a"].rows[:, 0].tolist() == [True, True, False]
    assert found.outcomes["a"].abstains.tolist() == [False, False, True]
    assert not found.calibrated
    assert found.mentions_per_s > 0
    assert found.peak_rss_mb > 5


@pytest.mark.slow
def test_linkers_run_in_processes_of_their_own(tiny_linker, rows):
    model, taxonomy = map(str, tiny_linker)
    done = []
    comparison = compare_on_sets(
        [parse_linker("lexical"), parse_linker(f"mine={model}")],
        {"a": rows},
        taxonomy=taxonomy,
        threads=1,
        n_resamples=20,
        progress=lambda: done.append(1),
    )
    assert done == [1, 1]
    assert comparison.reports["lexical"]["a"].every_row.figures["acc@1"].value == pytest.approx(2 / 3)
    assert comparison.runs["mine"].calibrated
    assert list(comparison.differences) == ["mine"]


def test_speed_is_over_mentions_that_differ(rows):
    asked = []

    class Counting:
        version = "counting@0"

        def link(self, texts, mentions):
            asked.append([mention.text for [mention] in mentions])
            best = Candidate(Skill("u", "x"), 0.5)
            return [[Link(mention, best.concept, 0.5, (best,))] for [mention] in mentions]

    read = linker_comparison.read_linking(rows)
    assert linker_comparison._mentions_per_s(Counting(), [*read, *read]) > 0
    assert asked == [["bake bread"], ["bake bread", "SQL", "juggle"]]  # the first only warms


@pytest.mark.parametrize(
    ("linkers", "sets", "message"),
    [
        (["lexical", "lexical"], {"a": "rows.csv"}, "called lexical"),
        ([], {"a": "rows.csv"}, "without a linker"),
        (["lexical"], {}, "without a linker and a set"),
        (["lexical"], {"pooled": "rows.csv"}, "all sets together"),
    ],
)
def test_what_cannot_be_compared_is_refused_at_once(linkers, sets, message, rows):
    with pytest.raises(ConfigError, match=message):
        compare_on_sets([parse_linker(text) for text in linkers], {name: rows for name in sets})


def test_files_are_read_before_any_linker_is_loaded(tmp_path, rows):
    empty = tmp_path / "empty.csv"
    empty.write_text(ROWS.splitlines()[0] + "\n", "utf-8")
    for path, message in ((empty, "has no rows"), (tmp_path / "none.csv", "cannot be read")):
        with pytest.raises(InputError, match=message):
            compare_on_sets([parse_linker("no-such-linker")], {"a": rows, "b": path})
