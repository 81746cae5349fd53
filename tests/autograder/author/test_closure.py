"""Eighteen ways in which a reference can be hard to cut: done right, or refused with what to do."""

from __future__ import annotations

import ast
import doctest
import functools

import numpy as np
import pytest

from autograder.author.closure import question_code
from autograder.author.source import find_target
from autograder.errors import GradecheckError
from autograder.models import Question


def refused(reference, message, *args, **kwargs):
    with pytest.raises(GradecheckError, match=message):
        reference.code(*args, **kwargs)


def run(*texts):
    space = {"__name__": "notebook"}
    for text in texts:
        exec(compile(text, "<cell>", "exec", dont_inherit=True), space)
    return space


def test_01_decorators_stay_and_comments_below_the_body_go(reference):
    code = reference.code(
        '''
        from functools import lru_cache

        class Model:
            """A model."""

            @property
            def size(self):
                """Size."""
                return self.width * 2

            @size.setter
            def size(self, value):
                """Set the size."""
                self.width = value / 2

            @staticmethod
            @lru_cache(maxsize=None)
            def ratio(n):
                """Ratio."""
                return n / 2
                # not n // 2: X.T @ X is then singular
        ''',
        ["Model.size", "Model.size:setter", "Model.ratio"],
    )
    assert code.stub.count("raise NotImplementedError") == 3
    assert "@lru_cache" in code.stub
    assert "singular" not in code.stub
    assert "from functools import lru_cache" in code.given
    assert run(code.given, code.stub)["Model"].size.fset is not None


HELPERS = '''
EPS = 1e-12

def _check(x):
    return x

def _solve(x):
    return x + EPS

class C:
    """C."""

    def __init__(self, x):
        self.x = _check(x)

    def fit(self):
        """Fit."""
        return _solve(self.x)
'''


def test_02_a_listed_helper_is_given_and_the_others_are_not(reference):
    code = reference.code(HELPERS, ["C.fit"], ["_check"])
    assert "def _check" in code.given
    assert "_solve" not in code.given + code.stub
    assert "EPS" not in code.given + code.stub
    assert "def _solve" in code.answer
    assert "EPS" in code.answer


def test_02b_a_helper_of_kept_code_must_be_listed(reference):
    refused(reference, "uses '_check': add \".*m:_check\" to 'given'", HELPERS, ["C.fit"])


NAMESPACE = '''
from mlref.arrays import namespace

def ranks(X):
    """Ranks{}."""
    xp = namespace(X)
    return (lambda row: xp.argmax(xp.astype(row, xp.int64)))(X)

def first(X):
    """First."""
    return ranks(X)
'''


def test_03_a_docstring_that_names_the_library_is_refused(reference):
    refused(reference, "would say 'xp'", NAMESPACE.format(" by xp.argmax"), ["first"], ["ranks"])


def test_03b_given_code_reads_as_numpy(reference):
    code = reference.code(NAMESPACE.format(""), ["first"], ["ranks"])
    assert "np.argmax(np.astype(row, np.int64))" in code.given
    assert "xp" not in code.given


def test_04_a_body_on_the_line_of_the_header_is_refused(reference):
    refused(reference, "body on the line of its header", "def f(x): return x\n", ["f"])


def test_05_a_function_without_docstring_is_refused(reference):
    refused(reference, "no docstring", "def f(x):\n    return x\n", ["f"])


def test_06_markers_are_comments_not_strings(reference):
    code = reference.code(
        '''
        def f(x):
            """F."""
            def label(y):
                return f"# BEGIN SOLUTION {y}"
            # BEGIN SOLUTION
            x = x * 2
            # END SOLUTION
            return label(x), "# END SOLUTION"
        ''',
        ["f"],
    )
    assert 'return f"# BEGIN SOLUTION {y}"' in code.stub
    assert "x * 2" not in code.stub
    assert run(code.answer)["f"](2) == ("# BEGIN SOLUTION 4", "# END SOLUTION")


def test_07_a_string_that_is_indented_less_than_its_method_survives(reference):
    text = '''\
class C:
    """C."""

    TABLE = """
a  b
 c
"""

    def f(self):
        """F."""
        return """
x
"""

    def g(self):
        return self.TABLE
'''
    code = reference.code(text, ["C.f"])
    assert run(code.stub)["C"].TABLE == "\na  b\n c\n"
    assert run(code.answer)["C"]().f() == "\nx\n"


def test_08_two_definitions_of_which_one_counts_are_refused(reference):
    text = 'import sys\nif sys.platform:\n    def f(x):\n        """F."""\n        return x\n'
    refused(reference, "bound inside a 'if' statement", text, ["f"])


