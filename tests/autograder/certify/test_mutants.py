"""Wrong answers made by rule: each fault is made where it has a meaning, and nowhere else."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from autograder.certify.mutants import (
    Mutant,
    kept_methods,
    leaves_work_to,
    make_mutants,
    mutants_of,
)
from autograder.certify.operators import OPERATORS, is_even
from autograder.certify.survey import Survey, _name, arguments_of, write_survey
from autograder.errors import GradecheckError
from autograder.models import BuiltQuestion, Course, Question

SOURCE = '''
def softmax(scores, axis=-1):
    """Return exp(scores) over its sum."""
    if scores.size == 0:
        raise ValueError("scores is empty: 1 + 1 is needed")
    powers = np.exp(scores - np.max(scores, axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def elsewhere(x):
    return x + 1


class Probabilities(list):
    def __repr__(self):
        return "Probabilities(" + list.__repr__(self[:-1]) + ")"

    def last(self):
        return self[-1]
'''


def made(expression, operator):
    """What an operator makes of the first node of an expression or statement that it applies to."""
    tree = ast.parse(expression)
    found = [ast.unparse(new) for node in ast.walk(tree) for new in OPERATORS[operator](node)]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("operator", "before", "after"),
    [
        ("wrong_axis", "x.sum(axis=0)", "x.sum(axis=1)"),
        ("wrong_axis", "x.sum(axis=-1)", "x.sum(axis=0)"),
        ("lost_keepdims", "x.max(axis=1, keepdims=True)", "x.max(axis=1)"),
        ("other_ddof", "x.std(ddof=1)", "x.std()"),
        ("other_ddof", "np.var(x)", "np.var(x, ddof=1)"),
        ("opposite_function", "np.mean(x)", "np.sum(x)"),
        ("opposite_function", "x.argmax(axis=1)", "x.argmin(axis=1)"),
        ("dropped_function", "np.sqrt(x + 1)", "x + 1"),
        ("dropped_function", "x.copy()", "x"),
        ("no_max_shift", "z - np.max(z)", "z"),
        ("dropped_function", "np.swapaxes(x, 0, 1)", "x"),
        ("dropped_term", "a + b", "a"),
        ("dropped_term", "total / n", "total"),
        ("dropped_term", "m / (1 - beta ** t)", "m"),
        ("dropped_term", "loss + 0.5 * l2 * np.sum(W ** 2)", "loss"),
        ("other_sign", "a - b", "a + b"),
        ("other_sign", "-a", "a"),
        ("transposed_operand", "X.T", "X"),
        ("transposed_operand", "X @ y", "X.T @ y"),
        ("swapped_arguments", "f(a, b)", "f(b, a)"),
        ("swapped_arguments", "f(n + 1, n)", "f(n, n + 1)"),
        ("swapped_arguments", "np.where(mask, a, b)", "np.where(a, mask, b)"),
        ("swapped_arguments", "a / b", "b / a"),
        ("other_comparison", "a < b", "a <= b"),
        ("other_condition", "a and b", "a or b"),
        ("other_number", "x ** 2", "3"),
        ("off_by_one", "range(n)", "range(n - 1)"),
        ("off_by_one", "range(0, n, stride)", "range(0, n - 1, stride)"),
        ("off_by_one", "x[start:]", "start + 1:"),
        ("off_by_one", "x[::stride]", "::stride + 1"),
        ("off_by_one", "conv(x, padding=width // 2)", "conv(x, padding=width // 2 + 1)"),
        ("off_by_one", "sliding_window_view(x, window=m)", "sliding_window_view(x, window=m + 1)"),
        ("off_by_one", "KFold(n_splits=k)", "KFold(n_splits=k + 1)"),
        ("in_place", "w = w - step", "w -= step"),
        ("in_place", "w += step", "w = step"),
        ("aliased", "np.array(x)", "np.asarray(x)"),
        ("aliased", "list(parents)", "parents"),
        ("leaked_rows", "scaler.fit(X[train])", "X"),
        ("leaked_rows", "scaler.transform(X_test)", "scaler.fit_transform(X_test)"),
        ("leaked_rows", "X[fold != i].mean()", "X"),
        ("rounded", "np.float64", "np.float32"),
        ("rounded", "np.zeros(n, dtype=float)", "np.zeros(n, dtype='float32')"),
        ("dropped_keyword", "np.argsort(x, kind='stable')", "np.argsort(x)"),
        ("ignored_seed", "rng.normal()", "np.random.default_rng(0).normal"),
        ("ignored_seed", "np.random.default_rng(seed)", "np.random.default_rng(0)"),
        ("dropped_statement", "count += 1", "pass"),
        ("dropped_statement", "self.grad = g", "pass"),
    ],
)
def test_a_fault_as_it_is_made(operator, before, after):
    assert made(before, operator) == after


def test_results_are_swapped_where_there_are_two():
    assert made("def f():\n    return a, b", "swapped_results") == "return (b, a)"


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("np.maximum(a, b)", "swapped_arguments"),
        ("Multiply(u, v)", "swapped_arguments"),
        ("np.argsort(x, axis=2)", "dropped_keyword"),
        ("np.argsort(x, stable=True)", "dropped_keyword"),
        ("property(f, doc='text')", "dropped_keyword"),
        ("def f(x):\n    return any(x)", "rounded"),
    ],
)
def test_what_would_change_nothing_is_not_made(text, operator):
    assert made(text, operator) is None


def test_a_switch_is_turned_once_and_an_axis_of_a_sort_is_not_lost():
    assert made("np.argsort(x, stable=True)", "other_number") == "False"
    assert made("np.argsort(x, axis=1)", "wrong_axis") == "np.argsort(x, axis=0)"
    call = ast.parse("np.sort(x, axis=-1)", mode="eval").body
    assert [ast.unparse(node) for node in OPERATORS["wrong_axis"](call)] == ["np.sort(x, axis=0)"]


def test_methods_that_the_stub_keeps_are_given():
    given = "class C:\n    def __init__(self, k=1):\n        self.k = k\n\n    def fit(self):\n        "
    stub = given + "raise NotImplementedError\n"
    assert kept_methods(stub) == {"C.__init__"}
    source = given + "return self.k + 1\n"
    assert {mutant.id.split(":")[1] for mutant in mutants_of(source, {"C"}, given={"C.__init__"})} == {
        "C.fit"
    }


def test_keywords_that_change_no_result_are_left_alone():
    source = "def f(a, b):\n    return list(zip(a, b, strict=True))\n"
    assert not [mutant for mutant in mutants_of(source, {"f"}) if "strict=False" in mutant.source]


def test_what_another_module_offers_to_everybody_ends_the_survey():
    solution = (
        "mlref.neighbors.knn:KNeighborsRegressor.fit",
        "mlref.neighbors.knn:KNeighborsRegressor.predict",
    )
    answer = "def nearest_neighbors(a):\n    return a + 1\n\ndef neighbor_weights(a):\n    return a + 2\n\n"
    answer += "class KNeighborsRegressor:\n    def predict(self, a):\n"
    answer += "        return nearest_neighbors(neighbor_weights(a))\n"
    question = Question(id="q", folder=Path("q"), title="Q", points=1, solution=solution)
    item = BuiltQuestion(question, {}, "", "", "", answer)
    assert leaves_work_to(item) == ["nearest_neighbors"]
    owners = {mutant.id.split(":")[1] for mutant in make_mutants(item)}
    assert owners == {"neighbor_weights", "KNeighborsRegressor.predict"}
    assert "neighbor_weights" not in {
        m.id.split(":")[1] for m in make_mutants(item, given={"neighbor_weights"})
    }


def test_one_change_has_one_name_on_all_variants():
    names = {}
    first, other = Mutant("x:f:1", "b = 2", "b = 1"), Mutant("x:f:1", "b = 3", "b = 1")
    assert [_name(names, fault) for fault in (first, other, first)] == ["x:f:1", "x:f:1'", "x:f:1"]


def test_both_terms_of_a_difference_are_dropped_in_turn():
    new = OPERATORS["dropped_term"](ast.parse("a - b", mode="eval").body)
    assert [ast.unparse(node) for node in new] == ["a", "-b"]


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_fault_is_not_made_where_it_has_no_meaning(operator):
    assert made("x", operator) is None


@pytest.mark.parametrize(
    ("text", "even"), [("x ** 2", True), ("abs(x)", True), ("x ** 3", False), ("f(x)", False)]
)
def test_where_a_sign_does_not_matter_a_difference_is_not_swapped(text, even):
    assert is_even(ast.parse(text, mode="eval").body) is even


@pytest.fixture(scope="module")
def mutants():
    question = Question(
        id="q", folder=Path("q"), title="Q", points=1, solution=("nowhere:softmax", "nowhere:Probabilities")
    )
    return make_mutants(BuiltQuestion(question, {}, "", "", "", SOURCE))


def test_every_mutant_is_python_and_another_one(mutants):
    assert len({mutant.source for mutant in mutants}) == len(mutants) > 15
    assert len({mutant.id for mutant in mutants}) == len(mutants)
    for mutant in mutants:
        compile(mutant.source, mutant.id, "exec")
        assert mutant.diff


def test_only_the_questions_own_code_is_changed_and_no_message(mutants):
    for mutant in mutants:
        assert "return x + 1" in mutant.source
        assert mutant.id.split(":")[1] in ("softmax", "Probabilities.last")
        if not mutant.id.startswith("dropped_statement"):
            assert "scores is empty: 1 + 1 is needed" in mutant.source


def test_the_same_fault_set_otherwise_is_one_mutant(mutants):
    texts = [ast.unparse(ast.parse(mutant.source)) for mutant in mutants]
    assert len(set(texts)) == len(texts)


def test_the_engines_faults_are_among_them(mutants):
    assert any(mutant.id.split(":")[0] not in OPERATORS for mutant in mutants)


def survey(killed, survivors, equivalent=()):
    alive = tuple(Mutant(name, "b = 2", "b = 1") for name in survivors)
    return Survey("q", dict.fromkeys(killed, "test_x"), alive, dict.fromkeys(equivalent, "because"))


def test_rates_count_equivalent_mutants_once_and_not_at_all():
    found = survey([f"k{i}" for i in range(96)], ["a", "b", "c", "d"], ["a", "b"])
    assert found.raw == 0.96
    assert found.rate == pytest.approx(96 / 98)
    assert found.problems() == []
    assert "-b = 1" in found.table()
    assert "equivalent: because" in found.table()


def test_the_certificate_keeps_the_rates_and_who_lives(tmp_path):
    course = Course(root=tmp_path, name="c")
    found = survey([f"k{i}" for i in range(96)], ["a", "b", "c", "d"], ["a", "b"])
    write_survey(course, "a", "t", [found])
    path = tmp_path / "build/t/a/certificate.json"
    assert not path.exists()
    path.parent.mkdir(parents=True)
    path.write_text('{"schema": 1}')
    write_survey(course, "a", "t", [found])
    kept = {
        "mutants": 100,
        "killed": 96,
        "raw": 0.96,
        "equivalent": ["a", "b"],
        "rate": 0.9796,
        "survivors": ["c", "d"],
    }
    assert json.loads(path.read_text()) == {"schema": 1, "mutants": {"q": kept}}


def test_too_few_killed_too_many_marked_or_marked_in_vain_is_a_problem():
    assert "the goal is 97%" in survey(["k"], ["a"]).problems()[0]
    many = survey(["k"] * 1, ["a"], ["a"]).problems()
    assert any("at most 5%" in line for line in many)
    assert any("killed or gone: z" in line for line in survey(["k"], [], ["z"]).problems())


def test_an_argument_is_needed_and_read_from_the_solutions(tmp_path):
    course = Course(root=tmp_path, name="c")
    assert arguments_of(course, "a", "q") == {}
    path = tmp_path / "solutions/a/q/equivalent.toml"
    path.parent.mkdir(parents=True)
    path.write_text('"x:f:1" = "the difference is squared"\n')
    assert arguments_of(course, "a", "q") == {"x:f:1": "the difference is squared"}
    for text in ('"x:f:1" = " "\n', '"x:f:1" = 1\n', "x:"):
        path.write_text(text)
        with pytest.raises(GradecheckError, match=r"equivalent\.toml"):
            arguments_of(course, "a", "q")
