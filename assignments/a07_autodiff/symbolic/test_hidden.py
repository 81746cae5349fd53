"""Checks of symbolic differentiation that students do not see.

Formulas are written as Python text and travel as nested tuples ``(class, part, ...)``. Trees of the student
come back in the same form, so that their values, sizes and patterns are judged here.
"""

import ast

import numpy as np

from autograder.testing import assert_close, assert_raises, assert_true, hint, supporting, weight

RTOL, ATOL = 1e-9, 1e-9
POINTS = 20
# Inside the domain values stay below the one; divisors, bases and what has a logarithm above the other.
LARGEST, MARGIN = 1e3, 0.02
EXPONENTS = (0, 1, 2, 3, -1, 0.5)
OPERATORS = {
    ast.Add: "Add", ast.Sub: "Subtract", ast.Mult: "Multiply", ast.Div: "Divide", ast.Pow: "Power",
}  # fmt: skip
RULES = {
    "Negate": np.negative, "Add": np.add, "Subtract": np.subtract, "Multiply": np.multiply,
    "Exp": np.exp, "Log": np.log, "Sin": np.sin, "Cos": np.cos, "Divide": np.divide, "Power": np.power,
}  # fmt: skip
# A class and the constants among its parts; None for a part that is no constant.
PATTERNS = {
    ("Add", None, 0), ("Add", 0, None), ("Subtract", None, 0), ("Subtract", 0, None),
    ("Multiply", None, 0), ("Multiply", 0, None), ("Multiply", None, 1), ("Multiply", 1, None),
    ("Divide", None, 1), ("Divide", 0, None), ("Power", None, 0), ("Power", None, 1), ("Power", 1, None),
}  # fmt: skip


def transform(answers, nodes, trees, steps, variable):
    """Driver: trees after a series of steps: d differentiates, s simplifies."""

    def build(tree):
        name, *parts = tree
        return getattr(answers, name)(*(build(part) if isinstance(part, tuple) else part for part in parts))

    def describe(node):
        name = type(node).__name__
        if name not in nodes or type(node) is not getattr(answers, name):
            return ("no node", name)
        if name == "Constant":
            is_number = isinstance(node.value, (int, float, np.integer, np.floating))
            return (name, float(node.value)) if is_number else ("no number", type(node.value).__name__)
        if name == "Variable":
            return (name, str(node.name))
        return (name, *(describe(part) for part in vars(node).values()))

    found = []
    for tree in trees:
        node = build(tree)
        for step in steps:
            node = answers.differentiate(node, variable) if step == "d" else answers.simplify(node)
        found.append(describe(node))
    return found


def chain(answers, kind, levels, step, points):
    """Driver: values of one function's result for numbers around x, one operation inside the other."""
    node = answers.Variable("x")
    for level in range(levels):
        number = answers.Constant(1.01 if level % 2 else 0.98)
        node = getattr(answers, kind)(*((node, number) if level % 3 else (number, node)))
    result = answers.differentiate(node, "x") if step == "d" else answers.simplify(node)
    return [float(result.evaluate(x=x)) for x in points]


def before_and_after(answers, trees, step):
    """Driver: each tree as text before and after one of the functions got it."""

    def build(tree):
        name, *parts = tree
        return getattr(answers, name)(*(build(part) if isinstance(part, tuple) else part for part in parts))

    found = []
    for tree in trees:
        node = build(tree)
        before = str(node)
        answers.differentiate(node, "x") if step == "d" else answers.simplify(node)
        found.append((before, str(node)))
    return found


def refuse(answers, name, argument):
    """Driver: one of the functions on something that is no tree."""
    arguments = (argument, "x") if name == "differentiate" else (argument,)
    return str(getattr(answers, name)(*arguments))


# --- trees on this side ------------------------------------------------------------------------------


