import csv
import gzip
import io
import json

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.data.list_columns import JsonColumns, parquet_columns, unique_names
from metier.data.posting_formats import BadRow
from metier.data.text_lists import ListRow, given_list, open_list
from metier.errors import InputError, MissingColumn


def read(path, **options):
    with open_list(path, **options) as found:
        return dict(found.columns), list(found.rows)


def texts(path, **options):
    return [row.text for row in read(path, **options)[1]]


def test_lines_are_trimmed_and_empty_ones_passed_over(tmp_path):
    (tmp_path / "a.txt").write_bytes("\ufeffSQL\r\n\n  wound \t care\né 👍".encode())
    columns, rows = read(tmp_path / "a.txt")
    assert columns == {"text": "VARCHAR"}
    assert rows == [ListRow(text, {"text": text}) for text in ("SQL", "wound care", "é 👍")]


def test_given_texts_are_a_list_of_one_column():
    found = given_list(["a  b", " ", "a  b"])
    assert list(found.rows) == [ListRow("a b", {"text": "a b"})] * 2


def test_every_row_of_a_table_comes_with_all_its_cells(tmp_path):
    (tmp_path / "a.tsv").write_text('id\tskill\n1\t" SQL\n2 "\n\n2\t\n')
    columns, rows = read(tmp_path / "a.tsv", column="skill")
    assert columns == {"id": "VARCHAR", "skill": "VARCHAR"}
    assert rows == [ListRow("SQL 2", {"id": "1", "skill": " SQL\n2 "}), ListRow("", {"id": "2", "skill": ""})]


cell = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=9)  # lines may end in a cell


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(cell, cell), max_size=9))
def test_a_table_gives_back_what_was_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("lists") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("id", "skill"), *rows])
    _, found = read(path, column="skill")
    assert [tuple(row.cells.values()) for row in found] == rows
    assert [row.text for row in found] == [" ".join(text.split()) for _, text in rows]


def test_bad_rows_come_in_their_places(tmp_path):
    (tmp_path / "a.csv").write_bytes(b'id,skill\n1,a\n2\n3,b,c\n4,\xff\n5,"d"e\n6,f\n')
    _, rows = read(tmp_path / "a.csv", column="skill")
    assert [row.row if isinstance(row, BadRow) else row.text for row in rows] == ["a", 3, 4, 5, 6, "f"]


def test_json_lines_have_the_columns_of_all_their_objects(tmp_path):
    rows = [{"s": "a", "n": 1}, {"n": 2.5, "l": [1]}, {"s": None, "b": True, "m": 1}, {"s": 7, "m": "x"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    columns, found = read(tmp_path / "a.jsonl", column="s")
    assert columns == {"s": "VARCHAR", "n": "DOUBLE", "l": "VARCHAR", "b": "BOOLEAN", "m": "VARCHAR"}
    assert [row.text for row in found] == ["a", "", "", "7"]
    assert [row.cells for row in found] == rows


def test_json_lines_that_are_no_objects_are_bad(tmp_path):
    (tmp_path / "a.ndjson").write_text('{"s": true}\n[]\n{\n\n{"s": "a"}\n')
    _, rows = read(tmp_path / "a.ndjson")
    assert [row.row if isinstance(row, BadRow) else row.text for row in rows] == [1, 2, 3, "a"]
    assert "bool" in rows[0].reason


def test_a_pipe_of_json_lines_is_read_twice(monkeypatch):
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    piped = io.TextIOWrapper(io.BufferedReader(Pipe(b'{"s": "a"}\n{"s": "b", "n": 1}\n')))
    monkeypatch.setattr("sys.stdin", piped)
    columns, rows = read("-", column="s")
    assert columns == {"s": "VARCHAR", "n": "BIGINT"}
    assert [row.text for row in rows] == ["a", "b"]


def test_parquet_rows_keep_plain_values(tmp_path):
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT i AS id, 's ' || i AS skill, {'a': i} AS record, TIMESTAMP '2024-01-02 03:04:05' AS at "
            f"FROM range(3000) r(i)) TO '{tmp_path / 'a.parquet'}' (FORMAT parquet)"
        )
    columns, rows = read(tmp_path / "a.parquet", column="skill")
    assert columns == {"id": "BIGINT", "skill": "VARCHAR", "record": "VARCHAR", "at": "TIMESTAMP"}
    assert [row.text for row in rows] == [f"s {i}" for i in range(3000)]
    assert rows[7].cells == {"id": 7, "skill": "s 7", "record": "{'a': 7}", "at": "2024-01-02 03:04:05"}
    assert texts(tmp_path / "a.parquet", column="id")[:2] == ["0", "1"]


@pytest.mark.parametrize(
    ("name", "content", "error", "part"),
    [
        ("a.csv", b"", InputError, "a.csv: the file is empty"),
        ("a.csv", b"id,skill\n", MissingColumn, "name one with --column"),
        ("a.json", b"{}", InputError, "JSON Lines"),
        ("a.jsonl", b"[]\n", InputError, "no JSON object"),
        ("a.parquet", b"x", InputError, "cannot be read as Parquet"),
        ("a.txt", gzip.compress(b"x"), InputError, "a.txt: byte 3 is NUL"),
    ],
)
def test_what_is_no_list_says_so(tmp_path, name, content, error, part):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=part):
        read(tmp_path / name)


def test_a_missing_file_and_a_missing_column_are_told(tmp_path):
    with pytest.raises(InputError, match=r"There is no file .*none\.csv"):
        read(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_text("id,skill\n")
    with pytest.raises(MissingColumn, match=r"a\.csv: there is no column 'x' among id, skill"):
        read(tmp_path / "a.csv", column="x")
    assert texts(tmp_path / "a.csv", column="skill") == []


def test_columns_are_told_from_all_others():
    assert unique_names(["a", "", "A", "a_2", "a"]) == ("a", "column_2", "A_2", "a_2_2", "a_3")


@given(st.lists(st.sampled_from(["a", "A", "a_2", "column_1", "", "é"]), max_size=8))
def test_as_many_names_as_columns_whatever_the_case(header):
    names = unique_names(header)
    assert len({name.casefold() for name in names}) == len(header) == len(names)


def test_numbers_beyond_sixty_four_bits_are_texts():
    columns = JsonColumns()
    columns.add({"n": 1 << 70, "m": -5})
    assert columns.types == {"n": "VARCHAR", "m": "BIGINT"}


def test_quotes_in_names_are_kept():
    found = parquet_columns({'a"b': "VARCHAR", "d": "DECIMAL(9,2)"})
    assert found.selection == '"a""b", CAST("d" AS VARCHAR)'
    assert found.types == {'a"b': "VARCHAR", "d": "DECIMAL(9,2)"}
