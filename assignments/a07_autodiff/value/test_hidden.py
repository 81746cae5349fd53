"""Checks of reverse mode on numbers that students do not see."""

import math

import numpy as np

from autograder.testing import assert_close, assert_raises, assert_true, hint, supporting, weight

POSITIVE_ONLY = ("log", "sqrt")
FACTOR = 1.0001


def evaluate(answers, program, points):
    """Driver: a straight-line program; nodes refer to earlier ones by number.

    Returns the numbers of all nodes and, after one backward pass from the last, their gradients.
    """
    nodes = [answers.Value(point) for point in points]
    for operation, left, right in program:
        a = nodes[left]
        if operation == "+":
            node = a + nodes[right]
        elif operation == "-":
            node = a - nodes[right]
        elif operation == "*":
            node = a * nodes[right]
        elif operation == "/":
            node = a / nodes[right]
        elif operation == "neg":
            node = -a
        elif operation == "**":
            node = a**right
        elif operation == "number+":
            node = right + a
        elif operation == "number-":
            node = right - a
        elif operation == "number*":
            node = right * a
        elif operation == "number/":
            node = right / a
        elif operation == "+number":
            node = a + right
        elif operation == "-number":
            node = a - right
        elif operation == "*number":
            node = a * right
        elif operation == "/number":
            node = a / right
        else:
            node = getattr(a, operation)()
        nodes.append(node)
    nodes[-1].backward()
    return [[node.data for node in nodes], [node.grad for node in nodes]]


def compare(student, reference, program, points):
    """Both arrays agree with the reference's."""
    actual = student.run(evaluate, program, points)
    expected = reference.run(evaluate, program, points)
    assert_close(np.array(actual[0]), np.array(expected[0]), what="data of every node")
    assert_close(np.array(actual[1]), np.array(expected[1]), what="grad of every node")


def random_program(rng, operations, length):
    """A program in which every operand is some earlier node; sizes stay moderate."""
    program = []
    for position in range(length):
        operation = str(rng.choice(operations))
        left, right = int(rng.integers(position + 2)), int(rng.integers(position + 2))
        if "number" in operation:
            program.append((operation, left, float(rng.uniform(0.5, 2.0))))
        elif operation == "**":
            program.append((operation, left, int(rng.integers(1, 4))))
        else:
            program.append((operation, left, right))
    return program


@weight(2)
@hint("For a difference and a quotient, which operand gets which sign?")
def test_arithmetic(student, reference, rng):
    """+, -, *, / and the opposite, of two numbers"""
    for operation in ("+", "-", "*", "/", "neg"):
        compare(
            student,
            reference,
            [(operation, 0, 1)],
            [float(rng.uniform(0.7, 3.0)), float(rng.uniform(-3, -0.7))],
        )


@weight(2)
@hint("Python asks the right operand when the left one does not know what to do: __radd__, __rsub__ ...")
def test_plain_numbers_on_either_side(student, reference, rng):
    """plain numbers left and right of a Value, small ones too"""
    for operation in ("+", "-", "*", "/"):
        for program in ([(f"number{operation}", 0, 3)], [(f"{operation}number", 0, 2.5)]):
            compare(student, reference, program, [float(rng.uniform(0.7, 3.0))])
    small = student.run(evaluate, [("*number", 0, 1e-5), ("*number", 1, 1e-15)], [3.0])
    assert_close(small[1], [1e-20, 1e-15, 1.0], rtol=1e-9, atol=0)


@weight(2)
@hint("The power rule: n times x to the n - 1.")
def test_powers(student, reference, rng):
    """powers with positive, negative and fractional exponents, and of negative numbers"""
    for exponent in (2, 3, -1, -2, 0.5, 1.7, -0.5, 1, 1 / 3):
        compare(student, reference, [("**", 0, exponent)], [float(rng.uniform(0.6, 2.4))])
    for exponent in (2, 3, -1, -3):
        compare(student, reference, [("**", 0, exponent)], [float(rng.uniform(-2.4, -0.6))])


@weight(1)
@hint("A constant does not change: what is its derivative, also at 0?")
def test_powers_at_zero(student, reference):
    """powers 0, 1 and 2 at zero"""
    for exponent in (0, 1, 2):
        compare(student, reference, [("**", 0, exponent)], [0.0])
    compare(student, reference, [("**", 0, 0)], [1.7])


@weight(3)
@hint("Compare each derivative with the one from calculus, at several points.")
def test_functions(student, reference, variant, rng):
    """each function of this term at several points"""
    for name in variant["functions"]:
        low = 0.2 if name in POSITIVE_ONLY else -2.5
        for point in rng.uniform(low, 2.5, size=6):
            compare(student, reference, [(name, 0, 0)], [float(point)])
    for point in (-150.0, 150.0):
        compare(student, reference, [("exp", 0, 0)], [point])