def parse(formula):
    """The tree of a formula that is written as in Python; -2 is a constant, -(x) is a node."""

    def tree(node):
        match node:
            case ast.Constant(value=number):
                return ("Constant", number)
            case ast.Name(id=name):
                return ("Variable", name)
            case ast.UnaryOp(operand=ast.Constant(value=number)):
                return ("Constant", -number)
            case ast.UnaryOp(operand=argument):
                return ("Negate", tree(argument))
            case ast.BinOp(left=left, op=operator, right=right):
                return (OPERATORS[type(operator)], tree(left), tree(right))
            case ast.Call(func=function, args=[argument]):
                return (function.id.capitalize(), tree(argument))

    return formula if isinstance(formula, tuple) else tree(ast.parse(formula, mode="eval").body)


def size(tree):
    """The number of nodes."""
    return 1 + sum(size(part) for part in tree[1:] if isinstance(part, tuple))


def evaluate(tree, points, inside=False):
    """Values at points (a dict of arrays), nan where there are none.

    With `inside` also nan where a part comes near the edge of its domain or is large: answers that are
    computed in another order may differ there.
    """
    outside = np.zeros(POINTS, dtype=bool)

    def value(tree):
        name, *parts = tree
        if name == "Constant":
            return np.float64(parts[0])
        if name == "Variable":
            return points[parts[0]]
        values = [value(part) for part in parts]
        result = RULES[name](*values)
        if inside:
            # Negated comparisons, so that nan counts as outside.
            np.logical_or(outside, ~(np.abs(result) < LARGEST), out=outside)
            if name in ("Divide", "Power", "Log"):
                edge = values[-1 if name == "Divide" else 0]
                np.logical_or(outside, ~(np.abs(edge) > MARGIN), out=outside)
        return result

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(outside, np.nan, value(tree))


def draw_points(rng, low=-2.0):
    """Points at random; with a positive `low` all variables are positive."""
    return {name: rng.uniform(low, 2.0, size=POINTS) for name in "xyz"}


def random_tree(rng, variant, leaves, depth):
    """A tree of this term's nodes."""
    if depth == 0 or rng.random() < 0.1:
        return parse(leaves[rng.integers(len(leaves))])
    names = variant["nodes"][2:]
    name = names[rng.integers(len(names))]
    first = random_tree(rng, variant, leaves, depth - 1)
    if name == "Negate" or name in variant["functions"]:
        return (name, first)
    if name == "Power" and not (variant["variable_exponent"] and rng.random() < 0.5):
        return (name, first, ("Constant", EXPONENTS[rng.integers(len(EXPONENTS))]))
    return (name, first, random_tree(rng, variant, leaves, depth - 1))


def random_trees(rng, variant, leaves, count, points):
    """Trees of moderate size that have values at some of the points."""
    trees = []
    while len(trees) < count:
        tree = random_tree(rng, variant, leaves, 3)
        if size(tree) > 4 and np.sum(~np.isnan(evaluate(tree, points, inside=True))) >= 5:
            trees.append(tree)
    return trees


# --- claims ------------------------------------------------------------------------------------------


def claim_nodes(tree):
    """The student's tree holds nothing but nodes of this term, and numbers in its constants."""
    assert_true(tree[0] != "no node", f"{tree[1]} is no class of this term's nodes", category="type")
    assert_true(tree[0] != "no number", f"a Constant holds {tree[1]}, not a number", category="type")
    for part in tree[1:]:
        if isinstance(part, tuple):
            claim_nodes(part)


def claim_values(actual, expected, tree, points):
    """Two trees have the same values wherever `expected` and the original `tree` are inside their domains."""
    claim_nodes(actual)
    wanted = evaluate(expected, points, inside=True)
    inside = ~np.isnan(wanted) & ~np.isnan(evaluate(tree, points, inside=True))
    assert_close(evaluate(actual, points)[inside], wanted[inside], rtol=RTOL, atol=ATOL)


def compare(student, reference, variant, formulas, points, steps="d", variable="x"):
    """After the steps the formulas have the values of the reference's trees."""
    trees = [parse(formula) for formula in formulas]
    found = student.run(transform, variant["nodes"], trees, steps, variable)
    expected = reference.run(transform, variant["nodes"], trees, steps, variable)
    for tree, actual, wanted in zip(trees, found, expected, strict=True):
        claim_values(actual, wanted, tree, points)


