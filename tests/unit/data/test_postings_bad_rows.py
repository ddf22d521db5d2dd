"""What cannot be read says so in one sentence, and costs no other row."""

import codecs
import gzip
import json
import re

import pytest

from metier.data.postings import BadRow, Columns, read_postings
from metier.domain import Posting


def _read(folder, name, content, **columns):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_postings([path], columns=Columns(**columns)))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \r\n\t", "empty"),
        ("a.html", b"", "empty"),
        ("a.json", b"", "empty"),
        ("a.jsonl", b"", "empty"),
        ("a.jsonl", b"\n\n", "empty"),
        ("a.csv", b"", "empty"),
        ("a.txt", b"\x7fELF\x02\x00\x00", "byte 5 is NUL"),
        ("a.jsonl", b"PK\x03\x04\x00\x00", "byte 4 is NUL"),
        ("a.csv", "text\nx\n".encode("utf-16-le"), "byte 1 is NUL"),
        ("a.txt", "caf\xe9 au lait".encode("latin-1"), "byte 3 is 0xE9.*iconv"),
        ("a.json", b'{"text": ', "not valid JSON"),
        ("a.json", b"[]", "holds no posting"),
        ("a.json", b'{"@graph": [{"@type": "Organization"}]}', "holds no posting"),
        ("a.json", b"[" * 100_000, "not valid JSON"),
        ("a.csv", b"id,salary\n1,2\n", "no column holds the text.*id, salary.*--text-column"),
        ("a.parquet", b"PAR1 but not really", "cannot be read as Parquet"),
        ("a.parquet", b"", "cannot be read as Parquet"),
        ("a.txt.gz", b"not gzip", "gzip file is damaged"),
        ("a.jsonl.gz", gzip.compress(b'{"text": "x"}\n' * 9)[:-9], "gzip file is damaged"),
        ("a.pdf", b"%PDF", "its ending is not one of"),
        ("posting", b"soup", "its ending is not one of"),
        ("a.jsonl", codecs.BOM_UTF16_LE + b"{\xd8{", "UTF-16"),
    ],
)
def test_whole_file_that_cannot_be_read(tmp_path, name, content, reason):
    *_, bad = _read(tmp_path, name, content)
    assert isinstance(bad, BadRow)
    assert bad.row is None
    assert bad.source == str(tmp_path / name)
    assert re.search(reason, bad.reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "x"', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"7", "a JSON object was expected, got int"),
        (b"[]", "got list"),
        (b'{"salary": 3}', "no column holds the text"),
        (b"{}", "no column holds the text"),
        (b'{"text": ""}', "'text' is empty"),
        (b'{"text": null}', "'text' is empty"),
        (b'{"text": 3}', "'text' holds int"),
        (b'{"text": "caf\xe9"}', "byte 30 is 0xE9"),  # 16 bytes and a line end before, 13 in the line
    ],
)
def test_bad_line_leaves_its_neighbours_alone(tmp_path, line, reason):
    good = b'{"text": "soup"}'
    first, bad, last = _read(tmp_path, "a.jsonl", b"\n".join([good, line, good]))
    assert isinstance(first, Posting)
    assert isinstance(last, Posting)
    assert bad.row == 2
    assert reason in bad.reason
    assert len(bad.content_excerpt) <= 200


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"1", "1 fields and the header 2"),
        (b"1,a,b", "3 fields and the header 2"),
        (b"1,", "'text' is empty"),
        (b'1,"a" b', "not valid CSV"),
        (b"1,caf\xe9", "0xE9"),
    ],
)
def test_bad_row_of_a_table_leaves_its_neighbours_alone(tmp_path, row, reason):
    first, bad, last = _read(tmp_path, "a.csv", b"id,text\n0,soup\n" + row + b"\n2,salad\n")
    assert (first.body, last.body) == ("soup", "salad")
    assert bad.row == 3
    assert reason in bad.reason


def test_row_number_is_the_line_on_which_the_row_begins(tmp_path):
    first, bad = _read(tmp_path, "a.csv", 'id,text\n,"one\ntwo\nthree"\n5,\n')
    assert first.id == "a:2"
    assert bad.row == 5


def test_quote_that_is_never_closed_is_reported(tmp_path):
    first, bad = _read(tmp_path, "a.csv", 'id,text\n1,soup\n2,"salad\n3,fish\n')
    assert first.body == "soup"
    assert bad.row == 3
    assert "not valid CSV" in bad.reason


def test_empty_fields_behind_the_last_column_are_no_fault(tmp_path):
    assert _read(tmp_path, "a.csv", "id,text\n1,soup,,\n")[0].body == "soup"


def test_chosen_column_that_is_not_there(tmp_path):
    [bad] = _read(tmp_path, "a.csv", "id,text\n1,soup\n", text="advert")
    assert "there is no column 'advert' among id, text" in bad.reason


def test_wrong_bytes_in_another_row_are_not_blamed_on_this_one(tmp_path):
    kinds = [type(row).__name__ for row in _read(tmp_path, "a.csv", b"text\n\xff\nsoup\n\xfe\nsalad\n")]
    assert kinds == ["BadRow", "Posting", "BadRow", "Posting"]


def test_folder_without_postings(tmp_path):
    [bad] = read_postings([tmp_path])
    assert "holds no file with a known ending" in bad.reason


def test_job_posting_without_description_in_a_file(tmp_path):
    [bad] = _read(tmp_path, "a.json", json.dumps({"@type": "JobPosting", "title": "Cook"}))
    assert isinstance(bad, BadRow)
    assert "description" in bad.reason


def test_lone_surrogate_in_a_row_is_no_fault(tmp_path):
    assert _read(tmp_path, "a.jsonl", rb'{"text": "a \ud83d b"}')[0].body == "a \ud83d b"
