import json

import pytest

from metier.errors import InputError
from metier.evaluation.title_answers import Answer, read_answers, tally_answers


def answer(choice, left="joaps", right="word-sum", title="nurse"):
    return Answer(title, left, right, choice)


def test_choices_count_for_the_system_on_that_side():
    answers = [answer("left"), answer("left"), answer("right", left="word-sum", right="joaps"), answer("right")]
    tally = tally_answers([*answers, answer("both"), answer("none"), answer("none")])
    assert tally.n_answers == 7
    assert tally.preferred == {"joaps": 3, "word-sum": 1}
    assert (tally.both, tally.none, tally.n_left) == (1, 2, 2)
    # 1 of 4: (C(4,0) + C(4,1)) * 2 / 2^4
    assert tally.p_value == pytest.approx(10 / 16)


def test_system_that_was_never_chosen_is_there_with_zero():
    assert tally_answers([answer("left")]).preferred == {"joaps": 1, "word-sum": 0}


def test_no_answers_are_an_input_error():
    with pytest.raises(InputError, match="no answers"):
        tally_answers([])


def test_answers_about_different_systems_are_not_added():
    with pytest.raises(InputError, match="different systems"):
        tally_answers([answer("left"), answer("left", right="random")])


@pytest.fixture
def write(tmp_path):
    def to_file(content):
        path = tmp_path / "answers.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path

    return to_file


ROW = {"title": "infirmière 🚀", "left": "word-sum", "right": "joaps", "choice": "both"}


def test_downloaded_file_is_read(write):
    path = write({"sheet": "ab", "seed": 3, "systems": ["joaps", "word-sum"], "answers": [ROW]})
    assert read_answers(path) == [Answer("infirmière 🚀", "word-sum", "joaps", "both")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "no JSON"),
        ("[]", "no lists"),
        ({"answers": [ROW]}, "no lists"),
        ({"systems": ["joaps", "word-sum"], "answers": [3]}, "answer 1 lacks"),
        ({"systems": ["joaps", "word-sum"], "answers": [ROW, {**ROW, "choice": "up"}]}, "answer 2 has the choice 'up'"),
        ({"systems": ["joaps", "random"], "answers": [ROW]}, "not about the systems"),
    ],
)
def test_other_files_are_an_input_error(write, content, message):
    with pytest.raises(InputError, match=message):
        read_answers(write(content))


def test_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_answers(tmp_path / "none.json")