def claim_becomes(student, variant, forms):
    """Each formula is simplified to exactly the other one; constants count by their value."""
    found = student.run(transform, variant["nodes"], [parse(formula) for formula in forms], "s", "x")
    for (formula, form), tree in zip(forms.items(), found, strict=True):
        claim_nodes(tree)
        assert_true(tree == parse(form), f"{formula} should become {form}")


def is_simple(tree):
    """Whether none of the patterns is left that `simplify` clears away."""
    name, *parts = tree
    if name in ("Constant", "Variable"):
        return True
    numbers = [part[1] if part[0] == "Constant" else None for part in parts]
    if None not in numbers:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return not np.isfinite(RULES[name](*map(float, numbers)))
    twice = name == "Negate" and parts[0][0] == "Negate"
    return (name, *numbers) not in PATTERNS and not twice and all(map(is_simple, parts))


# --- differentiate -----------------------------------------------------------------------------------


@weight(2)
@hint("Product rule: which factor stays as it is in which term?")
def test_sums_and_products(student, reference, variant, rng):
    """constants, variables, sums, differences, opposites and products"""
    formulas = ["4", "x", "y", "x + 3", "x - y", "y - x", "-x", "-(x * x)", "x * y", "x * x", "2 * x * x * x"]
    formulas += ["(x + 2) * (3 - x)", "(x - y) * (x + y) * x", "x * (1 - x * (2 + x))"]
    compare(student, reference, variant, formulas, draw_points(rng))


@weight(2)
@hint("Quotient rule: the sign, and the square below.")
def test_quotients(student, reference, variant, rng):
    """quotients with the variable above, below and in both"""
    formulas = ["x / 3", "1 / x", "(x + 1) / (x * x + 1)", "x / (x + y)", "y / x / x", "x / (1 / (x + 3))"]
    compare(student, reference, variant, formulas, draw_points(rng))


@weight(2)
@hint("Power rule and chain rule, without a logarithm: it does not exist for a negative base.")
def test_powers(student, reference, variant, rng):
    """powers with constant exponents, of positive and negative parts"""
    formulas = ["x ** 2", "x ** 3", "x ** 1", "x ** -1", "x ** -2", "2 ** 3", "(1 - 2 * x) ** 3"]
    formulas += ["(x * x + 1) ** 0.5", "(3 * x * x - x + 1) ** (1 / 3)", "x ** (3 - 1)", "(x * y) ** (2 * 1)"]
    compare(student, reference, variant, formulas, draw_points(rng))
    compare(student, reference, variant, ["x ** 0.5", "x ** 1.7", "x ** -0.5"], draw_points(rng, 0.2))


@weight(3)
@hint("Does the variable occur in the exponent? If so, write the power with exp and log.")
def test_exponents(student, reference, variant, rng):
    """exponents that are more than one constant"""
    formulas = ["x ** (3 - 1)", "(x - 1) ** (2 - 4)", "(x * y) ** -(3 + 0)"]
    points = draw_points(rng)
    if variant["variable_exponent"]:
        points["y"] = rng.integers(1, 4, size=POINTS).astype(float)
        more = ["x ** x", "2 ** x", "y ** x", "(x + 1) ** (x * y)", "(x * x + 1) ** (1 / x)", "2 ** 3 ** x"]
        compare(student, reference, variant, more, draw_points(rng, 0.2))
        formulas += ["x ** y", "(x - 3) ** (y + 1)", "(x - 3) ** exp(0)"]
    compare(student, reference, variant, formulas, points)


@weight(3)
@hint("Chain rule: the outer derivative at the inner function, times the inner derivative.")
def test_functions(student, reference, variant, rng):
    """each function of this term, of x and of larger parts"""
    names = [name.lower() for name in variant["functions"]]
    shapes = ["{f}(x)", "{f}(2 * x)", "{f}(x * x + 0.1)", "{f}(3 - x * y)", "x * {f}(1 / (x * x + 1))"]
    formulas = [shape.format(f=name) for name in names for shape in shapes]
    formulas += [f"{f}({g}(x + 2)) ** 2" for f, g in zip(names, reversed(names), strict=True)]
    compare(student, reference, variant, formulas, draw_points(rng))