@weight(3)
@hint("Where several paths lead from a number to the result, their derivatives add up.")
def test_a_number_used_several_times(student, reference, rng):
    """x * x, x + x, x / x, x - x and diamonds"""
    x = [float(rng.uniform(0.7, 2.3))]
    for operation in "*+/-":
        compare(student, reference, [(operation, 0, 0)], x)
    compare(student, reference, [("*number", 0, 3.1), ("exp", 0, 0), ("*", 1, 2), ("+", 3, 0)], x)
    compare(student, reference, [("**", 0, 2), ("*", 1, 0), ("+", 1, 2), ("*", 3, 1), ("-", 4, 0)], x)


@weight(3)
@hint("A node may hand its derivative down only when everything that was computed from it has done so.")
def test_random_graphs(student, reference, variant, rng):
    """20 random graphs of 25 operations with shared nodes"""
    smooth = [name for name in variant["functions"] if name in ("tanh", "sin", "cos", "sigmoid", "relu")]
    operations = ["+", "-", "*", "neg", "number-", "*number", "+number", *smooth]
    for _ in range(20):
        program = [*random_program(rng, operations, 24), ("+", 25, 24)]
        compare(student, reference, program, [float(rng.uniform(-1, 1)), float(rng.uniform(-1, 1))])


def network(answers, weights, biases, inputs, targets):
    """Driver: half the squared error of a 2-2-2 logistic network, its outputs and all gradients."""
    w = [answers.Value(number) for number in weights]
    b = [answers.Value(number) for number in biases]
    hidden = []
    for k in (0, 2):
        z = w[k] * inputs[0] + w[k + 1] * inputs[1] + b[0]
        hidden.append(1 / (1 + (-z).exp()))
    error = 0
    outputs = []
    for k, target in ((4, targets[0]), (6, targets[1])):
        z = w[k] * hidden[0] + w[k + 1] * hidden[1] + b[1]
        outputs.append(1 / (1 + (-z).exp()))
        error = error + (target - outputs[-1]) ** 2 * 0.5
    error.backward()
    return [[error.data, outputs[0].data, outputs[1].data], [v.grad for v in w + b]]


@weight(2)
@hint("Check your chain rule on paper with one weight of a two-layer network.")
def test_a_small_network(student, reference):
    """error and all gradients of a network with two layers"""
    weights = [0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55]
    values, gradients = student.run(network, weights, [0.35, 0.60], [0.05, 0.10], [0.01, 0.99])
    assert_close(np.array(values), np.array([0.2983711088, 0.7513650696, 0.7729284653]), rtol=1e-9)
    expected = [0.0004385677, 0.0008771355, 0.0004977127, 0.0009954255]
    expected += [0.0821670406, 0.0826676278, -0.0226025405, -0.0227402422]
    assert_close(np.array(gradients[:8]), np.array(expected), rtol=3e-7)
    other = ([0.7, -0.3, 0.2, 0.9, -1.1, 0.4, 0.6, -0.8], [0.13, -0.21], [1.3, -0.7], [0.3, 0.8])
    values, gradients = student.run(network, *other)
    assert_close(np.array(values), np.array(reference.run(network, *other)[0]))
    assert_close(np.array(gradients), np.array(reference.run(network, *other)[1]))


def twice(answers, point):
    """Driver: gradients after one and two passes, starting anew, a second result, and of a lone input."""
    x, other = answers.Value(point), answers.Value(2.0)
    inner = x * x
    y = inner * x + inner
    y.backward()
    once = [x.grad, inner.grad, y.grad]
    y.backward()
    two = [x.grad, inner.grad, y.grad]
    for node in (x, inner, y):
        node.grad = 0.0
    y.backward()
    anew = [x.grad, inner.grad, y.grad]
    z = inner * 5
    z.backward()
    more = [x.grad, inner.grad, y.grad]
    alone = answers.Value(point)
    alone.backward()
    alone.backward()
    return [once, two, anew, more, [other.grad], [alone.grad]]


@weight(2)
@hint("What an earlier call left in an inner node's grad is not part of the derivative of this call.")
def test_gradients_accumulate(student):
    """gradients of several backward passes add up, and only they"""
    once, two, anew, more, untouched, alone = student.run(twice, 3.0)
    # y = x^3 + x^2: dy/dx = 3 x^2 + 2 x = 33, dy/d(inner) = x + 1 = 4.
    assert_close(np.array(once), np.array([33.0, 4.0, 1.0]))
    assert_close(np.array(two), np.array([66.0, 8.0, 2.0]))
    assert_close(np.array(anew), np.array([33.0, 4.0, 1.0]))
    # z = 5 x^2: dz/dx = 30, dz/d(inner) = 5.
    assert_close(np.array(more), np.array([63.0, 9.0, 1.0]))
    assert_close(np.array(untouched), np.array([0.0]))
    assert_close(np.array(alone), np.array([2.0]), what="grad of an input that called backward twice")


