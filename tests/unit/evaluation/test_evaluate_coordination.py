import pytest

from metier.data.coordination_cases import CoordinationCase
from metier.domain import SkillPart, Span
from metier.evaluation.coordination import evaluate_coordination, figures_to_dict


def split_at_and(text, span):
    pieces = text[span.start : span.end].split(" and ")
    return tuple(SkillPart(piece, (Span(0, len(piece)),)) for piece in pieces) if len(pieces) > 1 else ()


def case(text, *skills, split="test"):
    return CoordinationCase(split, text, frozenset(skills))


def test_cases_and_parts_are_counted_by_hand():
    cases = [
        case("é and 🍋", "é", "🍋"),  # right: 2 of 2
        case("health and safety"),  # wrongly split: 0 of 2
        case("a or b", "a", "b"),  # left whole: 2 missed
        case("c"),  # rightly left whole
    ]
    figures = evaluate_coordination(split_at_and, cases)["test"]
    assert (figures.n_cases, figures.n_whole) == (4, 2)
    assert figures.exact == 2 / 4
    assert figures.split_wrongly == 1 / 2
    # 2 right of 4 found and of 4 expected
    assert (figures.parts.precision, figures.parts.recall, figures.parts.f1) == (0.5, 0.5, 0.5)
    assert figures.exact_interval.low <= 0.5 <= figures.exact_interval.high


def test_splits_are_apart_and_keep_their_order():
    figures = evaluate_coordination(split_at_and, [case("x", split="tune"), case("a and b"), case("y", split="tune")])
    assert list(figures) == ["tune", "test"]
    assert [figures[name].exact for name in figures] == [1.0, 0.0]


def test_no_cases_give_no_figures():
    assert evaluate_coordination(split_at_and, []) == {}


def test_figures_become_plain_values():
    [figures] = figures_to_dict(evaluate_coordination(split_at_and, [case("a and b", "a", "b")])).values()
    assert figures["exact_interval"] == [1.0, 1.0]
    assert figures["parts"] == {"precision": 1.0, "recall": 1.0, "f1": pytest.approx(1.0)}