@weight(1)
@hint("Whose derivative is 1, and whose is 0?")
def test_several_variables(student, reference, variant, rng):
    """derivatives with respect to another variable, and to one that does not occur"""
    formulas = ["x", "y", "x * y - y", "x / y", "y ** 3 * x", "(x + y) * (x - y)"]
    for variable in "yz":
        compare(student, reference, variant, formulas, draw_points(rng), variable=variable)
    # A name may be part of another name, or differ in its case.
    points = draw_points(rng) | {"x1": rng.integers(1, 4, size=POINTS).astype(float)}
    points["X"] = points["y"] + 0.5
    formulas = ["x1", "x1 * x - x1", "X", "X * x - X"] + ["x ** x1"] * variant["variable_exponent"]
    compare(student, reference, variant, formulas, points)


@weight(3)
@hint("Take one rule after the other and try it with parts that are larger than one variable.")
def test_random_formulas(student, reference, variant, rng):
    """derivatives of 12 random formulas"""
    points = draw_points(rng)
    trees = random_trees(rng, variant, ["x", "x", "x", "y", "2", "0.5", "-3"], 12, points)
    compare(student, reference, variant, trees, points)


@weight(2)
@hint("A derivative is an expression like any other, down to its last part.")
def test_second_derivatives(student, reference, variant, rng):
    """derivatives of derivatives"""
    formulas = ["x * x * x", "1 / x", "x ** 4 - 2 * x", "(x * x + 1) ** 0.5", "x / (x + 3)", "5", "-x"]
    formulas += [f"x * {name.lower()}(x * x + 1)" for name in variant["functions"]]
    compare(student, reference, variant, formulas, draw_points(rng, 0.2), steps="dd")


@weight(1)
@hint("Work the first two out on paper: at x = 3 and at x = 7.")
def test_known_values(student, variant):
    """derivatives at points where one knows them"""
    cases = [
        ("3 * x**2 + 2 * y - 7", 3.0, 18.0),
        ("x**4 - 14 * x**3 + 60 * x**2 - 70 * x", 7.0, 84.0),
        ("(3 * x**2 - x + 1) ** (1 / 3)", 0.0, -1 / 3),
        ("(3 * x**2 - x + 1) ** (1 / 3)", 1.0, 5 / 3 * 3 ** (-2 / 3)),
        ("(3 * x**2 - x + 1) ** (1 / 3)", 2.0, 11 / 3 * 11 ** (-2 / 3)),
    ]
    trees = [parse(formula) for formula, _, _ in cases]
    found = student.run(transform, variant["nodes"], trees, "d", "x")
    for tree, (_, x, slope) in zip(found, cases, strict=True):
        claim_nodes(tree)
        points = {"x": np.full(POINTS, x), "y": np.full(POINTS, 5.0)}
        assert_close(evaluate(tree, points), np.full(POINTS, slope), rtol=RTOL)


# --- both --------------------------------------------------------------------------------------------


@supporting
@weight(1)
@hint("How often is your function called for the innermost part? It may ask for each part once.")
def test_deep_formulas(student, reference):
    """products, quotients and differences that are 90 levels deep"""
    points = [0.7, 1.0, 1.3]
    for kind in ("Multiply", "Divide", "Subtract"):
        for step in "ds":
            expected = reference.run(chain, kind, 90, step, points)
            assert_close(student.run(chain, kind, 90, step, points), expected, rtol=RTOL)


@supporting
@weight(1)
@hint("Nodes cannot be changed: make new ones.")
def test_what_is_handed_in_stays_as_it_is(student, variant):
    """the formula that a function gets is the same afterwards"""
    formulas = ["x + 0", "(x * 1) + y", "2 + 3 * 4", "-(-(x))", "x ** (3 - 1)", "(x * 0) / y"]
    formulas += [f"{name.lower()}(x * 1)" for name in variant["functions"]]
    for step in "ds":
        for before, after in student.run(before_and_after, [parse(formula) for formula in formulas], step):
            assert_true(before == after, f"{before} was changed to {after}")


