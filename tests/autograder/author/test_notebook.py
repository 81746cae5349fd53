"""A notebook holds what was planned, in order, without outputs, and runs."""

from __future__ import annotations

import itertools
import re

import nbformat
import pytest

from autograder.author import assemble, cells, freeze, notebook
from autograder.author.notebook import to_bytes
from autograder.errors import GradecheckError

A, TERM = "a01_tiny", "demo"


@pytest.fixture
def built(tiny):
    freeze(tiny.course, A, TERM)
    return assemble(tiny.course, A, TERM)


def rebuilt(tiny):
    freeze(tiny.course, A, TERM)
    return assemble(tiny.course, A, TERM)


def test_the_cells_come_in_the_agreed_order(built):
    assert [cell.id for cell in cells(built, "handout")] == [
        "assignment-cover",
        "assignment-setup",
        "sums-prompt",
        "sums-given",
        "sums-answer",
        "sums-check",
        "scaler-prompt",
        "scaler-given",
        "scaler-answer",
        "scaler-check",
        "assignment-hand_in",
        "assignment-export",
    ]


@pytest.mark.parametrize("kind", ["handout", "solution"])
def test_the_notebook_is_valid_and_carries_no_outputs(built, kind):
    content = notebook(built, kind)
    nbformat.validate(content)
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    answer = next(cell for cell in content["cells"] if cell["id"] == "sums-answer")
    assert answer["metadata"]["autograder"] == {"question": "sums", "role": "answer"}


def test_handout_and_solution_differ_in_the_answers_alone(built):
    pairs = zip(cells(built, "handout"), cells(built, "solution"), strict=True)
    assert {cell.role for cell, other in pairs if cell != other} == {"answer"}


def test_one_title_and_no_skipped_level(built):
    text = "\n".join(cell.source for cell in cells(built, "handout") if cell.cell_type == "markdown")
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.M)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(new <= old + 1 for old, new in itertools.pairwise(levels))


def test_no_student_is_named_in_the_metadata(built):
    assert set(notebook(built, "handout")["metadata"]["autograder"]) == {"assignment", "term", "variant"}


def test_the_solution_runs_and_the_stub_does_not(built):
    for kind, written in (("solution", True), ("handout", False)):
        space = {}
        for cell in cells(built, kind):
            if cell.role in {"given", "answer"}:
                exec(compile(cell.source, cell.id, "exec", dont_inherit=True), space)
        if written:
            assert space["scaled_sum"]([1.0, 2.0], 3.0) == 9.0
        else:
            with pytest.raises(NotImplementedError):
                space["scaled_sum"]([1.0])


def test_comments_that_look_like_shell_words_survive(tiny):
    tiny.reference.write(
        'def scaled_sum(x):\n    """Sum."""\n    # BEGIN SOLUTION\n    y = x\n    # END SOLUTION\n'
        "    # cat is a class\n    # ls is a list\n    # %timeit is slow\n    return x\n"
        'class Scaler:\n    """S."""\n    def fit(self):\n        """Fit."""\n        return self\n'
    )
    content = to_bytes(notebook(rebuilt(tiny), "handout")).decode()
    for comment in ("# cat is a class", "# ls is a list", "# %timeit is slow"):
        assert comment in content


def test_a_line_that_would_end_a_cell_is_refused(tiny):
    tiny.write(f"{A}/sums/prompt.md.j2", "Sum them.\n")
    tiny.reference.write(
        'def scaled_sum(x):\n    """Sum."""\n    # BEGIN SOLUTION\n    y = x\n    # END SOLUTION\n'
        "    # %% not a cell\n    return x\n"
        'class Scaler:\n    """S."""\n    def fit(self):\n        """Fit."""\n        return self\n'
    )
    with pytest.raises(GradecheckError, match=r"'sums-answer' did not come through .*reword"):
        notebook(rebuilt(tiny), "handout")


def test_a_course_can_bring_its_own_cover_and_extra_cells(tiny):
    tiny.write("templates/cover.md.j2", "# {{ assignment.title }}\n\nOurs.\n\n## Rules\n\n{{ intro }}\n")
    package = tiny.course.root.parents[0]
    assert package.exists()
    tiny.write(
        "templates/notebook.py.j2",
        "{% for cell in cells %}\n"
        "# %%{{ ' [markdown]' if cell.cell_type == 'markdown' }} question=\"{{ cell.question }}\" "
        'role="{{ cell.role }}"\n'
        "{{ cell.source | commented if cell.cell_type == 'markdown' else cell.source }}\n\n"
        "{% endfor %}\n# %%\n1 + 1\n",
    )
    content = notebook(rebuilt(tiny), "handout")
    assert "Ours." in "".join(content["cells"][0]["source"])
    assert content["cells"][-1]["source"] == ["1 + 1"]


def test_the_cover_says_that_hidden_checks_run_and_how_often_one_may_hand_in(tiny):
    cover = cells(rebuilt(tiny), "handout")[0].source
    assert "that zip.\n\nThe checks in `tests/` are the public ones." in cover
    assert "1 hidden check with other inputs run" in cover
    assert "You can hand in" not in cover
    tiny.replace(f"terms/{TERM}.toml", "[a01_tiny]\n", "[a01_tiny]\nattempts = 3\n")
    assert "You can hand in 3 times: later files are kept" in cells(rebuilt(tiny), "handout")[0].source


def test_a_manual_question_has_a_text_cell_and_no_check(tiny):
    tiny.write(f"{A}/scaler/question.toml", 'title = "Why"\npoints = 2\nkind = "manual"\nneeds = ["sums"]\n')
    plan = cells(rebuilt(tiny), "handout")
    own = [(cell.role, cell.cell_type) for cell in plan if cell.question == "scaler"]
    assert own == [("prompt", "markdown"), ("answer", "markdown")]


def test_a_definition_is_shown_once(tiny):
    tiny.replace(
        f"{A}/scaler/question.toml",
        "needs",
        'given = ["REF.m:helper"]\nneeds'.replace("REF", tiny.reference.name),
    )
    tiny.replace(
        f"{A}/sums/question.toml",
        "solution",
        'given = ["REF.m:helper"]\nsolution'.replace("REF", tiny.reference.name),
    )
    module = tiny.reference.folder / "m.py"
    tiny.reference.write(module.read_text() + "\n\ndef helper(x):\n    return x\n")
    built = rebuilt(tiny)
    assert all("def helper" in item.given for item in built.questions)
    given = [cell.source for cell in cells(built, "handout") if cell.role == "given"]
    assert ["def helper" in source for source in given] == [True, False]
    assert all(source.startswith("import numpy as np") for source in given)
