"""`metier evaluate titles`, `metier evaluate title-neighbours` and `metier title compare`, on words only."""

import csv
import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from metier.artifacts import write_artifact
from metier.cli import evaluate, evaluate_titles, title_compare
from metier.domain import Occupation
from metier.errors import ConfigError, InputError
from metier.taxonomy.facts import Facts
from metier.taxonomy.taxonomy import Taxonomy
from metier.titles.word_vectors import WordVectors

JOBS = ["baker", "nurse", "pilot", "welder", "tailor", "miner", "florist", "plumber", "barber", "cook"]
THINGS = ["bread", "patients", "planes", "steel", "suits", "coal", "roses", "pipes", "hair", "soup"]


@pytest.fixture
def data(tmp_path):
    """Postings of ten jobs, no two alike."""
    (tmp_path / "data" / "postings").mkdir(parents=True)
    generator = np.random.default_rng(3)
    rows = []
    for number in range(150):
        job, thing = JOBS[number % 10], THINGS[number % 10]
        filling = " ".join(f"w{code}" for code in generator.integers(10_000, size=20))
        rows.append({"id": number, "title": f"{job} {thing}", "description": f"A {job} cares for {thing} {filling}"})
    content = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "data" / "postings" / "board_en.jsonl").write_text(content, "utf-8")
    return tmp_path / "data"


@pytest.fixture
def model(tmp_path):
    """Word vectors: a job and its thing point the same way."""

    def write(name, seed):
        axes = np.random.default_rng(seed).normal(size=(10, 12)).astype(np.float32)
        vectors = WordVectors.from_floats([*JOBS, *THINGS], np.concatenate([axes, axes]))
        settings = {"languages": ["en"]}
        write_artifact(tmp_path / name, kind="titles", settings=settings, files={"words.npz": vectors.to_bytes()})
        return tmp_path / name

    return write


@pytest.fixture
def run():
    app = typer.Typer()
    evaluate.register(app)
    app.command()(title_compare.compare)

    def invoke(*arguments):
        result = CliRunner().invoke(app, list(map(str, arguments)))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def test_titles_compares_systems_and_writes_a_record(run, data, model, tmp_path):
    folder = model("words", 1)
    systems = ["--system", f"sum=word-sum:{folder}", "--system", "tf-idf", "--system", "floor=random"]
    result = run("evaluate", "titles", "--data", data, *systems, "--json", "-o", tmp_path / "out.json")
    figures = json.loads(result.stdout)
    assert list(figures["systems"]) == ["sum", "tf-idf", "floor"]
    assert list(figures["first_minus"]) == ["tf-idf", "floor"]
    best = figures["systems"]["sum"]["masked"]["views"]["all"]
    assert best["accuracy@1"] == 1  # every description says its thing
    assert best["n_items"] >= 3
    written = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert written["record"]["model"].startswith("sum=word-sum:words@")
    assert written["record"]["data"] == "postings in en"
    assert len(written["record"]["data_sha256"]) == 64
    assert {**written, "record": None} == {**figures, "record": None}


def test_titles_shows_tables_on_a_terminal(run, data, model, monkeypatch):
    monkeypatch.setattr(evaluate_titles, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    systems = ["--system", f"sum=word-sum:{model('words', 1)}", "--system", "random"]
    shown = run("evaluate", "titles", "--data", data, "--split", "dev", *systems).stdout
    assert "title masked" in shown
    assert "title unmasked" in shown
    assert "sum minus the others" in shown
    assert "100.0" in shown
    assert "ms by the clock" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--system", "lstm:x"], "no kind"),
        (["--system", "random", "--system", "random"], "called random"),
        (["--system", "random", "--language", "da"], "no pairs"),
        (["--system", "random", "-o", "none/out.json"], "no folder"),
    ],
)
def test_titles_refuses_what_it_cannot_measure(run, data, arguments, message):
    with pytest.raises((ConfigError, InputError), match=message):
        run("evaluate", "titles", "--data", data, *arguments)


@pytest.fixture
def taxonomy(tmp_path):
    jobs = tuple(Occupation(f"o{n}", job, isco="2221" if n % 2 else "7512") for n, job in enumerate(JOBS))
    Taxonomy(Facts(name="Own", version="1", languages=("en",), skills=(), parents=(), occupations=jobs)).save(
        tmp_path / "taxonomy"
    )
    return tmp_path / "taxonomy"


@pytest.fixture
def placed(tmp_path):
    path = tmp_path / "titles.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["", "vacancyTitle", "conceptUri"])
        for number, (job, thing) in enumerate(zip(JOBS, THINGS, strict=True)):
            writer.writerow([number, job, f"o{number}"])
            writer.writerow([number, thing, f"o{number}"])
        writer.writerow([99, "astronaut", "unknown"])
    return path


