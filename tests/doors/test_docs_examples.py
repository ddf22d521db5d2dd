"""Every example of README and docs is run, page by page, as a reader would.

In a page, a block opened by ```LANGUAGE file=NAME is saved under that name; the lines that begin with `$ ` in a
```console block are run by bash; ```python blocks are run one after the other in one namespace. ```sh and ```text
blocks are not run.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
COMMAND_LINE = ROOT / "docs" / "reference" / "cli.md"
PAGES = sorted({ROOT / "README.md", *(ROOT / "docs").rglob("*.md")} - {COMMAND_LINE})
FENCE = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]+))?\)")


class Block(NamedTuple):
    language: str
    file: str | None
    content: str

    @property
    def commands(self):
        return [line[2:] for line in self.content.splitlines() if line.startswith("$ ")]

    @property
    def runs(self):
        return bool(self.language == "python" or (self.language == "console" and self.commands))


def blocks_of(page):
    return [Block(match[1], match[2], match[3]) for match in FENCE.finditer(page.read_text())]


def name_of(page):
    return str(page.relative_to(ROOT))


def run_command(command):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture
def reader_folder(tmp_path, monkeypatch):
    for folder in ("examples", "examples-matching"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.models
@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if any(map(Block.runs.fget, blocks_of(page)))], ids=name_of)
def test_the_examples_of_a_page_run(page, reader_folder):
    names: dict[str, object] = {"__name__": "__main__"}
    for block in blocks_of(page):
        if block.file:
            (reader_folder / block.file).write_text(block.content)
        elif block.language == "python":
            exec(compile(block.content, name_of(page), "exec"), names)
        elif block.language == "console":
            for command in block.commands:
                run_command(command)


def test_a_faulty_taxonomy_file_is_refused_in_the_words_of_the_page(reader_folder):
    [table] = [block for block in blocks_of(ROOT / "docs/how-to/own-taxonomy.md") if block.file == "faulty.csv"]
    (reader_folder / "faulty.csv").write_text(table.content)
    [shown] = [
        block for block in blocks_of(ROOT / "docs/how-to/own-taxonomy.md") if "build faulty.csv" in block.content
    ]
    [command] = shown.commands
    done = run_command(command)
    assert done.stderr + done.stdout == shown.content.split("\n", 1)[1]


def test_the_command_line_page_is_what_help_says():
    command = [sys.executable, "-m", "typer", "metier.cli.main", "utils", "docs", "--name", "metier"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == COMMAND_LINE.read_text().strip(), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_between_pages_lead_somewhere(page):
    for target, anchor in LINK.findall(page.read_text()):
        linked = (page.parent / target).resolve() if target else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
            assert anchor in {
                re.sub(r"[^\w\s-]", "", heading).strip().lower().replace(" ", "-") for heading in headings
            }


def test_every_page_is_reached_from_the_list_of_pages():
    listed = {target for target, _ in LINK.findall((ROOT / "docs/README.md").read_text())}
    pages = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    by_folder = {page for page in pages if page.split("/")[0] in ("decisions", "model-cards")}
    assert pages - by_folder - {"README.md"} <= listed