def test_09_a_call_of_the_solution_while_the_cell_runs_is_refused(reference):
    text = '''
    def table(n):
        """Table."""
        return list(range(n))

    class C:
        """C."""

        VALUES = table(3)

        def f(self):
            """F."""
            return self.VALUES
    '''
    refused(reference, "calls 'table', which is not written yet, while its cell runs", text, ["table", "C.f"])


ANNOTATED = '''
from __future__ import annotations

import numpy as np
from typing import Literal
{import_}

Array = np.ndarray
TOL = 1e-6

{decorator}
def f(
    X: Array,  # one row per sample
    kind: Literal["a", "b"] = "a",
    # the default is tight
    tolerance: float = TOL,
) -> Array:
    """F."""
    return X * tolerance
'''


def test_10_a_decorator_of_the_reference_is_refused(reference):
    reference.write("def checked(function):\n    return function\n", "decorators")
    text = ANNOTATED.format(import_="from REF.decorators import checked", decorator="@checked")
    refused(reference, "add \".*decorators:checked\" to 'given'", text, ["f"])


def test_10b_what_a_header_needs_is_given_and_its_comments_go(reference):
    code = reference.code(ANNOTATED.format(import_="", decorator=""), ["f"])
    assert "TOL = 1e-6" in code.given
    assert "Array = np.ndarray" in code.given
    assert "from typing import Literal" in code.given
    assert code.stub.startswith("from __future__ import annotations")
    assert "#" not in code.stub.replace("# YOUR CODE HERE", "")
    run(code.given, code.stub)


def test_11_an_import_of_the_reference_inside_kept_code_is_refused(reference):
    text = '''
    class C:
        """C."""

        def helper(self):
            from REF.m import C as Other
            return Other

        def f(self):
            """F."""
            return 1
    '''
    refused(reference, "imports 'reference_.*', which students do not have", text, ["C.f"])


def test_11b_code_that_reaches_names_by_text_is_refused(reference):
    text = '''
    class C:
        """C."""

        def helper(self):
            return globals()["secret"]

        def f(self):
            """F."""
            return 1
    '''
    refused(reference, "kept code uses 'globals'", text, ["C.f"])


def test_12_a_name_that_only_a_star_import_could_bind_is_refused(reference):
    text = 'from math import *\n\ndef f(x, y=pi):\n    """F."""\n    return x\n'
    refused(reference, "'pi', but only 'from ... import \\*' could bind it", text, ["f"])


def test_12b_dataclasses_generators_and_raw_docstrings(reference):
    code = reference.code(
        '''
        from dataclasses import dataclass, field

        @dataclass
        class Node:
            """A node."""

            children: list = field(default_factory=list)

            def walk(self):
                r"""All nodes below \\this one.

                Notes
                -----
                Depth first."""
                for child in self.children:
                    yield child
                    yield from child.walk()
        ''',
        ["Node.walk"],
    )
    assert "Depth first" not in code.stub
    node = run(code.given, code.stub)["Node"]
    with pytest.raises(NotImplementedError):
        node().walk()
    walked = run(code.given, code.answer)["Node"]
    assert len(list(walked([walked([walked()])]).walk())) == 2


def test_13_nested_markers_are_refused(reference):
    lines = ["# BEGIN SOLUTION", "# BEGIN SOLUTION", "y = x", "# END SOLUTION", "# END SOLUTION", "return y"]
    text = 'def f(x):\n    """F."""\n' + "".join(f"    {line}\n" for line in lines)
    refused(reference, "come in pairs and do not nest", text, ["f"])


def test_14_a_whole_class_is_refused_with_its_methods(reference):
    refused(reference, "m:C.fit", HELPERS, ["C"])


def test_15_a_reference_that_is_itself_not_written_is_refused(reference):
    refused(
        reference,
        "nothing below its docstring",
        'def f(x):\n    """F."""\n    raise NotImplementedError\n',
        ["f"],
    )
    text = 'def f(x):\n    """F."""\n    if x:\n        raise NotImplementedError\n    return x\n'
    refused(reference, "raises NotImplementedError itself", text, ["f"])


def test_16_a_name_bound_only_between_the_markers_is_refused(reference):
    text = '''
    def f(x):
        """F."""
        # BEGIN SOLUTION
        best = x
        # END SOLUTION
        return best
    '''
    refused(reference, "uses 'best', but nothing binds it", text, ["f"])