# --- simplify ----------------------------------------------------------------------------------------


@weight(2)
@hint("Go through the table of the text line by line, from both sides.")
def test_zeros_and_ones(student, variant):
    """every pattern of the table becomes what the table says"""
    forms = {"x + 0": "x", "0 + x": "x", "x - 0": "x", "0 - x": "-(x)", "x * 1": "x", "1 * x": "x"}
    forms |= {"x / 1": "x", "x ** 1": "x", "x * 0": "0", "0 * x": "0", "0 / x": "0", "x ** 0": "1"}
    forms |= {
        "-(-(x))": "x",
        "x": "x",
        "3": "3",
        "-(x)": "-(x)",
        "0.0 + x": "x",
        "1.0 * x": "x",
        "-0.0 + x": "x",
    }
    if variant["variable_exponent"]:
        forms |= {"1 ** x": "1", "2 ** x": "2 ** x"}
    claim_becomes(student, variant, forms)
    function = variant["functions"][-1].lower()
    inner = f"{function}(x)"
    claim_becomes(
        student, variant, {key.replace("x", inner): form.replace("x", inner) for key, form in forms.items()}
    )


@weight(2)
@hint("Which comes first: the parts or the node?")
def test_rules_that_make_room(student, variant):
    """patterns inside patterns, and patterns that appear only when the parts are simple"""
    function = variant["functions"][0].lower()
    forms = {"(y * 0) + x": "x", "(x * 1 + 0) ** 1": "x", "x ** (3 - 3)": "1", "x * (2 - 1)": "x"}
    forms |= {"-(0 - x)": "x", "0 - (-(x))": "x", "0 - (0 - x)": "x", "-(-(-(x)))": "-(x)"}
    forms |= {"(0 * x) * (1 + y)": "0", "(x + 0) - (0 / y)": "x", "((x ** 0) * x) / (y ** 0)": "x"}
    forms |= {f"{function}(x + 0)": f"{function}(x)", f"{function}(x + 0 * y) * 1": f"{function}(x)"}
    claim_becomes(student, variant, forms)


@weight(2)
@hint("What has no variable in it has a value: compute it.")
def test_constants_are_computed(student, variant):
    """operations and functions on constants become the constant of their value"""
    forms = {
        "2 + 3 * 4": "14",
        "1 / 4": "0.25",
        "2 ** 3": "8",
        "(1 - 3) ** 3": "-8",
        "7 - 9": "-2",
        "1e150 * 2": "2e150",
        "4 ** 0.5": "2",
    }
    forms |= {"0 * 5": "0", "x ** (2 * 3)": "x ** 6", "5 / -2": "-2.5"}
    forms |= {"exp(0)": "1", "log(1)": "0"} if variant["exponential"] else {"sin(0)": "0", "cos(0)": "1"}
    claim_becomes(student, variant, forms)
    trees = [("Negate", ("Constant", 2)), parse(f"{variant['functions'][0].lower()}(0.7 + 0.5) * 3")]
    found = student.run(transform, variant["nodes"], trees, "s", "x")
    for tree, original in zip(found, trees, strict=True):
        assert_true(tree[0] == "Constant", "an operation on constants is left")
        claim_values(tree, original, original, {})


@weight(1)
@hint("Try it before you fold it, and look whether the number is finite.")
def test_operations_without_a_value(student, variant):
    """operations on constants without a finite value are left standing"""
    forms = {
        "1 / 0": "1 / 0",
        "-(1 / (2 - 2))": "-(1 / 0)",
        "1e200 * 1e200": "1e200 * 1e200",
        "0 ** -1": "0 ** -1",
    }
    forms |= {"(1 - 9) ** 0.5": "(-8) ** 0.5"}
    if variant["exponential"]:
        forms |= {"log(0)": "log(0)", "log(1 - 3)": "log(-2)", "exp(1000)": "exp(1000)"}
    claim_becomes(student, variant, forms)


