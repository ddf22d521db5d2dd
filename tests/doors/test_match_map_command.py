"""`metier match map`, with the encoder replaced by one that reads categories."""

import json
import re
import shutil
import subprocess

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from metier.cli import match_map
from metier.data.documents import write_profiles
from metier.domain import Facts, Profile
from metier.errors import ConfigError, InputError
from metier.evaluation.latent_page import render_map
from metier.evaluation.latent_space import LatentMap
from metier.pipelines import latent_map

EVIL = "</script><script>document.title = 'taken'</script>é🍞"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class CategoryEncoder:
    version = "fake@00000000"
    dim = 4

    def encode_profiles(self, profiles):
        vectors = np.random.default_rng(0).normal(scale=0.1, size=(len(profiles), self.dim)).astype(np.float32)
        for row, profile in zip(vectors, profiles, strict=True):
            row[len(profile.facts.category) % self.dim] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def people(tmp_path):
    profiles = [
        Profile(str(number), {"title": f"person {number}"}, facts=Facts(category=("baker", "nurse")[number % 2]))
        for number in range(30)
    ]
    write_profiles(tmp_path / "people.jsonl", profiles)
    return tmp_path / "people.jsonl"


@pytest.fixture
def run(monkeypatch):
    pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(latent_map, "build_document_encoder", lambda name, *, threads: CategoryEncoder())
    app = typer.Typer()
    app.callback()(lambda: None)
    match_map.register(app)

    def invoke(*arguments):
        result = CliRunner().invoke(app, ["map", *map(str, arguments)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def test_map_writes_a_picture_and_a_page(run, people, tmp_path):
    result = run("--data", people, "-o", tmp_path / "map.png", "--html", tmp_path / "map.html", "--limit", 20)
    assert result.stdout == ""
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "map.html").read_text("utf-8")
    data = json.loads(re.search(r'id="map">(.*?)</script>', page, re.DOTALL)[1])
    assert len(data["places"]) == 20
    assert set(data["groupings"][0]["names"]) == {"baker", "nurse"}


def test_map_as_svg_is_the_same_each_time(run, people, tmp_path):
    run("--data", people, "-o", tmp_path / "one.svg")
    run("--data", people, "-o", tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_map_without_anything_to_write_is_refused(run, people):
    with pytest.raises(ConfigError, match="Nothing would be written"):
        run("--data", people)


def test_map_of_a_file_that_is_not_there_is_refused(run, tmp_path):
    with pytest.raises(InputError, match=r"nobody\.jsonl"):
        run("--data", tmp_path / "nobody.jsonl", "-o", tmp_path / "map.png")


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to open the page with")
def test_the_page_runs_in_a_browser_and_its_texts_do_not(tmp_path):
    profiles = [Profile("x", {"title": EVIL}, facts=Facts(category=EVIL)), Profile("y", {"title": "nurse"})]
    found = LatentMap(profiles=profiles, places=np.array([[0.0, 0.0], [1.0, 1.0]]), version="v")
    (tmp_path / "map.html").write_text(render_map(found, subject="s"), "utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'browser'}"]
    command = [CHROMIUM, *options, "--virtual-time-budget=2000", "--dump-dom", (tmp_path / "map.html").as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "<title>People in their space</title>" in dom
    legend = re.search(r'<ul id="legend">(.*?)</ul>', dom, re.DOTALL)[1]
    # made by the script, which the page's policy lets run; the browser writes a text with its signs escaped
    assert re.findall(r'<span class="n">(\d+)</span>', legend) == ["1", "1"]
    assert "&lt;/script&gt;&lt;script&gt;" in legend