def test_neighbours_are_compared_by_isco_and_occupation(run, model, taxonomy, placed, tmp_path):
    arguments = ["--taxonomy", taxonomy, "--system", f"sum=word-sum:{model('words', 1)}"]
    out = tmp_path / "out.json"
    result = run("evaluate", "title-neighbours", placed, *arguments, "--json", "-o", out)
    found = json.loads(result.stdout)["systems"]["sum"]
    assert found["n_titles"] == 20  # the astronaut's occupation is unknown
    assert (found["isco"], found["occupation"]) == (1, 1)  # a job and its thing are each other's neighbours
    assert json.loads(out.read_text("utf-8"))["record"]["data"] == "titles.csv"


def test_neighbours_leave_out_titles_of_the_pairs(run, model, taxonomy, placed, data):
    arguments = ["--data", data, "--taxonomy", taxonomy, "--system", f"sum=word-sum:{model('words', 1)}", "--json"]
    before = json.loads(run("evaluate", "title-neighbours", placed, *arguments).stdout)
    row = {"id": "x", "title": "Baker", "description": "bakes"}
    (data / "postings" / "more_en.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    after = json.loads(run("evaluate", "title-neighbours", placed, *arguments).stdout)
    assert before["systems"]["sum"]["n_titles"] == 20
    assert after["systems"]["sum"]["n_titles"] == 19
    assert after["systems"]["sum"]["occupation"] < 1  # bread has lost its neighbour


def test_neighbours_are_shown_as_a_table_on_a_terminal(run, model, taxonomy, placed, monkeypatch):
    monkeypatch.setattr(evaluate_titles, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "160")
    arguments = ["--taxonomy", taxonomy, "--system", f"sum=word-sum:{model('words', 1)}"]
    shown = run("evaluate", "title-neighbours", placed, *arguments).stdout
    assert "same ISCO group" in shown
    assert "100.0" in shown


def test_compare_writes_a_sheet_and_counts_its_answers(run, data, model, tmp_path):
    sheet = tmp_path / "sheet.html"
    systems = ["--system", f"one=word-sum:{model('one', 1)}", "--system", f"two=word-sum:{model('two', 2)}"]
    result = run("compare", "--data", data, *systems, "-n", "4", "--seed", "7", "-o", sheet)
    assert "4 titles, seed 7" in result.stderr
    page = sheet.read_text("utf-8")
    start = page.index('id="sheet">') + len('id="sheet">')
    content = json.loads(page[start : page.index("</script>", start)])
    assert (content["seed"], content["systems"], len(content["items"])) == (7, ["one", "two"], 4)

    judged = [{**item, "choice": "left" if item["left"] == "one" else "right"} for item in content["items"]]
    judged[0]["choice"] = "none"
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps({"systems": content["systems"], "answers": judged}), "utf-8")
    tally = json.loads(run("compare", "--answers", answers, "--json").stdout)
    assert tally["preferred"] == {"one": 3, "two": 0}
    assert tally["none"] == 1
    assert tally["p_value"] == pytest.approx(2 / 2**3)


def test_answers_are_shown_as_a_table_on_a_terminal(run, tmp_path, monkeypatch):
    monkeypatch.setattr(title_compare, "on_terminal", lambda: True)
    answers = tmp_path / "answers.json"
    row = {"title": "t", "left": "a", "right": "b", "choice": "right"}
    answers.write_text(json.dumps({"systems": ["a", "b"], "answers": [row, {**row, "choice": "both"}]}), "utf-8")
    shown = run("compare", "--answers", answers).stdout
    assert "50.0" in shown
    assert "sign test p = 1.000" in shown


def test_compare_refuses_a_model_that_saw_the_titles(run, data, model, tmp_path):
    systems = ["--system", f"one=word-sum:{model('one', 1)}", "--system", f"two=word-sum:{model('two', 2)}"]
    with pytest.raises(ConfigError, match="was trained on pairs in en"):
        run("compare", "--data", data, "--language", "en", "--language", "da", *systems, "-o", tmp_path / "sheet.html")


def test_compare_without_what_it_needs_is_a_config_error(run, data, tmp_path):
    with pytest.raises(ConfigError, match="--answers"):
        run("compare")
    with pytest.raises(ConfigError, match="Name a system"):
        run("compare", "--data", data, "-o", tmp_path / "sheet.html")
    with pytest.raises(ConfigError, match="no title vectors"):
        run("compare", "--data", data, "-o", tmp_path / "sheet.html", "--system", "random", "--system", "tf-idf")
