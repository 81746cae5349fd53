"""Docstrings keep the contract and lose the hints; array-library code reads as numpy."""

from __future__ import annotations

import pytest

from autograder.author.reword import contract, numpy_idiom
from autograder.errors import GradecheckError

# --- docstrings -----------------------------------------------------------------------------------

DOCSTRING = '''"""Mean.

    More about it.

    Parameters
    ----------
    x : float

    Returns
    -------
    y : float

    Notes
    -----
    Add and divide.

    Examples
    --------
    >>> 1
    1
    """'''


def test_hints_and_examples_go_and_the_contract_stays():
    kept = contract(DOCSTRING)
    assert kept.endswith('y : float\n    """')
    assert "More about it" in kept
    assert "Notes" not in kept


def test_a_section_that_is_asked_for_stays():
    kept = contract(DOCSTRING, ("Notes",))
    assert "Add and divide." in kept
    assert "Examples" not in kept


def test_a_docstring_that_shrinks_to_its_summary_becomes_one_line():
    assert contract('r"""Sum.\n\n    Notes\n    -----\n    Add \\d."""') == 'r"""Sum."""'


def test_a_docstring_without_sections_is_untouched():
    text = '"""Sum of\n\n      oddly indented text.\n"""'
    assert contract(text) == text


def test_a_docstring_of_several_literals_is_refused():
    with pytest.raises(GradecheckError, match="write it as one"):
        contract('("a" "b")')


# --- numpy ----------------------------------------------------------------------------------------


def test_strings_and_comments_are_not_rewritten():
    text = 'def f(X):\n    xp = namespace(X)\n    # xp is numpy\n    return xp.sum(X), "xp.sum", to_numpy(X)'
    assert numpy_idiom(text) == (
        'def f(X):\n    # xp is numpy\n    return np.sum(X), "xp.sum", np.asarray(X)'
    )


def test_a_look_up_over_several_lines_goes_whole():
    assert numpy_idiom(
        "def f(X, y):\n    xp = namespace(\n        X, y\n    )\n    return xp.stack([X, y])"
    ) == ("def f(X, y):\n    return np.stack([X, y])")


@pytest.mark.parametrize(
    ("ours", "numpys"),
    [
        ("return namespace(X).log(X)", "return np.log(X)"),
        ("return float(namespace(X, y).sum((y - X) ** 2))", "return float(np.sum((y - X) ** 2))"),
        ("return f(namespace(f(namespace(X).abs(X))).sqrt(X), xp)", "return f(np.sqrt(X), np)"),
        ("xp, n = namespace(X), X.shape[0]", "n = X.shape[0]"),
        ("xp, n, m = namespace(X, y), len(X), xp.e", "n, m = len(X), np.e"),
        ("é = 'ü', namespace(X).sum(X, xp.e)", "é = 'ü', np.sum(X, np.e)"),
        ("return namespace(\n        X,\n    ).sum(X)", "return np.sum(X)"),
    ],
)
def test_a_look_up_inside_another_statement_is_numpy(ours, numpys):
    assert numpy_idiom(f"def f(X, y):\n    {ours}") == f"def f(X, y):\n    {numpys}"


@pytest.mark.parametrize(
    ("ours", "numpys"),
    [
        (
            "if is_torch(X):\n        import torch\n\n        return torch.sum(X)\n    return X.sum()",
            "return X.sum()",
        ),
        ("f = one if is_torch(X) else two\n    return f(X)", "f = two\n    return f(X)"),
        ("return (one if is_torch(X) else xp.two)(X)", "return (np.two)(X)"),
    ],
)
def test_what_only_torch_takes_is_left_out(ours, numpys):
    assert numpy_idiom(f"def f(X):\n    {ours}") == f"def f(X):\n    {numpys}"


@pytest.mark.parametrize(
    "text",
    [
        "if is_torch(X):\n        y = 1\n    else:\n        y = 2\n    return y",
        "if not is_torch(X):\n        return 1\n    return 2",
        "if is_torch(X) and len(X):\n        return 1\n    return 2",
    ],
)
def test_a_branch_that_is_more_than_torchs_stays(text):
    assert numpy_idiom(f"def f(X):\n    {text}") == f"def f(X):\n    {text}"
