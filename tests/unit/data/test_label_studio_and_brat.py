"""Label Studio and BRAT: what is theirs alone."""

import json

import pytest
from annotation_files import ROW, read, save, write

from metier.data.format_names import Format
from metier.data.spanned_text import LabelledSpan, SpannedText
from metier.errors import InputError

# Label Studio


def task(*regions, text="👋🏽 Hola, Jr", **fields):
    result = [{"type": "labels", "value": value} for value in regions]
    return {"data": {"text": text}, "annotations": [{"result": result}], **fields}


def test_label_studio_counts_code_points(tmp_path):
    # 👋 and its skin tone are one code point each, so `Jr` stands at 9..11; JavaScript counts 11..13
    region = {"start": 9, "end": 11, "text": "Jr", "labels": ["Skill", "x"]}
    rows, _ = read(save(tmp_path / "a", json.dumps([task(region)])))
    assert rows == [SpannedText("👋🏽 Hola, Jr", None, (LabelledSpan(9, 11, "Skill"), LabelledSpan(9, 11, "x")))]
    units = {"start": 11, "end": 13, "text": "Jr", "labels": ["Skill"]}
    with pytest.raises(InputError, match="UTF-16 units"):
        read(save(tmp_path / "b", json.dumps([task(units)])))


def test_label_studio_marks_line_ends_with_a_backslash(tmp_path):
    region = {"start": 0, "end": 3, "text": "a\\nb", "labels": ["Skill"]}
    assert read(save(tmp_path / "a", json.dumps([task(region, text="a\nb")])))[0][0].spans[0].end == 3


def test_label_studio_tasks_without_annotation_are_left_out(tmp_path):
    tasks = [task(), task(annotations=[]), task(annotations=[{"result": [], "was_cancelled": True}])]
    rows, told = read(save(tmp_path / "a", json.dumps(tasks)))
    assert (len(rows), told) == (1, ["2 tasks without an annotation were left out"])


def test_label_studio_passes_over_other_regions_and_finds_the_only_text(tmp_path):
    other = {"data": {"ad": "abc"}, "annotations": [{"result": [{"type": "choices", "value": {"choices": ["x"]}}]}]}
    assert read(save(tmp_path / "a", json.dumps([other])))[0] == [SpannedText("abc", None, ())]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[", "not valid JSON"),
        ("[1]", "no list of tasks"),
        (json.dumps([{"text": "a", "label": []}]), "row 1 has no 'data' object.*not JSON-MIN"),
        (json.dumps([task(annotations=[{"result": []}] * 2)]), "row 1 has 2 annotations"),
        (json.dumps([{"data": {"a": "x", "b": "y"}, "annotations": [{"result": []}]}]), "no 'text' in its data"),
        (json.dumps([task({"start": 0, "end": 1})]), "a region without 'labels'"),
        (json.dumps([task({"start": "0", "end": 1, "labels": []})]), "expected 'start' and 'end'"),
        (json.dumps([task({"start": 0, "end": 99, "labels": ["x"]})]), "does not lie in the text"),
    ],
)
def test_label_studio_faults_are_refused(tmp_path, content, expected):
    with pytest.raises(InputError, match=expected):
        read(save(tmp_path / "a.json", content))


# BRAT


def brat(folder, text="plan and run teams\nfast", ann=""):
    folder.mkdir(exist_ok=True)
    save(folder / "a.txt", text)
    save(folder / "a.ann", ann)
    return folder


def test_brat_reads_marked_text_and_passes_over_the_rest(tmp_path):
    ann = (
        "T1\tSkill 9 18\trun teams\r\nA1\tSure T1\n#1\tAnnotatorNotes T1\tTable\nR1\tIs Arg1:T1 Arg2:T1\n\nT2\tx 0 4\n"
    )
    rows, told = read(brat(tmp_path / "b", ann=ann))
    text = "plan and run teams\nfast"
    expected = SpannedText(text, None, (LabelledSpan(0, 4, "x"), LabelledSpan(9, 18, "Skill")), posting="a")
    assert (rows, told) == ([expected], [])


def test_brat_span_in_pieces_is_filled_in_and_told_unless_a_line_end_parts_it(tmp_path):
    ann = "T1\tSkill 0 4;13 18\tplan teams\nT2\tSkill 13 18;19 23\tteams fast\n"
    [row], told = read(brat(tmp_path / "b", ann=ann))
    assert [(span.start, span.end) for span in row.spans] == [(0, 18), (13, 23)]
    assert told == ["1 discontinuous spans were filled in, from their first piece to their last"]


def test_brat_span_over_lines_is_written_in_pieces(tmp_path):
    write([SpannedText("a b\n\nc d", None, (LabelledSpan(2, 6, "Skill"),))], tmp_path / "b", Format.BRAT)
    assert (tmp_path / "b" / "1.ann").read_text() == "T1\tSkill 2 3;5 6\tb c\n"


def test_brat_texts_without_annotation_are_left_out(tmp_path):
    save(brat(tmp_path / "b") / "z.txt", "not yet")
    rows, told = read(tmp_path / "b")
    assert ([row.posting for row in rows], told) == (["a"], ["1 texts without an .ann file were left out"])


def test_brat_rows_keep_their_order_past_ten(tmp_path):
    rows = [SpannedText(str(number), None, ()) for number in range(12)]
    write(rows, tmp_path / "b", Format.BRAT)
    assert [row.text for row in read(tmp_path / "b")[0]] == [row.text for row in rows]


@pytest.mark.parametrize(
    ("ann", "expected"),
    [
        ("T1\tSkill 0 99\tx\n", "does not lie in the text"),
        ("T1\tSkill 5 2\t\n", "does not lie in the text"),
        ("T1\tSkill 0 4\trun\n", "a.ann, line 1 says 'run', but there stands 'plan'"),
        ("T1 Skill 0 4 plan\n", "expected 'T1', a tab"),
    ],
)
def test_brat_line_with_a_fault_is_refused(tmp_path, ann, expected):
    with pytest.raises(InputError, match=expected):
        read(brat(tmp_path / "b", ann=ann))


def test_brat_folder_that_lacks_files_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"holds no \.ann file"):
        read(tmp_path)
    (brat(tmp_path / "b") / "a.txt").unlink()
    with pytest.raises(InputError, match=r"has a\.ann without a\.txt"):
        read(tmp_path / "b")


def test_brat_folder_that_is_there_is_left_alone(tmp_path):
    brat(tmp_path / "b", text="mine")
    with pytest.raises(InputError, match="is there already"):
        write([ROW], tmp_path / "b", Format.BRAT)
    assert (tmp_path / "b" / "a.txt").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    write([ROW], tmp_path / "empty", Format.BRAT)
    assert len(list((tmp_path / "empty").iterdir())) == 2


def test_brat_label_with_a_space_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(InputError, match="--label-map 'a b=NEW'"):
        write([SpannedText("x", None, (LabelledSpan(0, 1, "a b"),))], tmp_path / "b", Format.BRAT)
    assert list(tmp_path.iterdir()) == []