OTHER = '''
def kernel(x):
    """Kernel."""
    return x * x

def smooth(x):
    """Smooth."""
    return kernel(x) + 1
'''


def test_17_another_questions_answer_is_not_repeated(reference):
    code = reference.code(OTHER, ["smooth"], needs=("kernels",), answers={"kernel": "kernels"})
    assert "def kernel" not in code.given + code.stub + code.answer


def test_17b_another_questions_answer_must_be_in_needs(reference):
    refused(reference, "add 'kernels' to 'needs'", OTHER, ["smooth"], answers={"kernel": "kernels"})


def test_17c_another_questions_answer_cannot_be_given(reference):
    refused(
        reference,
        "'given' shows .*kernel', which students write in question 'kernels'",
        OTHER,
        ["smooth"],
        ["kernel"],
        answers={"kernel": "kernels"},
    )


VOTE = '''
class C:
    """C."""

    def predict(self, x):
        """Predict."""
        return self._vote(x)

    def _vote(self, x):
        return max(x)
'''


def test_18_a_private_method_that_only_the_answer_uses_is_refused_until_listed(reference):
    refused(reference, "only removed code uses the kept '.*:C._vote'", VOTE, ["C.predict"])
    assert "_vote" in reference.code(VOTE, ["C.predict"], ["C._vote"]).stub
    assert "_vote" not in reference.code(VOTE, ["C.predict", "C._vote"]).stub


def test_18b_a_removed_private_method_that_kept_code_calls_is_refused(reference):
    text = VOTE + "\n    def score(self, x):\n        return self._vote(x)\n"
    refused(reference, "which 'solution' leaves out of the stub", text, ["C.predict", "C._vote"])


# --- packages, errors, bases ------------------------------------------------------------------------


def test_a_package_that_is_not_declared_is_refused_and_a_declared_one_is_not(reference):
    text = '''
    from scipy.special import expit

    def f(x):
        """F."""
        return expit(x)
    '''
    refused(reference, "comes from 'scipy', which students do not have; add 'scipy'", text, ["f"])
    code = reference.code(text, ["f"], packages=("numpy", "scipy"))
    assert "scipy" not in code.given + code.stub
    assert "from scipy.special import expit" in code.answer


def test_a_package_is_declared_by_the_name_that_pip_knows(reference):
    text = '''
    from sklearn.base import clone

    def f(x):
        """F."""
        return clone(x)
    '''
    assert "sklearn" in reference.code(text, ["f"], packages=("scikit-learn",)).answer


def test_an_import_that_only_the_body_needs_is_no_hint(reference):
    text = '''
    import math

    def f(x):
        """F."""
        return math.lgamma(x)
    '''
    code = reference.code(text, ["f"])
    assert "math" not in code.given + code.stub
    assert "import math" in code.answer


def test_named_errors_are_given_even_where_another_module_raises_them(reference):
    reference.write(
        'class GapError(ValueError):\n    """A gap."""\n\ndef check(x):\n    return x\n', "errors"
    )
    text = '''
    from REF.errors import check

    def f(x):
        """F.

        Raises
        ------
        GapError
            If there is a gap.
        ValueError
            If anything else.
        """
        return check(x)
    '''
    code = reference.code(text, ["f"])
    assert "class GapError(ValueError)" in code.given
    assert "def check" not in code.given


def test_the_base_of_estimators_is_a_small_one_of_the_notebooks_own(reference):
    text = '''
    from mlref.base import Estimator

    class Shift(Estimator):
        """Shift."""

        def __init__(self, by=1.0):
            self.by = by

        def fit(self, X):
            """Fit."""
            self.n_features_in_ = X.shape[1]
            return self
    '''
    code = reference.code(text, ["Shift.fit"])
    assert "sklearn" not in code.given
    shift = run(code.given, code.answer)["Shift"](by=2.0)
    assert shift.get_params() == {"by": 2.0}
    assert repr(shift.set_params(by=3.0)) == "Shift(by=3.0)"


def test_bases_of_what_clusters_and_transforms_are_the_notebooks_own_too(reference):
    text = '''
    from mlref.base import Clusterer, Transformer

    class Signs(Clusterer, Transformer):
        """Signs."""

        def __init__(self, by=1.0):
            self.by = by

        def fit(self, X, y=None):
            """Fit."""
            self.labels_ = X > 0
            return self

        def transform(self, X):
            """Transform."""
            return self.by * X
    '''
    code = reference.code(text, ["Signs.fit", "Signs.transform"])
    assert code.given.count("class Estimator") == 1
    signs = run(code.given, code.answer)["Signs"](by=2)
    assert signs.fit_predict(np.array([1, -1])).tolist() == [True, False]
    assert signs.fit_transform(np.array([1, -1])).tolist() == [2, -2]
    assert signs.get_params() == {"by": 2}


