"""The page about the tagger's errors states what the files say."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explanation/where-the-tagger-errs.md"


def numbers_in(value):
    if isinstance(value, dict):
        return [number for part in value.values() for number in numbers_in(part)]
    if isinstance(value, list):
        return [number for part in value for number in numbers_in(part)]
    return [value] if isinstance(value, int | float) else []


def test_every_figure_of_the_page_stands_in_the_files():
    files = sorted((ROOT / "results/analysis").glob("*.json"))
    numbers = [number for path in files for number in numbers_in(json.loads(path.read_text("utf-8")))]
    known = {f"{100 * number:.1f}" for number in numbers if isinstance(number, float)}
    known |= {f"{number:.2f}" for number in numbers if isinstance(number, float)}
    known |= {f"{number:,}" for number in numbers if isinstance(number, int)}
    stated = re.findall(r"\d[\d,]*(?:\.\d+)?", PAGE.read_text("utf-8").replace("95 %", ""))
    assert len(stated) > 40
    assert set(stated) <= known


def test_files_are_of_one_model_and_one_run():
    records = [json.loads(path.read_text("utf-8"))["record"] for path in (ROOT / "results/analysis").glob("*.json")]
    assert len(records) == 5
    assert len({(record["model"], record["data_sha256"], record["command"]) for record in records}) == 1
