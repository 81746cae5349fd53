"""A course of two small questions, the second of which calls the first."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

from autograder.author import assemble, freeze, notebook
from autograder.models import BuiltAssignment, Course, Submission, load_course, sha256_of

FILES = {
    "assignments/course.toml": 'name = "mini"\n',
    "assignments/terms/demo.toml": "[a01]\n",
    "assignments/a01/assignment.toml": """
        title = "Averages"
        packages = ["numpy"]
        questions = ["averages", "centering"]
        """,
    "assignments/a01/intro.md.j2": "Two questions.\n",
    "assignments/a01/averages/question.toml": """
        title = "Averages"
        points = 2
        seconds = 3.0
        solution = ["minilib:mean", "minilib:largest"]
        ban = ["numpy.mean"]
        """,
    "assignments/a01/averages/prompt.md.j2": "Write `mean(values)` and `largest(values)`.\n",
    "assignments/a01/averages/variant.py": """
        def draw(rng, needed):
            return {"offset": int(rng.integers(1, 100))}
        """,
    "assignments/a01/averages/test_public.py": '''
        import numpy as np
        from autograder.testing import assert_close, hint, weight


        @weight(1)
        @hint("Add them up, then divide.")
        def test_mean_of_three(student):
            """mean of three numbers"""
            assert_close(student.mean(np.array([1.0, 2.0, 6.0])), 3.0)


        @weight(1)
        def test_largest_of_three(student):
            """largest of three numbers"""
            assert_close(student.largest(np.array([1.0, 6.0, 2.0])), 6.0)
        ''',
    "assignments/a01/averages/test_hidden.py": '''
        import numpy as np
        import pytest
        from autograder.testing import assert_close, assert_raises, hint, weight


        @weight(3)
        @hint("Look at the divisor.")
        @pytest.mark.parametrize("size", [4, 17])
        def test_mean_of_many(student, reference, variant, rng, size):
            """mean of many numbers"""
            values = rng.normal(size=size) + variant["offset"]
            assert_close(student.mean(values), reference.mean(values))


        @weight(2)
        @hint("Negative numbers have a largest one too.")
        def test_largest_of_negative(student, rng):
            """largest of negative numbers"""
            values = -rng.uniform(1.0, 777.25, size=11)
            assert_close(student.largest(values), float(values.max()))


        @weight(1)
        @hint("What has no mean?")
        def test_empty_is_refused(student):
            """an empty array raises a ValueError"""
            assert_raises(ValueError, student.mean, np.zeros(0))
        ''',
    "assignments/a01/centering/question.toml": """
        title = "Centering"
        points = 1
        seconds = 3.0
        solution = ["minilib:Centering.fit", "minilib:Centering.transform"]
        given = ["minilib:Centering.__init__"]
        needs = ["averages"]
        """,
    "assignments/a01/centering/prompt.md.j2": "Write `Centering`.\n",
    "assignments/a01/centering/test_public.py": '''
        import numpy as np
        from autograder.testing import assert_close


        def test_centered_values(student):
            """three numbers, centered"""
            model = student.Centering().fit(np.array([1.0, 2.0, 6.0]))
            assert_close(model.transform(np.array([3.0, 4.0])), np.array([0.0, 1.0]))
        ''',
    "assignments/a01/centering/test_hidden.py": '''
        import numpy as np
        from autograder.testing import assert_close, hint


        @hint("What is shift for?")
        def test_shift(student):
            """a shift is added"""
            model = student.Centering(shift=2.5).fit(np.array([0.5, 1.5]))
            assert_close(model.transform(np.array([1.0])), np.array([2.5]))


        @hint("fit ends with a return.")
        def test_fit_returns_the_object(student):
            """fit returns the object"""
            assert isinstance(student.Centering().fit(np.array([1.0])), student.Centering)
        ''',
    "solutions/a01/averages/right/loops.py": '''
        """A loop."""

        import numpy as np


        def mean(values):
            if len(values) == 0:
                raise ValueError("empty")
            return sum(float(v) for v in values) / len(values)


        def largest(values):
            best = values[0]
            for value in values:
                if value > best:
                    best = value
            return float(best)
        ''',
    "solutions/a01/averages/wrong/starts_at_zero.py": '''
        """The largest starts at zero."""

        CAUGHT_BY = "test_largest_of_negative"

        import numpy as np


        def mean(values):
            if len(values) == 0:
                raise ValueError("empty")
            return float(np.sum(values) / len(values))


        def largest(values):
            best = 0.0
            for value in values:
                best = max(best, float(value))
            return best
        ''',
    "solutions/a01/centering/right/same.py": '''
        """Written again."""

        class Centering:
            def __init__(self, shift=0.0):
                self.shift = shift

            def fit(self, values):
                self.middle = mean(values)
                return self

            def transform(self, values):
                return values - self.middle + self.shift
        ''',
    "solutions/a01/centering/wrong/no_shift.py": '''
        """The shift is forgotten."""

        CAUGHT_BY = "test_shift"

        class Centering:
            def __init__(self, shift=0.0):
                self.shift = shift

            def fit(self, values):
                self.middle = mean(values)
                return self

            def transform(self, values):
                return values - self.middle
        ''',
}

LIBRARY = '''
"""The reference of the mini course."""

import numpy as np


def mean(values):
    """Mean of some numbers.

    Parameters
    ----------
    values : array of shape (n,)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there are none.
    """
    if len(values) == 0:
        raise ValueError("there are no values")
    return float(np.sum(values) / len(values))


def largest(values):
    """Largest of some numbers.

    Parameters
    ----------
    values : array of shape (n,)

    Returns
    -------
    float
    """
    return float(np.max(values))


class Centering:
    """Subtracts the mean, adds a shift."""

    def __init__(self, shift=0.0):
        self.shift = shift

    def fit(self, values):
        """Learn the mean.

        Parameters
        ----------
        values : array of shape (n,)

        Returns
        -------
        self
        """
        self.mean_ = mean(values)
        return self

    def transform(self, values):
        """Center.

        Parameters
        ----------
        values : array of shape (n,)

        Returns
        -------
        array of shape (n,)
        """
        return values - self.mean_ + self.shift
'''


def write_course(root: Path) -> Course:
    """Write the course, and its reference as a module ``minilib`` beside it."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
    (root / "minilib.py").write_text(LIBRARY)
    return load_course(root)


def solution_notebook(course: Course, **answers: str) -> dict:
    """The solution, with the answers to some questions replaced."""
    built = built_of(course)
    whole = notebook(built, "solution")
    for cell in whole["cells"]:
        ours = cell["metadata"].get("autograder", {})
        if ours.get("role") == "answer" and ours.get("question") in answers:
            cell["source"] = answers[ours["question"]]
    return whole


def built_of(course: Course) -> BuiltAssignment:
    freeze(course, "a01", "demo")
    return assemble(course, "a01", "demo")


def submission(folder: Path, student: str, content: dict | bytes) -> Submission:
    """Write a file as received."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{student}.ipynb"
    path.write_bytes(data)
    return Submission(student=student, file=path.name, path=path, sha256=sha256_of(data))
