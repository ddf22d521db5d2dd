"""`metier annotate`, from the shell."""

import csv
import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest

EXAMPLE = "Cook\n\nRequirements\n- Python programming and SQL\n- basket weaving\n"
ROWS = "".join(
    json.dumps({"id": str(i), "text": f"You need SQL, case {i}.\nRequirements\n- SQL"}) + "\n" for i in range(3)
)


def _lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_pipe_gets_json_lines_and_notes_go_to_stderr(shell):
    shell.write("cook.txt", EXAMPLE)
    outcome = shell.run("annotate", "cook.txt")
    [found] = _lines(outcome.out)
    assert outcome.code == 0
    assert found["id"] == "cook"
    assert [skill["label"] for skill in found["skills"]] == [
        "SQL",
        "Python programming",
        "Python (computer programming)",
    ]
    assert all(EXAMPLE[m["start"] : m["end"]] == m["text"] for m in found["mentions"])
    assert found["mentions"][-1]["link"] is None
    assert outcome.err == "1 posting, 4 mentions, 3 linked\n"


def test_terminal_gets_a_readable_view(shell):
    shell.write("cook.txt", EXAMPLE + "Wrong \x1b[31mcolour\x1b[0m [bold]SQL[/bold]\n")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, str(os.path.dirname(__file__) + "/run_with_fakes.py"), "annotate", "cook.txt"],
        cwd=shell.folder,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "100", "TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    try:
        while block := os.read(ours, 4096):
            shown += block
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(ours)
    assert process.wait(timeout=300) == 0
    text = shown.decode()
    for part in ("cook", "requirements", "K0613", "“Python programming”", "basket weaving", "keywords"):
        assert part in text
    assert "{" not in text
    assert "\x1b[31m" not in text


@pytest.mark.parametrize("source", ["-", None])
def test_standard_input_is_read(shell, source):
    arguments = ["annotate", *([source] if source else [])]
    assert [found["id"] for found in _lines(shell.run(*arguments, piped=ROWS.encode()).out)] == ["0", "1", "2"]


def test_json_lines_out(shell):
    shell.write("in.jsonl", ROWS)
    outcome = shell.run("annotate", "in.jsonl", "-o", "out.jsonl")
    assert (outcome.code, outcome.out) == (0, "")
    assert [found["id"] for found in _lines((shell.folder / "out.jsonl").read_text())] == ["0", "1", "2"]
    assert shell.names() == ["in.jsonl", "out.jsonl"]


def test_table_out(shell):
    shell.write("in.jsonl", ROWS)
    shell.run("annotate", "in.jsonl", "-o", "out.csv")
    with (shell.folder / "out.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["posting_id"] for row in rows] == ["0", "0", "1", "1", "2", "2"]
    assert {row["label"] for row in rows} == {"SQL"}


def test_parquet_out_and_in(shell):
    import duckdb

    duckdb.execute(f"COPY (SELECT 'You need SQL' AS advert) TO '{shell.folder}/in.parquet' (FORMAT parquet)")
    outcome = shell.run("annotate", "in.parquet", "--text-column", "advert", "-o", "out.parquet")
    assert outcome.code == 0
    found = duckdb.execute("SELECT posting_id, surface FROM read_parquet(?)", [str(shell.folder / "out.parquet")])
    assert found.fetchall() == [("in:1", "SQL")]


def test_page_out(shell):
    shell.write("cook.txt", EXAMPLE)
    outcome = shell.run("annotate", "cook.txt", "--html", "page.html", "-o", "out.jsonl")
    page = (shell.folder / "page.html").read_text()
    assert outcome.code == 0
    assert "Python programming" in page
    assert page.rstrip().endswith("</html>")


def test_page_of_no_postings_says_so(shell):
    shell.write("in.jsonl", ROWS)
    outcome = shell.run("annotate", "in.jsonl", "--limit", 0, "--html", "page.html")
    assert outcome.code == 0
    assert "No posting was given." in (shell.folder / "page.html").read_text()
    assert outcome.err == "0 postings, 0 mentions, 0 linked\n"


def test_limit_stops_after_so_many(shell):
    shell.write("in.jsonl", ROWS)
    assert len(_lines(shell.run("annotate", "in.jsonl", "--limit", 2).out)) == 2


def test_company_text_is_read_on_request(shell):
    shell.write("a.txt", "About us\nWe love yoga.\n\nRequirements\nSQL\n")
    [plain] = _lines(shell.run("annotate", "a.txt").out)
    [whole] = _lines(shell.run("annotate", "a.txt", "--all-sections").out)
    assert [m["text"] for m in plain["mentions"]] == ["SQL"]
    assert [m["text"] for m in whole["mentions"]] == ["yoga", "SQL"]


def test_other_languages_are_counted(shell):
    shell.write("a.jsonl", '{"text": "Du kannst SQL.", "language": "de-DE"}\n{"text": "SQL", "language": "en-GB"}\n')
    assert "note: 1 posting not in English (de-DE 1)" in shell.run("annotate", "a.jsonl").err


def test_files_folders_and_bad_rows_together(shell):
    (shell.folder / "more").mkdir()
    shell.write("more/b.txt", "You need SQL.")
    shell.write("a.jsonl", ROWS + "{broken\n")
    outcome = shell.run("annotate", "more", "a.jsonl", "none.txt", "-o", "out.csv")
    assert outcome.code == 1
    assert "a.jsonl, row 4: the line is not valid JSON" in outcome.err
    assert "2 bad rows left out, see out.csv.errors.jsonl" in outcome.err
    assert "4 postings" in outcome.err
    errors = _lines((shell.folder / "out.csv.errors.jsonl").read_text())
    assert [(error["source"], error["row"]) for error in errors] == [("a.jsonl", 4), ("none.txt", None)]


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_interrupted_run_leaves_nothing_half_written(shell, ending):
    shell.write("in.jsonl", ROWS * 5000)
    process = shell.start("annotate", "in.jsonl", "-o", f"out.{ending}", "--html", "page.html", FAKE_DELAY_S="0.05")
    deadline = time.monotonic() + 300
    while not [name for name in shell.names() if name.startswith(".out")] and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)  # some results are in
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert err.decode().strip() == "error: interrupted"
    assert shell.names() == ["in.jsonl"]


