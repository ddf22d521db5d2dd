"""Each fault gets one clear sentence, the right exit code, no traceback, and costs no other row."""

import pytest

GOOD = '{"text": "You need SQL."}\n'


def _one_sentence(outcome, part):
    errors = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert part in errors[0]
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.txt", b"", "the file is empty"),
        ("a.txt", b"\x7fELF\0\0", "byte 4 is NUL"),
        ("a.txt", b"caf\xe9", "byte 3 is 0xE9"),
        ("a.json", b"{", "not valid JSON"),
        ("a.csv", b"id,salary\n1,2\n", "no column holds the text"),
        ("a.parquet", b"x", "cannot be read as Parquet"),
        ("a.docx", b"PK", "its ending is not one of"),
    ],
)
def test_bad_file_costs_no_other_file(shell, name, content, part):
    shell.write(name, content)
    shell.write("good.jsonl", GOOD)
    outcome = shell.run("annotate", name, "good.jsonl", "-o", "out.jsonl")
    _one_sentence(outcome, part)
    assert outcome.code == 1
    assert (shell.folder / "out.jsonl").read_text().count("\n") == 1
    assert (shell.folder / "out.jsonl.errors.jsonl").read_text().count("\n") == 1


def test_bad_line_costs_no_other_line(shell):
    shell.write("a.jsonl", GOOD + '{"text": \n' + GOOD)
    outcome = shell.run("annotate", "a.jsonl")
    _one_sentence(outcome, "a.jsonl, row 2: the line is not valid JSON")
    assert outcome.code == 1
    assert outcome.out.count("\n") == 2


def test_broken_html_is_read_as_far_as_it_goes(shell):
    shell.write(
        "a.html", "<html><body><div><p>You need SQL<p>and <b>Python</div></span><table><tr><td>soup &amp &#xFFFFFFFF;"
    )
    outcome = shell.run("annotate", "a.html")
    assert outcome.code == 0
    assert '"SQL"' in outcome.out


def test_unknown_language_is_annotated_and_noted(shell):
    shell.write("a.jsonl", '{"text": "SQL zzkx qqvv", "language": "tlh"}\n')
    outcome = shell.run("annotate", "a.jsonl")
    assert outcome.code == 0
    assert "not in English (tlh 1)" in outcome.err


@pytest.mark.slow
def test_posting_of_ten_megabytes(shell):
    shell.write("a.txt", "soup and salad.\n" * 650_000 + "You need SQL.\n")
    outcome = shell.run("annotate", "a.txt", "-o", "out.csv")
    assert outcome.code == 0
    assert "SQL" in (shell.folder / "out.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["none.txt"], 1, "There is no file or folder none.txt"),
        (["a.jsonl", "-o", "out.xlsx"], 2, "results are written to .jsonl, .csv, .parquet"),
        (["a.jsonl", "-o", "none/out.csv"], 1, "there is no folder"),
        (["a.jsonl", "-o", "folder"], 2, "has no ending"),
        (["a.jsonl", "--html", "folder"], 1, "is a folder"),
        (["a.jsonl", "--html", "none/page.html"], 1, "there is no folder"),
        (["a.jsonl", "-o", "a.jsonl"], 2, "is read and written by the same command"),
    ],
)
def test_misuse_is_refused_before_any_work(shell, arguments, code, part):
    (shell.folder / "folder").mkdir()
    shell.write("a.jsonl", GOOD)
    outcome = shell.run("annotate", *arguments)
    _one_sentence(outcome, part)
    assert outcome.code == code
    assert outcome.out == ""
    assert shell.names() == ["a.jsonl", "folder"]


@pytest.mark.parametrize(
    "arguments", [["annotate", "--nonsense"], ["annotate", "a.txt", "--threads", "0"], ["nonsense"]]
)
def test_unknown_option_is_misuse(shell, arguments):
    outcome = shell.run(*arguments)
    assert outcome.code == 2
    assert "Traceback" not in outcome.err


def test_many_bad_rows_are_not_all_shown(shell):
    shell.write("a.jsonl", "{\n" * 50 + GOOD)
    outcome = shell.run("annotate", "a.jsonl", "-o", "out.csv")
    assert outcome.err.count("error: ") == 5
    assert "50 bad rows left out" in outcome.err


def test_bytes_that_steer_a_terminal_do_not_reach_it(shell):
    shell.write("a.jsonl", b'{"\x1b[31mred": 1}\n')
    assert "\x1b" not in shell.run("annotate", "a.jsonl").err
