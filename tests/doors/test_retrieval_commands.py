"""`metier evaluate retrieval` and `metier evaluate upwork`, on words only."""

import gzip
import json
from datetime import date

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from metier.cli import evaluate
from metier.cli.retrieval_view import retrieval_views
from metier.data.market import Interaction, Market, Truth, Version, write_market
from metier.domain import Facts, Profile, Project
from metier.errors import ConfigError, InputError, UnknownModel

SPLIT = date(2024, 3, 1)
TRADES = ["baker", "nurse", "pilot", "welder"]


def trade(number):
    return TRADES[number % 4]


@pytest.fixture
def market(tmp_path):
    """Forty people and twelve projects of four trades; words say which, and half of the people write French."""

    def write(name="market", seed=7):
        profiles = [
            Profile(
                f"f{number}",
                {"title": f"{trade(number)} number{number}"},
                skills=(trade(number),),
                facts=Facts(category=trade(number)),
                language="en" if number % 8 < 4 else "fr",
            )
            for number in range(40)
        ]
        projects = [
            Project(
                f"p{number}",
                {"mission": f"we need a {trade(number)}"},
                skills=(trade(number).upper(),),
                facts=Facts(category=trade(number)),
                language="en" if number % 2 else "fr",
            )
            for number in range(12)
        ]
        interactions = [
            Interaction(f"p{number}", f"f{number + add}", 1 if add in (0, 4) else -1, SPLIT)
            for number in range(12)
            for add in (0, 1, 4)
        ]
        match = [[float(trade(row) == trade(column)) for column in range(40)] for row in range(12)]
        truth = Truth(
            tuple(project.id for project in projects),
            tuple(profile.id for profile in reversed(profiles)),
            np.array(match, dtype=np.float32)[:, ::-1],
        )
        # f0 was a nurse before the split, and says so no more; what counts is the split
        versions = [Version(Profile("f0", {"title": "nurse"}, skills=("nurse",), language="en"), date(2024, 2, 1))]
        made = Market(profiles, projects, interactions, SPLIT, versions, truth, card={"settings": {"seed": seed}})
        write_market(made, tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def run():
    app = typer.Typer()
    evaluate.register(app)

    def invoke(*arguments):
        result = CliRunner().invoke(app, ["evaluate", *map(str, arguments)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def test_retrieval_compares_systems_with_the_random_one_and_writes_a_record(run, market, tmp_path):
    folder = market()
    systems = ["--system", "words=tf-idf", "--system", "skill-overlap"]
    result = run("retrieval", "--data", folder, *systems, "--json", "-o", tmp_path / "out.json")
    figures = json.loads(result.stdout)
    assert list(figures["systems"]) == ["words", "skill-overlap", "random"]
    assert figures["baseline"] == "random"
    best = figures["systems"]["words"]["views"]["all"]
    assert best["category@10"]["mean"] == 1
    assert best["ndcg@10"]["mean"] == pytest.approx(1)
    assert best["auc"] == {"mean": 1, "n_projects": 12, "interval": [1, 1]}
    assert figures["systems"]["random"]["views"]["all"]["category@10"]["mean"] < 0.6
    assert set(figures["systems"]["words"]["views"]) == {"all", "language en", "language fr"}
    assert figures["minus_baseline"]["words"]["skills@100"]["difference"] == pytest.approx(0)  # all forty are found
    assert figures["minus_baseline"]["words"]["auc"]["p_value"] < 0.05
    assert figures["markets"][0]["mean_n_fitting"] == 10
    written = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert written["record"]["model"] == "words=tf-idf; skill-overlap=skill-overlap; random=random"
    assert written["record"]["data"] == "market"
    assert len(written["record"]["data_sha256"]) == 64


def test_retrieval_over_two_markets_says_how_far_they_are_apart(run, market):
    folders = ["--data", market("one", 1), "--data", market("two", 2)]
    figures = json.loads(run("retrieval", *folders, "--system", "tf-idf", "--system", "random", "--json").stdout)
    found = figures["systems"]["tf-idf"]
    assert [one["n_projects"] for one in figures["markets"]] == [12, 12]
    assert found["views"]["all"]["auc"]["n_projects"] == 24
    assert len(found["tasks"]) == 2
    assert found["deviation"]["auc"] == 0


def test_retrieval_puts_the_market_and_its_seed_into_folders(run, market):
    with pytest.raises(UnknownModel, match="runs/two-2-model"):
        run("retrieval", "--data", market("two", 2), "--system", "ours=retriever:runs/{market}-{seed}-model")


@pytest.mark.parametrize(
    ("systems", "message"),
    [
        (["nothing"], "no kind of matching system 'nothing'"),
        (["ours=retriever"], "'ours=retriever' names no folder"),
        (["tf-idf:runs"], "'tf-idf:runs' names a folder"),
        (["a=tf-idf", "a=random"], "Two systems are called a"),
        (["random=tf-idf"], "Two systems are called random"),
    ],
)
def test_retrieval_refuses_systems_that_cannot_be(run, market, systems, message):
    asked = [part for system in systems for part in ("--system", system)]
    with pytest.raises(ConfigError, match=message):
        run("retrieval", "--data", market(), *asked)


def test_retrieval_refuses_a_baseline_that_is_no_system(run, market):
    with pytest.raises(ConfigError, match="no system 'bm25' to compare with; give one of tf-idf, random"):
        run("retrieval", "--data", market(), "--system", "tf-idf", "--baseline", "bm25")


def test_retrieval_refuses_a_folder_that_is_no_market(run, tmp_path):
    with pytest.raises(InputError, match=r"market\.json"):
        run("retrieval", "--data", tmp_path, "--system", "random")


def test_retrieval_draws_pictures(run, market, tmp_path):
    pytest.importorskip("matplotlib")
    (tmp_path / "pictures").mkdir()
    run("retrieval", "--data", market(), "--system", "tf-idf", "--plot", tmp_path / "pictures")
    drawn = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    assert drawn == ["languages.png", "systems.png"]
    assert all((tmp_path / "pictures" / name).read_bytes().startswith(b"\x89PNG") for name in drawn)


def test_the_tables_have_the_columns_of_the_paper_and_the_number_of_projects(run, market):
    figures = json.loads(run("retrieval", "--data", market(), "--system", "tf-idf", "--json").stdout)
    views = retrieval_views(figures)
    assert [view.title for view in views] == [
        "by feedback and attributes",
        "by the truth",
        "language en",
        "language fr",
        "minus random",
    ]
    feedback = views[0]
    assert feedback.columns[1:9] == ["rec single", "rec all", "cat@10", "cat@100", "sk@10", "sk@100", "ret+", "ret-"]
    assert feedback.rows[0] == ["projects", *["12"] * 10]
    assert feedback.rows[1][:2] == ["tf-idf", "1.000"]


@pytest.fixture
def freelance(tmp_path):
    projects = [
        {"id": "0", "title": "Café website", "skills": ["WordPress", "Web Design"]},
        {"id": "1", "title": "Logo for a bakery 🍞", "skills": ["Logo Design"]},
        {"id": "2", "title": "No tags at all", "skills": []},
    ]
    profiles = [
        {"id": "a", "bio": "I build a website with care.", "skills": ["wordpress", "web  design"]},
        {"id": "b", "bio": "Any logo you like.", "skills": ["Logo Design"]},
        {"id": "c", "bio": "", "skills": ["Web Design"]},
    ]
    folder = tmp_path / "freelance"
    folder.mkdir()
    packed = gzip.compress("".join(json.dumps(row) + "\n" for row in projects).encode())
    (folder / "upwork_projects_en.jsonl.gz").write_bytes(packed)
    (folder / "freelancer_profiles_en.jsonl").write_text("".join(json.dumps(row) + "\n" for row in profiles), "utf-8")
    return folder


def test_upwork_judges_texts_by_shared_tags_and_says_that_this_is_weak(run, freelance, tmp_path):
    result = run("upwork", "--data", freelance, "--system", "tf-idf", "--json", "-o", tmp_path / "out.json")
    figures = json.loads(result.stdout)
    assert figures["truth"] == "weak: shared skill tags"
    assert "weak" in result.stderr
    found = figures["systems"]["tf-idf"]["views"]["all"]
    assert found["mrr"] == {"mean": 1, "n_projects": 2, "interval": [1, 1]}
    assert "auc" not in found  # nobody said yes or no
    assert figures["data"]["n_profiles"] == 3
    assert figures["data"]["mean_n_fitting"] == pytest.approx((2 + 1 + 0) / 3)  # a and c, b, nobody
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["record"]["data"] == "freelance"


def test_upwork_refuses_the_overlap_of_skills_as_a_system(run, freelance):
    with pytest.raises(ConfigError, match="overlap of skills"):
        run("upwork", "--data", freelance, "--system", "skill-overlap")


@pytest.mark.data
def test_upwork_reads_the_staged_data(data_folder):
    from metier.data.freelance import read_freelance
    from metier.pipelines.freelance_evaluation import freelance_task

    data = read_freelance(data_folder / "freelance")
    assert (len(data.projects), len(data.profiles)) == (4954, 791)
    assert len({tag for tags in data.profile_tags for tag in tags}) == 604  # 614 with case
    task = freelance_task(data)
    assert 0 < (task.truth >= task.fits_from).any(axis=1).mean() < 1