def test_two_runs_to_one_output_both_end_well(shell):
    shell.write("in.jsonl", ROWS * 50)
    runs = [shell.start("annotate", "in.jsonl", "-o", "out.jsonl", FAKE_DELAY_S="0.05") for _ in range(2)]
    assert [run.communicate(timeout=300)[0] for run in runs] == [b"", b""]
    assert [run.returncode for run in runs] == [0, 0]
    assert len(_lines((shell.folder / "out.jsonl").read_text())) == 150
    assert shell.names() == ["in.jsonl", "out.jsonl"]


def test_reader_that_goes_away_is_no_error(shell):
    shell.write("in.jsonl", ROWS * 2000)
    process = shell.start("annotate", "in.jsonl")
    process.stdout.readline()
    process.stdout.close()
    process.stdin.close()
    process.wait(timeout=300)
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()


def test_coordinated_skills_are_shown_one_by_one(shell):
    body = "Requirements\n- design, build and test REST and gRPC APIs\n"
    shell.write("a.txt", body)
    outcome = shell.run("annotate", "a.txt")
    [found] = _lines(outcome.out)
    [mention] = found["mentions"]
    assert [part["text"] for part in mention["parts"]] == [
        f"{verb} {kind} APIs" for verb in ("design", "build", "test") for kind in ("REST", "gRPC")
    ]
    for part in mention["parts"]:
        assert " ".join(body[start:end] for start, end in part["spans"]) == part["text"]
    assert [part["link"] and part["link"]["label"] for part in mention["parts"]] == [
        *(None, None, "build web interfaces", None, None, "test software")
    ]
    assert [skill["label"] for skill in found["skills"]] == ["build web interfaces", "test software"]
    assert outcome.err == "1 posting, 1 mention, 1 linked\n"


def test_only_coordinated_mentions_have_parts(shell):
    [found] = _lines(shell.run("annotate", piped=b"SQL and Python programming").out)
    assert not [mention for mention in found["mentions"] if "parts" in mention]


def test_table_has_a_row_for_each_part_of_a_coordinated_skill(shell):
    shell.write("a.txt", "design, build and test REST and gRPC APIs")
    assert shell.run("annotate", "a.txt", "-o", "out.csv").code == 0
    with (shell.folder / "out.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["surface"] for row in rows if row["label"]] == ["build REST APIs", "test gRPC APIs"]
    assert len(rows) == 6


def test_page_shows_what_the_parts_mean(shell):
    shell.write("a.txt", "design, build and test REST and gRPC APIs")
    assert shell.run("annotate", "a.txt", "--html", "page.html", "-o", "out.jsonl").code == 0
    page = (shell.folder / "page.html").read_text()
    assert "“build REST APIs” → build web interfaces" in page
    assert 'class="m skill first last"' in page.partition("<main>")[2]  # not `unlinked`
