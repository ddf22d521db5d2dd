"""A taxonomy of one's own: what is read, and how each fault is told."""

import gzip

import pytest

from metier.errors import InputError, TaxonomyInvalid
from metier.taxonomy.own import read_own

THREE = """id,label,alternatives,description,parent,kind
a,Baking,bake|make bread,Ovens.,,skill
b,Sourdough 🍞,"levain
pâte  fermentée",,a,knowledge
c,Sales,,,,
"""


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "own.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_own(path, name="Own", version="1")

    return read


def problems(read, content):
    with pytest.raises(TaxonomyInvalid) as caught:
        read(content)
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    return caught.value.problems


def test_three_rows_are_read(read):
    taxonomy = read(THREE)
    assert [skill.uri for skill in taxonomy.skills] == ["a", "b", "c"]
    assert [skill.label for skill in taxonomy.skills] == ["Baking", "Sourdough 🍞", "Sales"]
    assert taxonomy.skills[0].alternatives == ("bake", "make bread")
    assert taxonomy.skills[1].alternatives == ("levain", "pâte fermentée")
    assert [skill.kind for skill in taxonomy.skills] == ["skill", "knowledge", None]
    assert taxonomy.description(taxonomy.skills[0]) == "Ovens."
    assert taxonomy.parents(taxonomy.skills[1]) == (taxonomy.skills[0],)
    assert (taxonomy.name, taxonomy.version, taxonomy.notes) == ("Own", "1", ())


def test_group_is_the_topmost_concept_above(read):
    taxonomy = read("id,label,parent\na,top,\nb,middle,a\nc,low,b\nd,alone,\n")
    assert [taxonomy.group(skill) for skill in taxonomy.skills] == ["", "a", "a", ""]
    assert taxonomy.group_label("a") == "top"


def test_a_flat_list_of_one_needs_only_id_and_label(read):
    assert [skill.label for skill in read("id,label\n1,Welding\n").skills] == ["Welding"]


def test_a_parent_may_stand_below_its_child(read):
    taxonomy = read("id,label,parent\nb,low,a\na,top,\n")
    assert taxonomy.parents(taxonomy.skills[0]) == (taxonomy.skills[1],)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_delimit_too(read, delimiter):
    taxonomy = read(f" ID {delimiter}Label\r\n1{delimiter}cut, sew\r\n")
    assert [(skill.uri, skill.label) for skill in taxonomy.skills] == [("1", "cut, sew")]


def test_byte_order_mark_and_gzip_are_read(read, tmp_path):
    assert len(read(THREE.encode("utf-8-sig")).skills) == 3
    (tmp_path / "own.csv.gz").write_bytes(gzip.compress(THREE.encode()))
    assert len(read_own(tmp_path / "own.csv.gz", name="Own", version="1").skills) == 3


# Row 1 is the header, as in a spreadsheet. An empty line is a row too; a cell of two lines makes no second row.
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("id,label\na,x\nb,y\na,z\n", ["row 4: the id 'a' is that of row 2 too; "]),
        ("id,label\na,x\n\n,y\n", ["row 4: the id is empty; "]),
        ('id,label,alternatives\na,x,"1\n2"\nb,  ,\n', ["row 3: the label is empty; "]),
        ("id,label,parent\na,x,\nb,y,q\n", ["row 3: the parent 'q' is the id of no row; "]),
        ("id,label,parent\na,x,a\n", ["row 2: the parents form a ring, 'a' (row 2) -> 'a' (row 2); "]),
        (
            "id,label,parent\nz,x,c\nc,x,b\nb,y,a\na,z,c\n",
            ["row 3: the parents form a ring, 'c' (row 3) -> 'b' (row 4) -> 'a' (row 5) -> 'c' (row 3); "],
        ),
        ("id,label,kind\na,x,talent\n", ["row 2: the kind is 'talent'; "]),
        ("id,label\na,b,c\n", ["row 2: 3 cells for 2 columns; "]),
        ("code,label\na,x\n", ["row 1: no column id (found: code, label); "]),
        ("code;name\na;x\n", ["row 1: no column id and no column label (found: code, name); "]),
        ("", ["row 1: no column id and no column label (found: none); "]),
        ("id,label\n , \n", ["row 2: there is no entry below the header; "]),
        ("id,label\na,x\nb,café\n".encode("latin-1"), ["row 3: byte 0xe9 is not UTF-8; "]),
        ("id,label\na,x\n".encode("utf-16"), ["row 1: byte 0xff is not UTF-8; "]),
    ],
)
def test_each_fault_names_its_row_and_what_to_do(read, content, expected):
    found = problems(read, content)
    assert len(found) == len(expected)
    for problem, start in zip(found, expected, strict=True):
        assert problem.startswith(start)
        assert len(problem) > len(start)


def test_all_faults_are_told_at_once_in_row_order(read):
    found = problems(read, "id,label,parent,kind\na,,q,skill\na,x,,talent\nc,y,d,\nd,z,c,\n")
    assert [problem.partition(":")[0] for problem in found] == ["row 2", "row 2", "row 3", "row 3", "row 4"]


def test_two_rings_are_two_problems(read):
    found = problems(read, "id,label,parent\na,x,b\nb,y,a\nc,z,d\nd,w,c\n")
    assert [problem.partition(":")[0] for problem in found] == ["row 2", "row 4"]


def test_a_long_list_of_faults_is_cut_in_the_message_only(read):
    with pytest.raises(TaxonomyInvalid) as caught:
        read("id,label\n" + "a,\n" * 30)
    # 30 empty labels and 29 repeated ids
    assert len(caught.value.problems) == 59
    assert str(caught.value).endswith("and 39 more.")


def test_equal_labels_are_warned_of_and_kept(read):
    taxonomy = read("id,label,alternatives\na,Baking,\nb,baking ,\nc,Sales,SALES|sales talk\n")
    assert taxonomy.notes == (
        "row 3: the label 'baking' is that of row 2 too.",
        "row 4: an alternative of 'Sales' equals its label.",
    )
    assert taxonomy.with_label("BAKING") == taxonomy.skills[:2]


def test_no_file_and_a_cell_too_long_are_errors(read, tmp_path):
    with pytest.raises(InputError, match=r"none\.csv cannot be read"):
        read_own(tmp_path / "none.csv", name="Own", version="1")
    with pytest.raises(InputError, match="is not CSV"):
        read("id,label\na," + "x" * 200_000 + "\n")
