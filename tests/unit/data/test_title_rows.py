"""Raw titles from texts, tables and JSON."""

import pytest

from metier.data.postings import BadRow
from metier.data.title_rows import read_title_rows
from metier.errors import InputError


def _read(path, **options):
    return list(read_title_rows(path, **options))


def test_text_has_a_title_per_line(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Nurse 👍\r\n\n  Café owner \n", encoding="utf-8")
    assert [(row.id, row.body) for row in _read(path)] == [("a:1", "Nurse 👍"), ("a:3", "Café owner")]


def test_table_keeps_ids_and_tells_empty_cells(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,job\nx,Nurse\ny,\nz,Baker\n")
    one, empty, other = _read(path, column="job")
    assert [(one.id, one.body), (other.id, other.body)] == [("x", "Nurse"), ("z", "Baker")]
    assert isinstance(empty, BadRow)
    assert empty.row == 3


def test_json_lines(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "Nurse"}\n{"name": "x"}\n')
    good, bad = _read(path)
    assert (good.id, good.body) == ("a:1", "Nurse")
    assert "there is no column 'title'" in bad.reason


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.csv", b"id,job\n1,x\n", "there is no column 'title' among id, job"),
        ("a.csv", b"", "the file is empty"),
        ("a.txt", b" \n", "the file is empty"),
        ("a.txt", b"caf\xe9\n", "byte 3 is 0xE9"),
        ("a.csv", b"\x00\x01binary", "is NUL"),
        ("a.docx", b"PK", "its ending is not one of"),
    ],
)
def test_bad_file_is_one_bad_row(tmp_path, name, content, part):
    (tmp_path / name).write_bytes(content)
    rows = _read(tmp_path / name)
    assert isinstance(rows[0], BadRow)
    assert part in rows[0].reason


def test_no_file_and_binary_text_are_errors(tmp_path):
    with pytest.raises(InputError, match="There is no file"):
        _read(tmp_path / "none.txt")
    (tmp_path / "a.txt").write_bytes(b"\x7fELF\0")
    with pytest.raises(InputError, match="is NUL"):
        _read(tmp_path / "a.txt")