def test_bridges_between_libraries_are_numpys_in_the_answer(reference):
    text = '''
    from mlref.arrays import from_numpy, scatter_add

    def f(x):
        """F."""
        return scatter_add(from_numpy([[1.0], [2.0], [4.0]], like=x), x, 3)
    '''
    code = reference.code(text, ["f"])
    assert "scipy" not in code.answer
    assert run(code.given, code.answer)["f"](np.array([2, 0, 2])).tolist() == [[2.0], [0.0], [5.0]]


def test_an_object_that_a_module_only_imports_is_refused_with_where_it_is(reference):
    reference.write('def f(x):\n    """F."""\n    return x\n', "inner")
    reference.write("from REF.inner import f\n", "middle")
    refused(
        reference,
        r"question.toml: .*m only imports 'f'; write '.*\.inner:f'",
        "from REF.middle import f\n",
        ["f"],
    )


def test_mistakes_in_references_name_the_file(reference):
    text = 'def scaled(x):\n    """F."""\n    return x\n'
    refused(reference, r"question.toml: .*:scald': .* has no 'scald' .did you mean 'scaled'", text, ["scald"])
    refused(reference, r"question.toml: .*has no 'helper'", text, ["scaled"], ["helper"])


def test_an_import_under_another_name_is_refused(reference):
    reference.write("def helper(x):\n    return x\n", "tools")
    text = 'from REF.tools import helper as h\n\ndef f(x):\n    """F."""\n    return h(x)\n'
    refused(reference, "'helper' is renamed to 'h'", text, ["f"])


def test_a_whole_module_of_the_reference_is_refused(reference):
    reference.write("def helper(x):\n    return x\n", "tools")
    text = 'from REF import tools\n\ndef f(x):\n    """F."""\n    return tools.helper(x)\n'
    refused(reference, "'tools' is a whole module of the reference", text, ["f"])


def test_helpers_of_two_modules_that_are_called_alike_are_refused(reference):
    reference.write("def _check(x):\n    return x\n\ndef one(x):\n    return _check(x)\n", "tools")
    text = '''
    from REF.tools import one

    def _check(x):
        return -x

    def f(x):
        """F."""
        return one(x) + _check(x)
    '''
    refused(reference, "one cell cannot hold '_check'", text, ["f"])


def test_a_computed_constant_is_shown_only_if_listed(reference):
    text = '''
    import numpy as np

    GRID = np.linspace(0.0, 1.0, 5) ** 2

    def f(x, grid=GRID):
        """F."""
        return x
    '''
    refused(reference, "add \".*m:GRID\" to 'given'", text, ["f"])
    assert "GRID = np.linspace" in reference.code(text, ["f"], ["GRID"]).given


def test_the_answer_computes_what_the_reference_computes(reference):
    text = '''
    import functools

    BASE = {"one": 1}

    @functools.cache
    def _power(n):
        return 2 ** n

    def f(x):
        """F."""
        return _power(x) + BASE["one"]
    '''
    code = reference.code(text, ["f"])
    space = run(code.given, code.answer)
    assert space["f"](5) == 33
    assert isinstance(space["_power"], functools._lru_cache_wrapper)


def test_a_question_without_solution_is_refused(reference):
    refused(reference, "key 'solution' is empty", "x = 1\n", [])


@pytest.mark.parametrize(
    "reference",
    [
        "mlref.cluster.k_means:k_means",
        "mlref.generative.diffusion:diffusion_forward",
        "mlref.linear_model.penalties:soft_threshold",
        "mlref.losses.probability:log_softmax",
        "mlref.metrics.clustering:silhouette_score",
        "mlref.nn.conv.functions:conv2d",
        "mlref.nn.pooling.functions:max_pool2d",
        "mlref.preprocessing.encoding:one_hot_categories",
        "mlref.time_series.lags:lag_matrix",
    ],
)
def test_an_answer_cut_from_our_reference_computes_its_own_examples(reference, tmp_path):
    question = Question(id="q", folder=tmp_path, title="A question", points=1, solution=(reference,))
    code = question_code(question, ("numpy",), {})
    space = run(code.given, code.answer)
    examples = doctest.DocTestParser().get_doctest(
        ast.get_docstring(find_target(reference).function), space, reference, None, 0
    )
    assert examples.examples
    said = []
    doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(examples, out=said.append)
    assert said == []
