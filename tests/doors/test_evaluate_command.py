import json
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from metier.cli import evaluate
from metier.domain import Candidate, Link, Mention, Skill, Span
from metier.errors import ConfigError, InputError, MissingColumn

TAGGED = {"tokens": ["use", "Java"], "tags_skill": ["O", "O"], "tags_knowledge": ["O", "B"], "idx": 1, "source": "t"}
LABELLED = "sentence,span,sub_span,label\nuse Java,Java,,Java\nuse it,it,,LABEL NOT PRESENT\nuse it,use,,gone\n"


class FakeTagger:
    version = "fake-tagger@0"

    def tag(self, texts, *, words=None):
        return [[Mention(Span(4, 8), text[4:8], "knowledge", 0.9)] for text in texts]


class FakeLinker:
    version = "fake-linker@0"
    java = Candidate(Skill(uri="u", label="Java"), 0.9)

    def link(self, texts, mentions):
        return [[Link(m, self.java.concept, 0.9, (self.java,)) for m in some] for some in mentions]

    def rank(self, texts, *, k):
        return [[self.java] for _ in texts]


@pytest.fixture
def run(monkeypatch):
    loaded = []

    def load_tagger(name, *, data_set=None, datastore=None):
        loaded.append(name)
        return FakeTagger()

    def load_linking(name, *, taxonomy, reranker=None):
        loaded.extend([name, taxonomy, *([reranker] if reranker else [])])
        return SimpleNamespace(linker=FakeLinker(), taxonomy=SimpleNamespace(skills=[FakeLinker.java.concept]))

    monkeypatch.setattr(evaluate, "load_tagger", load_tagger)
    monkeypatch.setattr(evaluate, "load_linking", load_linking)
    app = typer.Typer()
    evaluate.register(app)

    def invoke(*arguments):
        result = CliRunner().invoke(app, ["evaluate", *map(str, arguments)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    invoke.loaded = loaded
    return invoke


@pytest.fixture
def folder(tmp_path):
    for split in ("dev", "test"):
        (tmp_path / f"{split}.json").write_text(json.dumps(TAGGED), "utf-8")
    (tmp_path / "rows.csv").write_text(LABELLED, "utf-8")
    return tmp_path


def test_tagging_prints_one_json_object_with_fractions(run, folder):
    result = run("tagging", "--model", "mine", "--data", folder, "--split", "dev", "--json")
    figures = json.loads(result.stdout)
    assert run.loaded == ["mine"]
    assert figures["knowledge"]["f1"] == 1.0
    assert {"precision", "recall", "f1", "interval"} <= set(figures["skill"])
    assert {"lenient", "seqeval_default", "ece", "pooled"} <= set(figures)


def test_tagging_takes_a_file_and_the_shipped_model_by_default(run, folder):
    assert json.loads(run("tagging", "--data", folder / "test.json").stdout)["n_sentences"] == 1
    assert run.loaded == ["tagger-en"]


def test_tagging_accepts_a_file_with_skills_only(run, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({key: TAGGED[key] for key in ("tokens", "tags_skill")}), "utf-8")
    assert "knowledge" not in json.loads(run("tagging", "--data", path, "--json").stdout)


def test_linking_prints_one_json_object_with_the_three_views(run, folder):
    figures = json.loads(run("linking", "--data", folder / "rows.csv", "--json").stdout)
    assert run.loaded == ["linker", "esco"]
    assert {"n", "mrr", "rp@1", "rp@5", "rp@10"} <= set(figures["sentence"])
    assert figures["mention"]["all"]["acc@1"] == pytest.approx(1 / 3)
    assert figures["mention"]["linkable"]["acc@1"] == pytest.approx(1 / 2)
    assert figures["mention"]["nil"]["recall"] == 0
    assert figures["unknown_labels"] == ["gone"]


def test_linking_takes_a_reranker(run, folder):
    run("linking", "--data", folder / "rows.csv", "--reranker", "mine", "--json")
    assert run.loaded == ["linker", "esco", "mine"]


def test_output_file_holds_the_figures_and_what_made_them(run, folder):
    result = run("linking", "--data", folder / "rows.csv", "--seed", 5, "--json", "-o", folder / "out.json")
    written = json.loads((folder / "out.json").read_text("utf-8"))
    record = written.pop("record")
    assert written == json.loads(result.stdout)
    assert (record["model"], record["data"], record["seed"]) == ("fake-linker@0", "rows.csv", 5)


def test_linking_draws_risk_against_coverage(run, folder):
    result = run("linking", "--data", folder / "rows.csv", "--json", "--plot", folder / "risk.png")
    found = json.loads(result.stdout)["mention"]["abstention"]
    # every row is given Java with 0.9, and one of three means it
    assert found["points"] == [[0.9, 1.0, 0.6667]]
    assert found["aurc"] == pytest.approx(2 / 3)
    assert (folder / "risk.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ConfigError, match=r"\.png or \.svg"):
        run("linking", "--data", folder / "rows.csv", "--plot", folder / "risk.txt")


def test_terminal_gets_tables_with_percentages(run, folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(evaluate, "on_terminal", lambda: True)
    tagging = run("tagging", "--data", folder).stdout
    assert "fake-tagger@0 on test.json" in tagging
    assert "100.0–100.0" in tagging
    linking = run("linking", "--data", folder / "rows.csv")
    assert "acc@32" in linking.stdout
    assert "33.3" in linking.stdout
    assert "no concept is called 'gone'" in linking.stderr


def test_bad_data_is_named(run, tmp_path):
    with pytest.raises(InputError, match="no file or folder"):
        run("tagging", "--data", tmp_path / "none")
    path = tmp_path / "a.csv"
    path.write_text("a,b\n", "utf-8")
    with pytest.raises(MissingColumn):
        run("linking", "--data", path)


def test_missing_data_option_is_misuse(run):
    assert run("tagging").exit_code == 2
    assert run("linking").exit_code == 2


def test_coordination_prints_figures_by_split(run, tmp_path):
    rows = [
        {"split": "tune", "text": "written and verbal skills", "skills": ["written skills", "verbal skills"]},
        {"split": "test", "text": "health and safety", "skills": []},
        {"split": "test", "text": "manage budgets and people", "skills": ["manage budgets", "people"]},
    ]
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    figures = json.loads(run("coordination", path, "--json", "-o", tmp_path / "out.json").stdout)
    assert figures["tune"]["exact"] == 1
    assert figures["test"]["exact"] == 0.5
    # of "manage budgets", "manage people" one is right, of two that should be there
    assert figures["test"]["parts"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert figures["test"]["split_wrongly"] == 0
    assert json.loads((tmp_path / "out.json").read_text())["record"]["data"] == "cases.jsonl"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", InputError),
        (b"\xff\xfe\x00", InputError),
        (b"{}", MissingColumn),
        (b"[1]", MissingColumn),
        (b"x", InputError),
    ],
)
def test_faulty_cases_are_named(run, tmp_path, content, error):
    path = tmp_path / "cases.jsonl"
    path.write_bytes(content)
    with pytest.raises(error, match=r"cases\.jsonl"):
        run("coordination", path)


def test_terminal_gets_a_table_of_the_cases(run, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(evaluate, "on_terminal", lambda: True)
    path = tmp_path / "cases.jsonl"
    path.write_text('{"split": "test", "text": "SQL", "skills": []}\n', "utf-8")
    shown = run("coordination", path).stdout
    assert "cases.jsonl" in shown
    assert "100.0" in shown
