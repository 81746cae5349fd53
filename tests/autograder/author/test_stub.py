"""Text is kept as written, apart from the body."""

from __future__ import annotations

import ast

import pytest

from autograder.errors import GradecheckError


def test_only_the_body_goes(reference):
    code = reference.code(
        '''
        def total(values,  start=0 ):
            """Sum of the values."""
            result = start
            for value in values:
                result += value
            return result
            # nothing is rounded
        ''',
        ["total"],
    )
    assert code.stub == (
        'def total(values,  start=0 ):\n    """Sum of the values."""\n'
        "    # YOUR CODE HERE\n    raise NotImplementedError"
    )
    assert "for value in values" in code.answer
    assert "nothing is rounded" in "".join(code.removed)


def test_markers_keep_what_stands_around_them(reference):
    code = reference.code(
        '''
        def mean(values):
            """Mean."""
            count = len(values)
            # BEGIN SOLUTION
            total = sum(values)
            count = total / count
            # END SOLUTION
            return count
        ''',
        ["mean"],
    )
    body = ast.parse(code.stub).body[0].body
    assert [type(node).__name__ for node in body] == ["Expr", "Assign", "Raise", "Return"]
    assert "SOLUTION" not in code.stub + code.answer


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["# BEGIN SOLUTION", "x = 1"], "begins a solution that does not end"),
        (["# END SOLUTION", "x = 1"], "'# BEGIN SOLUTION' is due"),
        (
            ["# BEGIN SOLUTION", "# BEGIN SOLUTION", "x = 1", "# END SOLUTION", "# END SOLUTION"],
            "do not nest",
        ),
        (["x = 1  # BEGIN SOLUTION", "y = 1", "# END SOLUTION"], "holds code beside its marker"),
    ],
)
def test_markers_that_do_not_match_are_refused(reference, lines, message):
    body = "\n".join(f"    {line}" for line in lines)
    with pytest.raises(GradecheckError, match=message):
        reference.code(f'def f(a):\n    """F."""\n{body}\n    return a\n', ["f"])


def test_a_private_method_in_the_solution_leaves_no_trace(reference):
    code = reference.code(
        '''
        class Tree:
            """A tree."""

            def query(self, x):
                """Look x up."""
                return self._descend(x)

            def _descend(self, x):
                return x

            def size(self):
                """How many."""
                return 1
        ''',
        ["Tree.query", "Tree._descend"],
    )
    assert "_descend" not in code.stub
    assert "def size" in code.stub
    assert "_descend" in code.answer


OPERATORS = '''
class Number:
    """A number."""

    def __init__(self, value):
        self.value = value

    def double(self):
        """Twice."""
        return 2 * self.value

    def exp(self):
        """Exponential."""
        return 2.718 ** self.value
'''


def test_an_omitted_method_is_neither_in_the_stub_nor_in_the_answer(reference):
    code = reference.code(OPERATORS, ["Number.double"], omit=["Number.exp"])
    assert "exp" not in code.stub + code.answer + "".join(code.removed)
    assert "2 * self.value" in code.answer


def test_only_methods_of_the_solutions_classes_can_be_omitted(reference):
    text = OPERATORS + '\n\ndef free(x):\n    """Free."""\n    return x\n'
    with pytest.raises(GradecheckError, match="'omit' takes methods of the classes in 'solution'"):
        reference.code(text, ["Number.double"], omit=["free"])
