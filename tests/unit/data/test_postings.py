"""Postings from every form of file."""

import codecs
import gzip
import json
from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.data.postings import BadRow, Columns, read_postings
from metier.domain import Posting
from metier.errors import InputError

HTML = "<html><body><main><h1>Cook</h1><p>You cook &amp; bake.</p></main></body></html>"


def _write(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _read(*paths, **columns):
    return list(read_postings(paths, columns=Columns(**columns)))


def test_text_file_is_one_posting_with_its_line_ends_kept(tmp_path):
    path = _write(tmp_path, "cook.txt", "Cook\r\n\r\nYou cook 🍋.\r\n")
    assert _read(path) == [Posting(id="cook", body="Cook\r\n\r\nYou cook 🍋.\r\n", source=str(path))]


def test_html_file_keeps_the_whole_page_as_body(tmp_path):
    [posting] = _read(_write(tmp_path, "cook.html", HTML))
    assert posting.body == HTML


def test_page_with_job_posting_data_gives_its_description(tmp_path):
    data = {"@type": "JobPosting", "title": "Cook", "description": "<p>You cook soup every day.</p>"}
    page = f'<html><head><script type="application/ld+json">{json.dumps(data)}</script></head><body>x</body></html>'
    [posting] = _read(_write(tmp_path, "cook.html", page))
    assert (posting.title, posting.body) == ("Cook", "<p>You cook soup every day.</p>")
    assert posting.source == str(tmp_path / "cook.html")


def test_json_file_with_job_posting(tmp_path):
    data = {
        "@type": "JobPosting",
        "title": "Cook",
        "description": "<p>Soup</p>",
        "datePosted": "2025-03-04",
        "hiringOrganization": {"@type": "Organization", "name": "Café Brise"},
    }
    [posting] = _read(_write(tmp_path, "cook.json", json.dumps(data)))
    assert (posting.title, posting.body, posting.employer) == ("Cook", "<p>Soup</p>", "Café Brise")
    assert posting.posted_on == date(2025, 3, 4)


def test_graph_gives_only_its_postings(tmp_path):
    graph = {"@graph": [{"@type": "Organization"}, {"@type": ["JobPosting"], "description": "soup"}]}
    assert [posting.body for posting in _read(_write(tmp_path, "a.json", json.dumps(graph)))] == ["soup"]


def test_json_list_with_our_own_fields_numbers_what_has_no_id(tmp_path):
    path = _write(tmp_path, "a.json", json.dumps([{"body": "one"}, {"id": 7, "text": "two"}]))
    assert [(posting.id, posting.body) for posting in _read(path)] == [("a:1", "one"), ("7", "two")]


@pytest.mark.parametrize("ending", [".jsonl", ".ndjson", ".jsonl.gz"])
def test_json_lines_pass_over_empty_lines_and_count_them(tmp_path, ending):
    content = b'{"text": "one"}\n\n{"text": "two", "job_id": "x"}\r\n{"text": "three"}'
    content = gzip.compress(content) if ending.endswith("gz") else content
    found = _read(_write(tmp_path, "a" + ending, content))
    assert [(posting.id, posting.body) for posting in found] == [("a:1", "one"), ("x", "two"), ("a:4", "three")]


def test_line_separator_inside_json_ends_no_row(tmp_path):
    assert len(_read(_write(tmp_path, "a.jsonl", '{"text": "a\u2028b\x85c"}\n'))) == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_table_with_any_delimiter(tmp_path, delimiter):
    rows = ["id|jobTitle|description|datePosted", '1|Cook|"soup, salad; fish\nand ""bread"""|2025-03-04']
    found = _read(_write(tmp_path, "a.csv", "\n".join(rows).replace("|", delimiter)))
    assert found[0].body == 'soup, salad; fish\nand "bread"'
    assert (found[0].id, found[0].title, found[0].posted_on) == ("1", "Cook", date(2025, 3, 4))


def test_columns_can_be_named(tmp_path):
    path = _write(tmp_path, "a.csv", "nr,what,advert,text\n5,Cook,soup,wrong\n")
    [posting] = _read(path, text="advert", id="nr", title="what")
    assert (posting.id, posting.title, posting.body) == ("5", "Cook", "soup")


@pytest.mark.parametrize("name", ["body", "Description", "TEXT", "content"])
def test_the_text_goes_by_several_names_in_any_case(tmp_path, name):
    assert _read(_write(tmp_path, "a.csv", f"x,{name}\n1,soup\n"))[0].body == "soup"


def test_parquet(tmp_path):
    path = tmp_path / "a.parquet"
    duckdb.execute(
        "COPY (SELECT range AS id, 'soup ' || range AS \"text\", DATE '2025-03-04' AS \"date\" FROM range(200)) "
        f"TO '{path}' (FORMAT parquet)"
    )
    found = _read(path)
    assert [posting.body for posting in found] == [f"soup {i}" for i in range(200)]
    assert (found[3].id, found[3].posted_on) == ("3", date(2025, 3, 4))


@pytest.mark.parametrize(
    "encoded",
    [codecs.BOM_UTF8 + "naïve".encode(), codecs.BOM_UTF16_LE + "naïve".encode("utf-16-le"), "naïve".encode()],
)
def test_byte_order_marks_are_read_and_dropped(tmp_path, encoded):
    assert _read(_write(tmp_path, "a.txt", encoded))[0].body == "naïve"


def test_tables_and_lines_with_marks(tmp_path):
    table = _write(tmp_path, "a.csv", codecs.BOM_UTF8 + "text\nnaïve\n".encode())
    lines = _write(tmp_path, "a.jsonl", codecs.BOM_UTF16_LE + '{"text": "naïve"}\n{"text": "x"}'.encode("utf-16-le"))
    assert [posting.body for posting in _read(table, lines)] == ["naïve", "naïve", "x"]


def test_page_that_declares_its_encoding_is_read_in_it(tmp_path):
    page = HTML.replace("<body>", '<meta charset="iso-8859-1"><body>').replace("Cook", "Pâtissier")
    [posting] = _read(_write(tmp_path, "a.html", page.encode("latin-1")))
    assert "Pâtissier" in posting.body


def test_folder_is_read_recursively_by_name_without_hidden_files(tmp_path):
    for name in ("b.txt", "a/z.txt", "c.pdf", ".hidden.txt", "d.jsonl"):
        _write(tmp_path, name, '{"text": "x"}')
    assert [posting.id for posting in _read(tmp_path)] == ["z", "b", "d:1"]


@pytest.mark.parametrize(
    ("piped", "ids"), [(b' \n{"text": "one"}\n{"text": "two"}\n', ["stdin:2", "stdin:3"]), (b"You cook.", ["stdin"])]
)
def test_standard_input_is_json_lines_or_one_text(monkeypatch, tmp_path, piped, ids):
    with _write(tmp_path, "in", piped).open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert [posting.id for posting in _read("-")] == ids


def test_posting_of_ten_megabytes_is_read_from_every_form(tmp_path):
    body = "soup and salad " * 700_000
    paths = [
        _write(tmp_path, "a.txt", body),
        _write(tmp_path, "a.jsonl", json.dumps({"text": body})),
        _write(tmp_path, "a.csv", f"text\n{body}\n"),
    ]
    assert [len(posting.body) for posting in _read(*paths)] == [len(body)] * 3


def test_rows_come_before_the_file_is_read_to_its_end(tmp_path):
    path = _write(tmp_path, "a.jsonl", b'{"text": "one"}\n' * 100_000 + b"\xff")
    rows = read_postings([path])
    assert next(rows).body == "one"


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=5))
def test_any_text_comes_back_from_json_lines_as_it_was(tmp_path_factory, bodies):
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    path.write_text("".join(json.dumps({"text": body}) + "\n" for body in bodies))
    assert [posting.body for posting in read_postings([path])] == bodies


def test_single_path_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no file or folder"):
        read_postings([tmp_path / "none.txt"])


def test_missing_path_among_several_is_a_bad_row(tmp_path):
    path = _write(tmp_path, "a.txt", "soup")
    first, second = _read(tmp_path / "none.txt", path)
    assert isinstance(first, BadRow)
    assert second.body == "soup"
