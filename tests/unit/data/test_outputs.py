"""Annotated postings as JSON and as a table."""

import csv
import json

import duckdb
import pytest

from metier.data.found_skills import found_skills
from metier.data.outputs import TABLE_COLUMNS, annotated_to_dict, open_output, table_rows
from metier.domain import (
    AnnotatedPosting,
    Candidate,
    Keyword,
    Link,
    Mention,
    Occupation,
    Posting,
    Provenance,
    Section,
    Skill,
    Span,
    TitleSuggestion,
)
from metier.errors import ConfigError

BODY = 'SQL, Ünïcode 🍋 and "sql".\nNo Excel.'
SQL = Skill("http://example.org/sql", "SQL")
EXCEL = Skill("http://example.org/excel", "use spreadsheets")


def _mention(start, end, **facts):
    return Mention(Span(start, end), BODY[start:end], "knowledge", 0.87654321, **facts)


def _posting():
    links = (
        Link(_mention(20, 23, requirement="preferred"), SQL, 0.7, (Candidate(SQL, 0.7), Candidate(EXCEL, 0.1))),
        Link(_mention(0, 3, requirement="required", section="requirements", either=1, years=3.0), SQL, 0.6),
        Link(_mention(5, 12), None, 0.2, (Candidate(EXCEL, 0.2),)),
        Link(_mention(29, 34, requirement="negated"), EXCEL, 0.9),
    )
    return AnnotatedPosting(
        posting=Posting(id="a;1", body=BODY, title="Analyst"),
        language="en",
        text_sha256="0" * 64,
        provenance=Provenance("0.1.0", "tagger@1", "linker@2", "ESCO v1.1.1"),
        sections=(Section(Span(0, 27), "requirements"),),
        links=links,
        keywords=(Keyword("sql", (Span(0, 3), Span(20, 23)), 1.23456),),
        titles=(TitleSuggestion("Data analyst", 0.51239),),
        occupations=(Candidate(Occupation("http://example.org/o", "analyst", isco="2511"), 0.61239),),
    )


def _group(concept):
    return "S5" if concept is EXCEL else "K0613"


def test_json_form_is_the_documented_one():
    found = annotated_to_dict(_posting(), group_of=_group)
    assert found["provenance"] == {
        "metier": "0.1.0",
        "tagger": "tagger@1",
        "linker": "linker@2",
        "taxonomy": "ESCO v1.1.1",
    }
    assert found["sections"] == [{"start": 0, "end": 27, "kind": "requirements"}]
    assert found["mentions"][0] == {
        "start": 0,
        "end": 3,
        "text": "SQL",
        "kind": "knowledge",
        "probability": 0.8765,
        "requirement": "required",
        "section": "requirements",
        "either": 1,
        "years": 3.0,
        "link": {"uri": SQL.uri, "label": "SQL", "group": "K0613", "probability": 0.6},
        "candidates": [],
    }
    assert found["keywords"] == [{"phrase": "sql", "weight": 1.2346, "spans": [[0, 3], [20, 23]]}]
    assert found["titles"] == [{"title": "Data analyst", "cosine": 0.5124}]
    assert found["occupations"] == [
        {"uri": "http://example.org/o", "label": "analyst", "isco": "2511", "probability": 0.6124}
    ]
    order = "id title language text_sha256 provenance sections mentions skills keywords titles occupations"
    assert " ".join(found) == order


def test_mentions_come_by_start_and_one_without_concept_has_null():
    mentions = annotated_to_dict(_posting(), group_of=_group)["mentions"]
    assert [mention["start"] for mention in mentions] == [0, 5, 20, 29]
    assert mentions[1]["link"] is None
    assert mentions[1]["candidates"] == [{"uri": EXCEL.uri, "label": EXCEL.label, "probability": 0.2}]
    assert "either" not in mentions[1]
    assert "years" not in mentions[1]


def test_skills_are_one_per_concept_with_the_strongest_requirement_first():
    # SQL: required beats preferred, 0.7 beats 0.6. Excel is surer, and negated comes last.
    assert annotated_to_dict(_posting(), group_of=_group)["skills"] == [
        {"uri": SQL.uri, "label": "SQL", "n_mentions": 2, "probability": 0.7, "requirement": "required"},
        {"uri": EXCEL.uri, "label": EXCEL.label, "n_mentions": 1, "probability": 0.9, "requirement": "negated"},
    ]


def test_same_requirement_is_ranked_by_probability_then_by_place():
    concepts = [Skill(name, name) for name in "abc"]
    links = [
        Link(_mention(i, i + 1), concept, probability)
        for i, (concept, probability) in enumerate(zip(concepts, (0.5, 0.9, 0.5), strict=True))
    ]
    assert [skill.concept.uri for skill in found_skills(links)] == ["b", "a", "c"]


def test_surfaces_are_each_given_once_whatever_the_case():
    [sql, _] = found_skills(_posting().links)
    assert sql.surfaces == ("SQL",)


def test_posting_without_links_has_no_skills():
    assert found_skills([]) == []


def test_table_has_one_row_per_mention_with_the_documented_columns():
    rows = table_rows(_posting(), group_of=_group)
    assert all(list(row) == list(TABLE_COLUMNS) for row in rows)
    assert list(rows[0].values()) == [
        "a;1", SQL.uri, "SQL", "K0613", "SQL", 0, 3, "knowledge", 0.8765, 0.6, "required", "requirements",
    ]  # fmt: skip
    assert rows[1]["concept_uri"] is None


def _written(path, *postings):
    with open_output(path, group_of=_group) as write:
        for posting in postings:
            write(posting)
    return path


def test_json_lines_come_back(tmp_path):
    lines = _written(tmp_path / "a.jsonl", _posting(), _posting()).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [annotated_to_dict(_posting(), group_of=_group)] * 2
    assert "Ünïcode" in lines[0]


def test_csv_comes_back(tmp_path):
    with _written(tmp_path / "a.csv", _posting()).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    expected = table_rows(_posting(), group_of=_group)
    assert rows == [{k: "" if v is None else str(v) for k, v in row.items()} for row in expected]


def test_parquet_comes_back_with_types_and_nulls(tmp_path):
    path = _written(tmp_path / "it's.parquet", _posting())
    found = duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)])
    names = [column[0] for column in found.description]
    assert [dict(zip(names, row, strict=True)) for row in found.fetchall()] == table_rows(_posting(), group_of=_group)


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".parquet"])
def test_no_postings_make_a_readable_empty_file(tmp_path, ending):
    path = _written(tmp_path / f"a{ending}")
    assert path.exists()
    if ending == ".parquet":
        assert duckdb.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchone() == (0,)
    assert [left.name for left in tmp_path.iterdir()] == [f"a{ending}"]


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".parquet"])
def test_lone_surrogate_breaks_no_output(tmp_path, ending):
    body = "a \ud83d b"
    link = Link(Mention(Span(0, 5), body, "skill", 0.5), None, 0.1)
    broken = AnnotatedPosting(Posting("\ud83d", body), None, "0", Provenance("", "", "", ""), links=(link,))
    assert _written(tmp_path / f"a{ending}", broken).stat().st_size > 0


@pytest.mark.parametrize("name", ["a.xlsx", "a", "a.jsonl.gz"])
def test_other_endings_are_refused(tmp_path, name):
    with pytest.raises(ConfigError, match=r"\.jsonl, \.csv, \.parquet"):
        open_output(tmp_path / name, group_of=_group).__enter__()