def simplified(student, variant, rng):
    """Points, and trees (some plain, most random and full of zeros and ones) simplified once and twice."""
    points = draw_points(rng)
    plain = ["x / y", "(x * y) - x", "x - x * y", "2 * (x + y)", "(x * y) ** 2", "(x + 1) / (y + 3)"]
    # Rules for positive numbers, and constants that are only near 0 or 1 or lost when they are rounded.
    plain += ["(x ** 2) ** 0.5", "(x * 1e-13) * 1e13", "x * 1.000001"]
    plain += ["x ** 2 / (1 + 1e-6)", "((1e-7 * 1e-7) * x) * 1e14"]
    plain += ["log(x ** 2)", "log(x * y)", "log(x / y)"] * variant["exponential"]
    trees = [parse(formula) for formula in plain]
    trees += random_trees(rng, variant, ["x", "x", "y", "0", "1", "1", "2", "-1"], 20, points)
    once = student.run(transform, variant["nodes"], trees, "s", "x")
    twice = student.run(transform, variant["nodes"], trees, "ss", "x")
    return points, list(zip(trees, once, twice, strict=True))


@supporting
@weight(2)
@hint("Which of your rules changes the value?")
def test_simplifying_keeps_the_value(student, variant, rng):
    """plain and random formulas have the same value as before, also between very large and small constants"""
    points, cases = simplified(student, variant, rng)
    for tree, once, _ in cases:
        claim_values(once, tree, tree, points)
    # Constants of nested parts taken together would be infinite, or zero.
    for formula, x, value in (
        ("1e200 * (1e200 * x)", 1e-200, 1e200),
        ("(x * 1e-200) / 1e200", 1e200, 1e-200),
    ):
        (tree,) = student.run(transform, variant["nodes"], [parse(formula)], "s", "x")
        claim_nodes(tree)
        assert_close(evaluate(tree, {"x": np.full(POINTS, x)}) / value, np.ones(POINTS), rtol=RTOL)
    if variant["variable_exponent"]:
        (tree,) = student.run(transform, variant["nodes"], [parse("0 ** x")], "s", "x")
        claim_nodes(tree)
        for x, value in ((0.0, 1.0), (2.0, 0.0)):
            assert_close(evaluate(tree, {"x": np.full(POINTS, x)}) + np.zeros(POINTS), np.full(POINTS, value))


@weight(2)
@hint("Is there a rule that has to be tried once more after another one has fired?")
def test_simplified_formulas_are_simple(student, variant, rng):
    """no pattern is left in plain and random formulas, nothing grows, and a second time changes nothing"""
    for tree, once, twice in simplified(student, variant, rng)[1]:
        claim_nodes(once)
        assert_true(is_simple(once), "a pattern of the table is left")
        assert_true(size(once) <= size(tree), "the simplified formula has more nodes than before")
        assert_true(once == twice, "simplifying a second time changes the formula")


@weight(1)
@hint("Simplify what differentiate returns, and print it.")
def test_simplified_derivatives(student, reference, variant, rng):
    """derivatives can be simplified and keep their values"""
    formulas = ["x * x * x", "(x + 2) * (3 - x)", "x / (x + 3)", "x ** 3", "-(x * y)", "y"]
    formulas += [f"x * {name.lower()}(2 * x)" for name in variant["functions"]]
    compare(student, reference, variant, formulas, draw_points(rng, 0.2), steps="ds")
    for tree in student.run(transform, variant["nodes"], [parse(formula) for formula in formulas], "ds", "x"):
        assert_true(is_simple(tree), "a pattern of the table is left")


@supporting
@weight(1)
@hint("Look at the type of the argument first.")
def test_what_is_no_expression(student):
    """numbers, strings and None are refused with a TypeError"""
    for name in ("differentiate", "simplify"):
        for argument in (3, 2.5, "x", None):
            assert_raises(TypeError, student.run, refuse, name, argument)
