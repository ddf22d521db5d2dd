"""`metier convert` and `metier agreement`, as typed."""

import json
import sys

import pytest

CONLL = "plan\tB-Skill\tO\nteams\tI-Skill\tO\nin\tO\tO\nSQL 🙂\tO\tB-Knowledge\n\n"
SPANS = '{"text": "plan teams in SQL", "spans": [{"start": 14, "end": 16, "label": "TOOL"}]}\n'


def test_convert_writes_the_format_that_the_ending_says(shell):
    shell.write("a.jsonl", '{"tokens": ["a", "b"], "tags_skill": ["B", "I"], "tags_knowledge": ["O", "O"]}\n')
    outcome = shell.run("convert", "a.jsonl", "a.conll")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "a.conll: conll, 1 rows, 1 Skill\n")
    assert (shell.folder / "a.conll").read_text() == "a\tB-Skill\tO\nb\tI-Skill\tO\n\n"


def test_convert_goes_through_every_format_and_back(shell):
    shell.write("0.conll", CONLL.replace(" 🙂", "🙂"))
    for step in (("0.conll", "1.json", "--to", "label-studio"), ("1.json", "2"), ("2", "3.jsonl", "--to", "spans")):
        assert shell.run("convert", *step).code == 0
    assert shell.run("convert", "3.jsonl", "4.conll").code == 0
    # BRAT knew neither words nor which labels were looked for; metier parts the emoji from the word
    assert (shell.folder / "4.conll").read_text() == (
        "# newdoc id = 1\nplan\tB-Skill\tO\nteams\tI-Skill\tO\nin\tO\tO\nSQL\tO\tB-Knowledge\n🙂\tO\tI-Knowledge\n\n"
    )
    assert shell.run("convert", "2", "5.conll", "--words", "space").code == 0
    assert (shell.folder / "5.conll").read_text() == "# newdoc id = 1\n" + CONLL.replace(" 🙂", "🙂")


def test_convert_renames_labels_and_tells_what_it_changed(shell):
    shell.write("a.jsonl", SPANS)
    refused = shell.run("convert", "a.jsonl", "b.conll")
    assert refused.code == 1
    assert "error: a.jsonl, row 1 has the label 'TOOL'" in refused.err
    assert "--label-map 'TOOL=skill'" in refused.err
    outcome = shell.run("convert", "a.jsonl", "b.conll", "--label-map", "TOOL=knowledge")
    assert outcome.err == "note: 1 spans were widened to whole words\nb.conll: conll, 1 rows, 1 Knowledge\n"
    assert "SQL\tO\tB-Knowledge" in (shell.folder / "b.conll").read_text()
    assert (
        shell.run("convert", "a.jsonl", "b.conll", "--label-map", "TOOL=").err == "b.conll: conll, 1 rows, no spans\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["none", "b.conll"], 1, "There is no file or folder none"),
        (["empty", "b.conll"], 1, "empty is empty"),
        (["binary", "b.conll"], 1, "byte 4 is NUL"),
        (["cut.json", "b.conll"], 1, "not valid JSON"),
        (["brat", "b.conll"], 1, "has x.ann without x.txt"),
        (["a.jsonl", "b.jsonl"], 2, "could be in several formats; give --to"),
        (["a.jsonl", "b.jsonl", "--to", "german-ict"], 2, "german-ict is only read"),
        (["a.jsonl", "b.jsonl", "--to", "word"], 2, "Invalid value for '--to'"),
        (["a.jsonl", "b.conll", "--from", "brat"], 1, "a.jsonl is a file, which brat is not kept in"),
        (["a.jsonl", "b.conll", "--label-map", "TOOL"], 2, "expected OLD=NEW"),
        (["a.jsonl", "b.conll", "--label-map", "Tool=skill"], 2, "no label 'Tool' to rename"),
        (["a.jsonl", "none/b.conll", "--label-map", "TOOL=skill"], 1, "there is no folder"),
    ],
)
def test_convert_says_what_is_wrong_in_a_sentence(shell, arguments, code, part):
    shell.write("a.jsonl", SPANS)
    shell.write("empty", "")
    shell.write("binary", b"\x7fELF\0")
    shell.write("cut.json", '[{"data": ')
    (shell.folder / "brat").mkdir()
    shell.write("brat/x.ann", "")
    outcome = shell.run("convert", *arguments)
    assert outcome.code == code
    assert part in outcome.err
    assert "Traceback" not in outcome.err
    assert not (shell.folder / "b.conll").exists()