def types(answers):
    """Driver: types of the attributes for an int, and operands after an operation."""
    a, b = answers.Value(3), answers.Value(4)
    y = a * b
    before = [a.data, b.data, a.grad, b.grad, y.grad]
    nothing = y.backward()
    results = (a + 0, 0 + a, a - 0, a * 1, a / 1, a**1)
    are_new = all(isinstance(result, answers.Value) and result is not a for result in results)
    kinds = [type(a.data).__name__, type(a.grad).__name__, type(y.data).__name__]
    return [kinds, before, nothing is None, are_new]


@supporting
@weight(1)
@hint("data and grad are Python floats, also for Value(3).")
def test_types_and_untouched_operands(student):
    """data and grad are floats, operations make new numbers and change none, backward returns nothing"""
    kinds, before, returns_nothing, are_new = student.run(types)
    assert_true(list(kinds) == ["float", "float", "float"], "data and grad should be Python floats")
    assert_close(np.array(before), np.array([3.0, 4.0, 0.0, 0.0, 0.0]))
    assert_true(returns_nothing is True, "backward should return nothing")
    assert_true(are_new is True, "an operation with 0 or 1 returned its operand, not a new Value")


def power_of_value(answers):
    """Driver: a Value as exponent."""
    return (answers.Value(2.0) ** answers.Value(3.0)).data


def power_that_is_not_real(answers):
    """Driver: a fractional power of a negative number."""
    return (answers.Value(-8.0) ** 0.5).data


@supporting
@weight(1)
@hint("Only constant exponents are asked for; beware of powers that become complex.")
def test_powers_that_are_refused(student):
    """an exponent that is a Value raises a TypeError, a power that is not real a ValueError"""
    assert_raises(TypeError, student.run, power_of_value)
    assert_raises(ValueError, student.run, power_that_is_not_real)


def extremes(answers, names):
    """Driver: functions far out."""
    found = []
    for name in names:
        for point in (-747.3, 747.3):
            x = answers.Value(point)
            y = getattr(x, name)()
            y.backward()
            found += [y.data, x.grad]
    return found


def edge_of_relu(answers):
    """Driver: relu at 0 and beside it."""
    found = []
    for point in (0.0, -1e-9, 1e-9):
        x = answers.Value(point)
        y = x.relu()
        y.backward()
        found += [y.data, x.grad]
    return found


def outside(answers, name, point):
    """Driver: a function where it is not defined."""
    return getattr(answers.Value(point), name)().data


@weight(1)
@hint("Read the remarks beside the functions again.")
def test_edges_of_the_functions(student, variant):
    """functions far out, at a kink, and where they are not defined"""
    names = [name for name in ("sigmoid", "tanh") if name in variant["functions"]]
    limits = {"sigmoid": [0.0, 0.0, 1.0, 0.0], "tanh": [-1.0, 0.0, 1.0, 0.0]}
    if names:
        expected = [number for name in names for number in limits[name]]
        assert_close(np.array(student.run(extremes, names)), np.array(expected))
    if "relu" in variant["functions"]:
        assert_close(np.array(student.run(edge_of_relu)), np.array([0.0, 0.0, 0.0, 0.0, 1e-9, 1.0]))
    for name, point in (("log", -1.5), ("log", 0.0), ("sqrt", -1.5)):
        if name in variant["functions"]:
            assert_raises(ValueError, student.run, outside, name, point)


def chain(answers, length, factor):
    """Driver: a long chain."""
    x = answers.Value(1.0)
    y = x
    for _ in range(length // 2):
        y = y * factor + x
    y.backward()
    return [y.data, x.grad]


@weight(2)
@hint("Python's stack ends after about 1000 calls: keep a list of nodes instead of calling yourself.")
def test_a_long_chain(student):
    """a chain much longer than Python's stack"""
    expected = chain_by_hand(20000)
    assert_close(np.array(student.run(chain, 20000, FACTOR)), np.array([expected, expected]), rtol=1e-8)


def chain_by_hand(length):
    """The same recursion on plain numbers; the result is linear in x, so it is its own derivative at 1."""
    y = 1.0
    for _ in range(length // 2):
        y = y * FACTOR + 1.0
    return y


def doubling(answers, times):
    """Driver: y = y + y again and again."""
    x = answers.Value(1.5)
    y = x
    for _ in range(times):
        y = y + y
    y.backward()
    return [y.data, x.grad]


@weight(2)
@hint("Each node once, not each path once.")
def test_many_paths(student):
    """2^60 paths over 61 nodes"""
    assert_close(np.array(student.run(doubling, 60)), np.array([1.5 * 2.0**60, 2.0**60]))


@supporting
@weight(1)
@hint("Is looking up whether a node was seen as quick for the last node as for the first?")
def test_work_grows_with_the_number_of_nodes(student):
    """a chain of 40,000 operations ends in time"""
    expected = chain_by_hand(40000)
    value, gradient = student.run(chain, 40000, FACTOR)
    assert_true(math.isfinite(value), "the value is not finite")
    assert_close(gradient, expected, rtol=1e-7)
