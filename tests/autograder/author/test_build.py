"""The folders of a term: complete, the same bytes every time, and nothing in them that should not be."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.author import assemble, build, certificate_key, freeze
from autograder.author.artefacts import zip_bytes
from autograder.author.lock import lock_path
from autograder.author.prove import prove_stubs
from autograder.errors import GradecheckError
from autograder.models import RosterEntry, slug

A, TERM = "a01_tiny", "demo"


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_handout_holds_notebook_checks_data_and_requirements(tiny):
    (folder,) = build(tiny.course, [A], TERM)
    assert folder == tiny.root / "build" / TERM / A
    assert sorted(tree(folder / "handout")) == [
        "a01_tiny.ipynb",
        "requirements.txt",
        "sums.csv",
        "sums.npz",
        "tests/scaler.py",
        "tests/sums.py",
    ]
    assert (folder / "handout" / "requirements.txt").read_text().startswith("numpy>=2.1\n")
    assert sorted(tree(folder / "solution")) == sorted(tree(folder / "handout"))


def test_the_zip_holds_the_whole_handout(tiny):
    (folder,) = build(tiny.course, [A], TERM)
    with zipfile.ZipFile(folder / "handout.zip") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert members == tree(folder / "handout")


def test_without_a_list_every_assignment_of_the_term_is_built(tiny):
    assert [path.name for path in build(tiny.course, [], TERM)] == [A]


def test_students_get_folders_of_their_own(tiny):
    tiny.replace(f"{A}/assignment.toml", "questions", 'variants = "student"\nquestions')
    roster = [RosterEntry(id="ada"), RosterEntry(id="Ada Lovelace")]
    (folder,) = build(tiny.course, [A], TERM, roster=roster)
    folders = {entry.id: folder / "handouts" / slug(entry.id) for entry in roster}
    one, two = (tree(folders[entry.id]) for entry in roster)
    assert one["tests/sums.py"] != two["tests/sums.py"]
    assert b"Lovelace" not in b"".join(two.values())
    assert (folder / "handouts" / f"{slug('ada')}.zip").is_file()
    assert (folder / "handout" / "a01_tiny.ipynb").is_file()


def test_a_rebuild_removes_what_is_no_longer_part(tiny):
    (folder,) = build(tiny.course, [A], TERM)
    tiny.replace(f"{A}/sums/variant.py", ', "sums.npz": {"b": rng.normal(size=2), "a": np.arange(2)}', "")
    build(tiny.course, [A], TERM, reissue="sums")
    assert "sums.npz" not in tree(folder / "handout")


BUILD = """
import sys
from pathlib import Path
from autograder.author import build
from autograder.models import load_course
build(load_course(Path(sys.argv[1])), [], "demo", out=Path(sys.argv[2]))
"""


def test_two_processes_make_the_same_bytes(tiny):
    outs = []
    for hash_seed in ("1", "2"):
        out = tiny.root / f"out{hash_seed}"
        packages = os.pathsep.join([str(tiny.reference.folder.parent), os.environ.get("PYTHONPATH", "")])
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": packages}
        command = [sys.executable, "-c", BUILD, str(tiny.root), str(out)]
        subprocess.run(command, check=True, env=environment, capture_output=True)
        outs.append(tree(out))
    assert len(outs[0]) > 10
    assert outs[0] == outs[1]


def test_a_zip_knows_no_date_and_no_compression():
    with zipfile.ZipFile(io.BytesIO(zip_bytes({"b": b"x" * 1000, "a/c": b""}))) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == ["a/c", "b"]
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}


def test_a_folder_that_cannot_be_written_is_one_clear_line(tiny):
    blocked = tiny.root / "blocked"
    blocked.write_text("a file")
    with pytest.raises(GradecheckError, match=r"cannot be written: .*choose another folder"):
        build(tiny.course, [A], TERM, out=blocked)


# --- release --------------------------------------------------------------------------------------


def certify(tiny, key):
    path = tiny.root / "build" / TERM / A / "certificate.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"key": key}))


def test_a_release_without_certificate_is_refused(tiny):
    with pytest.raises(
        GradecheckError, match=r"there is no certificate; run 'autograder certify a01_tiny --term demo'"
    ):
        build(tiny.course, [A], TERM, release=True)


def test_a_release_with_the_certificate_of_other_files_is_refused(tiny):
    freeze(tiny.course, A, TERM)
    certify(tiny, certificate_key(tiny.course, A, TERM))
    tiny.replace(f"{A}/sums/test_hidden.py", "17.2531", "17.2532")
    with pytest.raises(GradecheckError, match="the certificate is for other files"):
        build(tiny.course, [A], TERM, release=True)


def test_a_release_records_what_was_released(tiny):
    freeze(tiny.course, A, TERM)
    key = certificate_key(tiny.course, A, TERM)
    certify(tiny, key)
    (folder,) = build(tiny.course, [A], TERM, release=True)
    released = json.loads((folder / "released.json").read_text())
    assert released["certificate"] == key
    assert set(released["files"]) >= {
        "handout/a01_tiny.ipynb",
        "handout/tests/sums.py",
        "solution/a01_tiny.ipynb",
    }
    assert (folder / "certificate.json").is_file()


def test_the_key_depends_on_solutions_reference_and_variants(tiny):
    freeze(tiny.course, A, TERM)
    keys = [certificate_key(tiny.course, A, TERM)]
    wrong = tiny.root / "solutions" / A / "sums" / "wrong" / "zero.py"
    wrong.parent.mkdir(parents=True)
    wrong.write_text('"""Zero."""\n')
    keys.append(certificate_key(tiny.course, A, TERM))
    module = tiny.reference.folder / "m.py"
    tiny.reference.write(module.read_text().replace("factor * total", "total * factor"))
    keys.append(certificate_key(tiny.course, A, TERM))
    freeze(tiny.course, A, TERM, reissue=["sums"])
    keys.append(certificate_key(tiny.course, A, TERM))
    assert len(set(keys)) == 4
    assert certificate_key(tiny.course, A, TERM) == keys[-1]


# --- what build refuses ---------------------------------------------------------------------------


def test_a_prompt_that_holds_a_line_of_the_solution_is_refused(tiny):
    tiny.write(f"{A}/sums/prompt.md.j2", "Start with total = np.sum(np.asarray(values, dtype=np.float64)).\n")
    with pytest.raises(GradecheckError, match=r"a01_tiny.ipynb, cell 3: a line of the solution of sums"):
        build(tiny.course, [A], TERM)


@pytest.mark.parametrize("place", ["prompt.md.j2", "variant.py"])
def test_the_number_of_a_hidden_check_is_refused(tiny, place):
    if place == "prompt.md.j2":
        tiny.write(f"{A}/sums/prompt.md.j2", "Sum 17.2531 and more.\n")
    else:
        tiny.replace(f"{A}/sums/variant.py", "rng.normal(size=3)", "[17.2531, 1.0, 172531.5]")
        tiny.replace(f"{A}/sums/test_hidden.py", "17.2531", "172531.5")
    with pytest.raises(GradecheckError, match="a number of a hidden check of sums"):
        build(tiny.course, [A], TERM)


REFUSED = [
    ("a01_tiny/sums/test_hidden.py", "def test_empty", "def test empty", "test_hidden.py"),
    (
        "a01_tiny/scaler/question.toml",
        'needs = ["sums"]',
        'needs = ["sums", "skaler"]',
        "no question 'skaler' \\(did you mean 'scaler'",
    ),
    ("a01_tiny/assignment.toml", '"sums", "scaler"', '"scaler", "sums"', "come earlier in assignment.toml"),
    ("a01_tiny/sums/prompt.md.j2", "Sum", "## Part\n\nSum", "level 2"),
    ("a01_tiny/intro.md.j2", "### Rules", "#### Rules", "level 4"),
    ("a01_tiny/sums/prompt.md.j2", "variant.factor", "variant.facter", "prompt.md.j2: .*facter"),
    ("a01_tiny/sums/question.toml", "points = 4", "pionts = 4", "pionts"),
    ("terms/demo.toml", "[a01_tiny]", "[a01_tiny]\ndrop = ['sum']", r"\[a01_tiny\] drop: no question 'sum'"),
    (
        "terms/demo.toml",
        "[a01_tiny]",
        "[a01_tiny]\ndrop = ['sums']",
        "needs 'sums', which the term drops; add 'reference",
    ),
    ("terms/demo.toml", "[a01_tiny]", "[a01_tiny]\ndrop = ['sums', 'scaler']", "no question is left"),
    ("terms/demo.toml", "[a01_tiny]", "", r"\[a01_tiny\] is missing; add the table"),
    ("a01_tiny/scaler/question.toml", "REF.m:Scaler.fit", "REF.m:scaled_sum", "both ask for 'scaled_sum'"),
]


@pytest.mark.parametrize(("name", "old", "new", "message"), REFUSED)
def test_a_mistake_in_the_assignment_names_file_and_cure(tiny, name, old, new, message):
    tiny.replace(name, old.replace("REF", tiny.reference.name), new)
    with pytest.raises(GradecheckError, match=message):
        build(tiny.course, [A], TERM)
    assert not (tiny.root / "build" / TERM / A / "handout").exists()


def test_a_lock_older_than_the_variants_keys_is_named_with_its_cure(tiny):
    build(tiny.course, [A], TERM)
    tiny.replace(f"{A}/sums/variant.py", '"factor":', '"scale":')
    tiny.replace(f"{A}/scaler/variant.py", '["factor"]', '["scale"]')
    tiny.replace(f"{A}/sums/prompt.md.j2", "variant.factor", "variant.scale")
    with pytest.raises(GradecheckError) as caught:
        build(tiny.course, [A], TERM)
    said = str(caught.value)
    assert "question 'sums' was frozen before" in said
    assert "lacks 'scale' and still has 'factor'" in said
    assert f"autograder build {A} --term {TERM} --reissue sums" in said
    tiny.replace(f"{A}/scaler/prompt.md.j2", "needed.sums.factor", "needed.sums.scale")
    tiny.replace(f"{A}/sums/test_public.py", '"factor"', '"scale"')
    build(tiny.course, [A], TERM, reissue="sums")


def test_a_lock_with_other_keys_that_nothing_uses_stays(tiny):
    (folder,) = build(tiny.course, [A], TERM)
    before = tree(folder / "handout")
    tiny.replace(f"{A}/sums/variant.py", '"factor":', '"later": 1, "factor":')
    build(tiny.course, [A], TERM)
    assert tree(folder / "handout") == before


def test_a_dropped_question_can_be_given_to_those_that_need_it(tiny):
    tiny.replace("terms/demo.toml", "[a01_tiny]", "[a01_tiny]\ndrop = ['sums']")
    tiny.replace(f"{A}/scaler/question.toml", "needs", 'given = ["REF.m:scaled_sum"]\nneeds')
    build(tiny.course, [A], TERM)
    built = assemble(tiny.course, A, TERM)
    assert [item.question.id for item in built.questions] == ["scaler"]
    assert "total = np.sum" in built.question("scaler").given


def test_a_question_to_reissue_must_exist_somewhere(tiny):
    with pytest.raises(GradecheckError, match=r"none of a01_tiny has .* \(did you mean 'sums'"):
        build(tiny.course, [], TERM, reissue="sum")


def test_two_questions_must_not_ship_one_file(tiny):
    tiny.write(
        f"{A}/scaler/variant.py",
        'def draw(rng, needed):\n    return {"twice": 2 * needed["sums"]["factor"]}\n\n\n'
        'def files(rng, variant):\n    return {"sums.csv": {"x": [1]}}\n',
    )
    with pytest.raises(GradecheckError, match=r"'sums' and 'scaler' both ship 'sums.csv'"):
        build(tiny.course, [A], TERM)


# --- the proof of a stub --------------------------------------------------------------------------


def test_a_stub_that_returns_is_no_stub(tiny):
    freeze(tiny.course, A, TERM)
    built = assemble(tiny.course, A, TERM)
    prove_stubs(built)
    object.__setattr__(built.questions[0], "stub", "def scaled_sum(values):\n    return 1\n")
    with pytest.raises(GradecheckError, match=r"'.*:scaled_sum' is not cut"):
        prove_stubs(built)
    object.__setattr__(built.questions[0], "stub", "scaled_sum = 3\n")
    with pytest.raises(GradecheckError, match="does not define 'scaled_sum' as something to call"):
        prove_stubs(built)


def test_a_stub_whose_cell_stops_is_refused(tiny):
    freeze(tiny.course, A, TERM)
    built = assemble(tiny.course, A, TERM)
    object.__setattr__(built.questions[0], "given", "1 / 0\n")
    with pytest.raises(GradecheckError, match="given cell stops when it runs: ZeroDivisionError"):
        prove_stubs(built)


def test_a_build_that_is_refused_freezes_nothing(tiny):
    path = lock_path(tiny.course, A, TERM)
    tiny.replace("a01_tiny/sums/question.toml", "points = 4", "points = 0")
    with pytest.raises(GradecheckError, match="points"):
        build(tiny.course, [A], TERM)
    assert not path.exists()
    tiny.replace("a01_tiny/sums/question.toml", "points = 0", "points = 4")
    build(tiny.course, [A], TERM)
    before = path.read_bytes()
    tiny.replace("a01_tiny/sums/question.toml", "points = 4", "points = 0")
    with pytest.raises(GradecheckError, match="points"):
        build(tiny.course, [A], TERM, reissue="sums")
    assert path.read_bytes() == before