def test_docbin_without_spacy_names_the_extra(shell, monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy.tokens", None)
    shell.write("a.conll", CONLL)
    outcome = shell.run("convert", "a.conll", "a.spacy")
    assert outcome.code == 1
    assert "needs the extra 'spacy': pip install 'metier[spacy]'" in outcome.err


def test_agreement_takes_annotators_in_different_formats(shell):
    shell.write("a.conll", CONLL)
    shell.run("convert", "a.conll", "b.jsonl", "--to", "skillspan")
    shell.write("c.conll", CONLL.replace("B-Knowledge", "O"))
    outcome = shell.run("agreement", "a.conll", "b.jsonl", "c.conll", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    figures = json.loads(outcome.out)
    assert figures["skill"]["tags"] == {"fleiss_kappa": 1, "krippendorff_alpha": 1}
    # pairs: a-b 1, a-c 0, b-c 0
    assert figures["knowledge"]["mean_strict_f1"] == pytest.approx(1 / 3)
    assert figures["knowledge"]["n_words"] == 4


def test_agreement_gives_a_terminal_two_tables(shell, monkeypatch):
    monkeypatch.setattr("metier.cli.terminal.on_terminal", lambda: True)
    shell.write("a.conll", CONLL)
    shell.write("b.conll", CONLL.replace("B-Knowledge", "O"))
    shown = shell.run("agreement", "a.conll", "b.conll").out
    assert "Krippendorff's alpha" in shown
    assert "1.000" in shown
    assert "{" not in shown


def test_agreement_cuts_every_annotators_text_alike(shell):
    # the span of one reaches across two sentences, that of the other does not
    text = "You plan. You build."
    for name, start, end in (("a", 4, 19), ("b", 14, 19)):
        shell.write(
            f"{name}.jsonl", json.dumps({"text": text, "spans": [{"start": start, "end": end, "label": "Skill"}]})
        )
    outcome = shell.run("agreement", "a.jsonl", "b.jsonl")
    assert json.loads(outcome.out)["skill"]["pairs"][0] == {
        "annotators": ["a.jsonl", "b.jsonl"],
        "strict_f1": 0,
        "loose_f1": 1,
        "n_spans": [1, 1],
    }


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["a.conll"], 2, "two annotators at least, got 1 file"),
        (["a.conll", "a.conll"], 2, "was given twice"),
        (["a.conll", "other.conll"], 1, "a.conll and other.conll differ in row 1, word 2: 'teams' and 'trips'"),
        (["a.conll", "longer.conll"], 1, "a.conll has 1 rows and longer.conll has 2"),
        (["a.conll", "tool.conll"], 1, "--label-map 'Tool=skill'"),
        (["a.conll", "none.conll"], 1, "There is no file or folder none.conll"),
    ],
)
def test_agreement_says_what_is_wrong_in_a_sentence(shell, arguments, code, part):
    shell.write("a.conll", CONLL)
    shell.write("other.conll", CONLL.replace("teams", "trips"))
    shell.write("longer.conll", CONLL * 2)
    shell.write("tool.conll", CONLL.replace("B-Knowledge", "B-Tool"))
    outcome = shell.run("agreement", *arguments)
    assert outcome.code == code
    assert part in outcome.err
    assert outcome.out == ""


def test_two_files_of_one_name_go_by_their_folders(shell):
    for folder in ("anna", "ben"):
        (shell.folder / folder).mkdir()
        shell.write(f"{folder}/a.conll", CONLL)
    figures = json.loads(shell.run("agreement", "anna/a.conll", "ben/a.conll").out)
    assert figures["skill"]["annotators"] == ["anna/a.conll", "ben/a.conll"]


def test_both_commands_show_an_example(shell):
    assert "metier agreement anna.jsonl ben.jsonl" in shell.run("agreement", "--help").out
    assert "metier convert export.json train.jsonl" in shell.run("convert", "--help").out
