"""Checks of reverse mode on arrays that students do not see.

Every gradient is taken with a random upstream gradient, and the lengths of the axes differ, so that a
forgotten factor, a transpose and a sum over the wrong axis show.
"""

import numpy as np

from autograder.testing import (
    assert_close,
    assert_raises,
    assert_true,
    check_gradient,
    hint,
    supporting,
    weight,
)


def play(answers, cases, noise):
    """Driver: values and gradients of straight-line programs.

    A case is (data of tensors, constants, program). Nodes are numbered: the tensors, the constants, then
    one for each step. The upstream gradient is cut from `noise`.
    """
    binary = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "**": lambda a, b: a**b,
        "@": lambda a, b: a @ b,
    }
    found = []
    for tensors, constants, program in cases:
        leaves = [answers.Tensor(data) for data in tensors]
        nodes = [*leaves, *constants]
        for step in program:
            name, first = step[0], nodes[step[1]]
            if name in binary:
                node = binary[name](first, nodes[step[2]])
            elif name == "[]":
                node = first[step[2]]
            elif name == "neg":
                node = -first
            elif name == "T":
                node = first.T
            else:
                node = getattr(first, name)(*step[2], **step[3])
            nodes.append(node)
        value = np.asarray(nodes[-1].data)
        nodes[-1].backward(noise[: value.size].reshape(value.shape).copy())
        gradients = [None if leaf.grad is None else np.asarray(leaf.grad) for leaf in leaves]
        found.append([value, gradients])
    return found


def compare(student, reference, rng, cases):
    """Values and gradients of all cases agree with the reference's; 1e-9 tells float64 from float32."""
    noise = rng.normal(size=200) + 0.1
    actual = student.run(play, cases, noise)
    expected = reference.run(play, cases, noise)
    for number, (got, right) in enumerate(zip(actual, expected, strict=True)):
        assert_close(got[0], right[0], rtol=1e-9, what=f"case {number}: the value")
        for place, (gradient, wanted) in enumerate(zip(got[1], right[1], strict=True)):
            assert_close(gradient, wanted, rtol=1e-9, what=f"case {number}: gradient of tensor {place}")


def call(name, *args, **keywords):
    """The program that calls a method of the only tensor."""
    return [(name, 0, args, keywords)]


def away_from_zero(rng, shape):
    """Numbers of both signs that one can divide by."""
    return np.asarray(rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 2.5, size=shape))


@weight(2)
@hint("For a difference and a quotient, which operand gets which sign?")
def test_arithmetic_of_equal_shapes(student, reference, rng):
    """+, -, *, / and the opposite, for two tensors of one shape"""
    a, b = away_from_zero(rng, (3, 4)), away_from_zero(rng, (3, 4))
    cases = [([a, b], [], [(name, 0, 1)]) for name in "+-*/"]
    cases.append(([a], [], [("neg", 0)]))
    compare(student, reference, rng, cases)


@weight(3)
@hint("Which axes did numpy add in front, and which of length 1 did it stretch? Sum over all of these.")
def test_broadcasting(student, reference, rng):
    """operands of other shapes: rows, columns, leading axes, numbers"""
    pairs = [
        ((4, 1), (3,)),
        ((3,), (4, 1)),
        ((2, 3, 4), (4,)),
        ((4,), (2, 3, 4)),
        ((2, 3, 4), (3, 1)),
        ((5, 1, 3), (2, 1)),
        ((), (2, 3)),
        ((2, 3), ()),
        ((1,), (3, 2)),
        ((1, 1), (4,)),
        ((1, 1), (3, 4)),
        ((1, 3, 1), (2, 3, 4)),
        ((2, 3, 4), (1, 1, 4)),
        ((1, 4), (1, 3, 4)),
        ((3, 1), (1, 3, 4)),
    ]
    cases = []
    for left, right in pairs:
        for name in "+-*/":
            cases.append(([away_from_zero(rng, left), away_from_zero(rng, right)], [], [(name, 0, 1)]))
    compare(student, reference, rng, cases)


@weight(2)
@hint("Python asks the right operand when the left one does not know what to do: __radd__, __rsub__ ...")
def test_arrays_and_numbers_on_either_side(student, reference, rng):
    """constant arrays and numbers, left and right of a tensor"""
    arrays = [away_from_zero(rng, (3, 1)), np.array([2, -3, 5, 4]), away_from_zero(rng, (2, 3, 4))]
    cases = []
    for constant in (2, -1.7, *arrays):
        for name in "+-*/":
            for step in ((name, 0, 1), (name, 1, 0)):
                cases.append(([away_from_zero(rng, (3, 4))], [constant], [step]))
    compare(student, reference, rng, cases)


@weight(2)
@hint("The power rule for the base; for an exponent that is a tensor too, the logarithm comes in.")
def test_powers(student, reference, rng):
    """powers with numbers, arrays and tensors as exponents"""
    base = rng.uniform(0.5, 2.5, size=(2, 3))
    exponents = (2, 3, -1, -2, 0.5, -0.5, 1.7, 1, 0, np.array([1, 2, 3]), rng.normal(size=(4, 1, 3)))
    cases = [([base], [exponent], [("**", 0, 1)]) for exponent in exponents]
    cases += [([-base], [exponent], [("**", 0, 1)]) for exponent in (2, 3, -1, 0)]
    for shape in ((2, 3), (2, 1), (4, 2, 3), ()):
        cases.append(([base, np.asarray(rng.normal(size=shape))], [], [("**", 0, 1)]))
    cases.append(([base], [], [("**", 0, 0)]))
    compare(student, reference, rng, cases)


@weight(2)
@hint("Multiply the slope of the function with the gradient that comes from above.")
def test_functions_of_every_element(student, reference, variant, rng):
    """each function of this term on arrays of several shapes"""
    cases = []
    for name in variant["functions"]:
        for shape in ((2, 3, 4), (5,), ()):
            points = away_from_zero(rng, shape)
            cases.append(([np.abs(points) if name == "log" else points], [], call(name)))
    compare(student, reference, rng, cases)


@weight(2)
@hint("The gradient of a left factor has its shape: which of the other two must be transposed for that?")
def test_matrix_products(student, reference, rng):
    """products of matrices, of tensors and constant arrays"""
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    square, other = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    cases = [([a, b], [], [("@", 0, 1)]), ([square, other], [], [("@", 0, 1)])]
    cases += [([a], [b], [("@", 0, 1)]), ([b], [a], [("@", 1, 0)]), ([square], [other], [("@", 1, 0)])]
    compare(student, reference, rng, cases)


@weight(2)
@hint("Think of a vector on the left as one row, on the right as one column; leading axes broadcast.")
def test_products_with_vectors_and_stacks(student, reference, rng):
    """products with vectors, and of stacks of matrices"""
    shapes = [
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 4)),
        ((5, 2, 3), (5, 3, 4)),
        ((5, 2, 3), (3, 4)),
        ((2, 3), (5, 3, 4)),
        ((4, 1, 2, 3), (5, 3, 2)),
        ((5, 2, 3), (3,)),
        ((3,), (5, 3, 4)),
        ((1, 2, 3), (5, 3, 4)),
        ((2, 3, 4), (1, 4, 5)),
        ((3, 4), (1, 4, 5)),
    ]
    cases = []
    for left, right in shapes:
        cases.append(([rng.normal(size=left), rng.normal(size=right)], [], [("@", 0, 1)]))
    compare(student, reference, rng, cases)


@weight(2)
@hint("Each summand gets the whole gradient of its sum: give the gradient its lost axes back first.")
def test_sums(student, reference, rng):
    """sums over all elements, an axis, a negative axis, several axes, with and without keepdims"""
    x, square = rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 4))
    cases = []
    for axis in (None, 0, 1, 2, -1, -3, (0, 1), (0, 2), (-1, 1), (2, 0), (-2, -1), (-3, 1), (0, 1, 2)):
        for keepdims in (False, True):
            cases.append(([x], [], call("sum", axis=axis, keepdims=keepdims)))
    cases += [([x], [], call("sum")), ([x], [], call("sum", 1)), ([np.array(1.5)], [], call("sum"))]
    cases += [([square], [], call("sum", axis=axis)) for axis in (0, 1)]
    compare(student, reference, rng, cases)


@weight(2)
@hint("How large a part has each element in the result, and how many elements are reduced to one?")
def test_the_other_reductions(student, reference, variant, rng):
    """the other reductions of this term, over all elements and along axes"""
    cases = []
    for name in variant["reductions"][1:]:
        keywords = {"ties": variant["ties"]} if name == "max" else {}
        for axis in (None, 0, 1, 2, -1, -2) if name == "max" else (None, 0, 1, -1, (0, 2), (0, -2)):
            for keepdims in (False, True):
                x = rng.normal(size=(2, 3, 4))
                cases.append(([x], [], call(name, axis=axis, keepdims=keepdims, **keywords)))
        for axis in (0, 1):
            cases.append(([rng.normal(size=(4, 4))], [], call(name, axis=axis, **keywords)))
    compare(student, reference, rng, cases)


@weight(1)
@hint("Read the conventions again: equal largest elements, the kink of a function, the power 0, far out.")
def test_conventions_at_ties_and_kinks(student, reference, variant, rng):
    """ties of the maximum, kinks and limits of functions, and the power 0 at 0"""
    zeros = np.array([[0.0, 1.5], [-2.0, 0.0]])
    cases = [([zeros], [exponent], [("**", 0, 1)]) for exponent in (0, 1, 2, np.array([0, 2]))]
    if "relu" in variant["functions"]:
        cases.append(([zeros], [], call("relu")))
    if "sigmoid" in variant["functions"]:
        cases.append(([np.array([-900.0, -40.0, 0.0, 40.0, 900.0])], [], call("sigmoid")))
    if "max" in variant["reductions"]:
        tied = rng.integers(3, size=(2, 3, 5)) * 1.0
        tied[0, :, 1] = 9.0
        tied[1, 2] = 9.0
        for axis in (None, 0, 1, -1):
            cases.append(([tied], [], call("max", axis=axis, ties=variant["ties"])))
        cases.append(([np.full((2, 3), -1.5)], [], call("max", None, True, variant["ties"])))
        # What differs in the last digits is not tied.
        close = np.array([[1.0, 1.0 + 1e-9, 0.5], [2.0 + 1e-12, 2.0, 2.0]])
        cases += [([close], [], call("max", axis=axis, ties=variant["ties"])) for axis in (None, 1)]
    compare(student, reference, rng, cases)


@weight(2)
@hint("A gradient goes back the way its element came: undo the new shape, undo the order of the axes.")
def test_reshape_and_transpose(student, reference, rng):
    """other shapes and other orders of axes"""
    x = rng.normal(size=(2, 3, 4))
    shapes = ((4, 6), ((4, 6),), (-1,), (-1, 8), ((3, -1, 2),), (1, 24, 1), ((2, 3, 4),))
    orders = ((), (None,), ((1, 2, 0),), ((2, 0, 1),), ((0, -1, 1),))
    cases = [([x], [], call("reshape", *shape)) for shape in shapes]
    cases += [([x], [], call("transpose", *order)) for order in orders]
    cases += [([x], [], [("T", 0)]), ([x[0]], [], [("T", 0)]), ([x[0, 0]], [], [("T", 0)])]
    cases += [([np.array(0.5)], [], call("reshape", 1, 1)), ([np.array([[0.5]])], [], call("reshape", ()))]
    cases.append(([x], [], [("transpose", 0, ((1, 2, 0),), {}), ("reshape", 1, (6, 4), {}), ("T", 2)]))
    compare(student, reference, rng, cases)


@weight(2)
@hint("Elements that were not picked get 0; the others get their gradient back at their old place.")
def test_parts(student, reference, rng):
    """parts by integers, slices, None and Ellipsis"""
    x = rng.normal(size=(4, 5, 6))
    indices = [
        2,
        -1,
        (1, 3),
        (0, -2, 4),
        slice(1, 3),
        slice(None, None, -2),
        (slice(None), 2),
        (slice(None), slice(1, None, 2), -1),
        (Ellipsis, 0),
        (Ellipsis, slice(2, 4)),
        (0, Ellipsis, 1),
        None,
        (slice(None), None, 3),
        (None, 1, Ellipsis, None),
    ]
    compare(student, reference, rng, [([x], [], [("[]", 0, index)]) for index in indices])


@weight(2)
@hint("What does total[index] += gradient do if an element is in index twice?")
def test_elements_picked_several_times(student, reference, rng):
    """parts by integer arrays in which elements are repeated"""
    x = rng.normal(size=(4, 5, 6))
    indices = [
        np.array([0, 2, 2, 3, 2]),
        np.array([[1, -1], [3, 1]]),
        (np.array([1, 1, 0]), np.array([2, 2, 4])),
        (slice(None), np.array([3, 3, 0])),
        (np.array([1, 1]), slice(1, 4), 2),
        (Ellipsis, np.array([5, 0, 5, -1])),
        (np.array([[0], [3]]), np.array([1, 4, 1])),
        np.array([], dtype=int),
    ]
    compare(student, reference, rng, [([x], [], [("[]", 0, index)]) for index in indices])


@weight(3)
@hint("Where several paths lead from a tensor to the result, their gradients add up.")
def test_a_tensor_used_several_times(student, reference, rng):
    """x * x, x @ x.T, x + x.T, diamonds, broadcasts of x against itself"""
    x, square = away_from_zero(rng, (3, 4)), away_from_zero(rng, (3, 3))
    rows, columns = 0, (slice(None), slice(1, 3))
    cases = [([x], [], [(name, 0, 0)]) for name in "+-*/"]
    cases += [
        ([square], [], [("@", 0, 0)]),
        ([x], [], [("T", 0), ("@", 0, 1)]),
        ([square], [], [("T", 0), ("+", 0, 1)]),
        ([x], [], [("sum", 0, (), {"axis": 0}), ("*", 0, 1)]),
        ([x], [], [("sum", 0, (1, True), {}), ("*", 1, 0), ("*", 2, 0), ("-", 3, 1)]),
        ([x], [3.1], [("*", 0, 1), ("*", 2, 0), ("+", 3, 2), ("*", 4, 2), ("-", 5, 0)]),
        ([square], [], [("[]", 0, rows), ("[]", 0, columns), ("@", 1, 2), ("@", 0, 2), ("*", 3, 4)]),
        # The first product is used by the last step: it must wait for the whole chain between them.
        ([x], [1.3], [("*", 0, 1), ("*", 2, 1), ("+", 3, 2), ("*", 4, 0), ("+", 5, 2), ("*", 6, 3)]),
        ([x], [1.3], [("*", 0, 1), ("*", 2, 1), ("+", 2, 3), ("*", 0, 4), ("+", 2, 5), ("*", 3, 6)]),
    ]
    compare(student, reference, rng, cases)


def network(answers, W1, b1, W2, b2, X, targets):
    """Driver: half the squared error of a network with two logistic layers, its outputs, all gradients."""
    parameters = [answers.Tensor(array) for array in (W1, b1, W2, b2)]
    hidden = 1 / (1 + (-(X @ parameters[0] + parameters[1])).exp())
    output = 1 / (1 + (-(hidden @ parameters[2] + parameters[3])).exp())
    error = ((targets - output) ** 2).sum() * 0.5
    error.backward()
    return [np.asarray(error.data), output.data, [parameter.grad for parameter in parameters]]


def error_of_network(params, X, targets):
    """The same error with plain arrays."""
    hidden = 1 / (1 + np.exp(-(X @ params["W1"] + params["b1"])))
    output = 1 / (1 + np.exp(-(hidden @ params["W2"] + params["b2"])))
    return float(0.5 * np.sum((targets - output) ** 2))


@weight(2)
@hint("Check your chain rule on paper with one weight of a two-layer network.")
def test_networks(student, rng):
    """error and all gradients of networks with two layers"""
    W1, W2 = np.array([[0.15, 0.25], [0.20, 0.30]]), np.array([[0.40, 0.50], [0.45, 0.55]])
    golden = (W1, np.full(2, 0.35), W2, np.full(2, 0.60), np.array([0.05, 0.10]), np.array([0.01, 0.99]))
    error, output, gradients = student.run(network, *golden)
    assert_close(error, np.array(0.2983711088), rtol=1e-9, what="the error")
    assert_close(output, np.array([0.7513650696, 0.7729284653]), rtol=1e-9, what="the outputs")
    first = np.array([[0.0004385677, 0.0004977127], [0.0008771355, 0.0009954255]])
    second = np.array([[0.0821670406, -0.0226025405], [0.0826676278, -0.0227402422]])
    assert_close(gradients[0], first, rtol=3e-7, what="gradient of the first layer")
    assert_close(gradients[2], second, rtol=3e-7, what="gradient of the second layer")
    assert_close(gradients[3], np.array([0.1384985616, -0.0380982365]), rtol=3e-7, what="gradient of b2")

    shapes = {"W1": (3, 4), "b1": (4,), "W2": (4, 2), "b2": (1, 2)}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    X, targets = rng.normal(size=(5, 3)), rng.uniform(size=(5, 2))
    _, _, gradients = student.run(network, *params.values(), X, targets)
    given = dict(zip(params, gradients, strict=True))
    check_gradient(lambda point: error_of_network(point, X, targets), params, given)


def several_passes(answers):
    """Driver: gradients after one and two passes, after starting anew, and after a second result."""
    x, w = answers.Tensor([2.0, 3.0]), answers.Tensor([[1.0, 4.0]])
    untouched, idle = answers.Tensor([5.0]), answers.Tensor([6.0])
    untouched.grad = np.array([7.0])
    inner = x * w
    y = (inner * inner).sum()
    found = []

    def note():
        found.append([None if t.grad is None else np.array(t.grad) for t in (x, w, untouched, idle)])

    y.backward()
    note()
    y.backward()
    note()
    x.grad = None
    w.grad = None
    y.backward()
    note()
    inner.backward(np.array([[1.0, 10.0]]))
    note()
    x.backward(np.array([0.5, 0.25]))
    note()
    return found


@weight(2)
@hint("What an earlier call left behind is no part of the derivatives of this call; it is only added to.")
def test_passes_accumulate(student):
    """gradients of several backward passes add up, and only they"""
    found = student.run(several_passes)
    # y is the sum of (x w)^2: its derivatives are 2 x w^2 and 2 x^2 w.
    x, w = np.array([4.0, 96.0]), np.array([[8.0, 72.0]])
    second_x, second_w = x + np.array([1.0, 40.0]), w + np.array([2.0, 30.0])
    expected = [
        (x, w),
        (2 * x, 2 * w),
        (x, w),
        (second_x, second_w),
        (second_x + np.array([0.5, 0.25]), second_w),
    ]
    for number, (got, right) in enumerate(zip(found, expected, strict=True)):
        assert_close(got[0], right[0], what=f"gradient of x after pass {number + 1}")
        assert_close(got[1], right[1], what=f"gradient of w after pass {number + 1}")
        assert_close(got[2], np.array([7.0]), what="gradient of a tensor that took no part")
        assert_true(got[3] is None, "a tensor that took no part should have no gradient")


def arrays_of_others(answers, data, upstream):
    """Driver: whether arrays of others stay the same while gradients are computed and written into."""
    kept = data.copy()
    expressions = (
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: b * 2.0 + -a,
        lambda a, b: a * b,
        lambda a, b: a.reshape(4, 3) + b.T,
        lambda a, b: a[:, :] + a + b,
    )
    results = []
    for expression in expressions:
        a, b = answers.Tensor(data), answers.Tensor(data.copy())
        y = expression(a, b)
        value = y.data.copy()
        above = upstream[: value.size].reshape(value.shape).copy()
        before = above.copy()
        unchanged = True
        for _ in range(2):
            y.backward(above)
            unchanged = unchanged and np.array_equal(above, before) and np.array_equal(y.data, value)
        other = b.grad.copy()
        a.grad[...] = 0.0
        own = np.array_equal(b.grad, other) and np.array_equal(above, before)
        results.append([bool(unchanged), bool(own)])
    summed, alone = answers.Tensor(data), answers.Tensor(data)
    summed.sum().backward()
    summed.grad[0] = 5.0
    above = kept.copy()
    alone.backward(above)
    alone.grad[...] = 0.0
    return [results, summed.grad, bool(np.array_equal(above, kept)), bool(np.array_equal(data, kept))]


@supporting
@weight(1)
@hint("An in-place += on an array that somebody else holds too changes it for both.")
def test_arrays_of_others_stay(student, rng):
    """data and upstream gradients stay as they are, and each grad is an array of its own"""
    data = rng.normal(size=(3, 4))
    results, summed, alone, is_same = student.run(arrays_of_others, data, rng.normal(size=12))
    assert_true(is_same, "the data changed", category="side_effect")
    for unchanged, own in results:
        assert_true(unchanged, "the upstream gradient or a value changed", category="side_effect")
        assert_true(own, "two arrays share their memory", category="side_effect")
    assert_true(alone, "a gradient is the array that was handed in", category="side_effect")
    assert_close(summed, np.vstack([np.full((1, 4), 5.0), np.ones((2, 4))]))


def without_gradient(answers, shape):
    """Driver: the gradient of a square, without an upstream gradient."""
    x = answers.Tensor(np.full(shape, 3.0))
    (x * x).backward()
    return np.asarray(x.grad)


def refusals(answers, shape, upstreams):
    """Driver: for each upstream gradient, whether a ValueError was raised."""
    found = []
    for upstream in upstreams:
        y = answers.Tensor(np.full(shape, 3.0)) * 2.0
        try:
            y.backward(upstream)
            found.append(False)
        except ValueError:
            found.append(True)
    return found


def unknown_rule(answers):
    """Driver: a word that names no rule."""
    return np.asarray(answers.Tensor([1.0, 1.0]).max(ties="last").data)


@supporting
@weight(1)
@hint("Count the elements, and compare the shapes, before you walk.")
def test_what_is_refused(student, variant):
    """only one element needs no gradient; other shapes and unknown words are refused"""
    for shape in ((), (1,), (1, 1)):
        assert_close(student.run(without_gradient, shape), np.full(shape, 6.0))
    for shape in ((2,), (1, 3), (0,)):
        assert_raises(ValueError, student.run, without_gradient, shape)
    shapes = ((3,), (1, 3), (3, 2), (), (6,), (1, 2, 3))
    found = student.run(refusals, (2, 3), [np.ones(shape) for shape in shapes])
    found += student.run(refusals, (1,), [np.ones((1, 1))])
    assert_true(
        all(found),
        "a gradient of another shape should raise ShapeError",
        category="raises",
    )
    if "max" in variant["reductions"]:
        assert_raises(ValueError, student.run, unknown_rule)


def made(answers, data):
    """Driver: the data of a tensor."""
    return np.asarray(answers.Tensor(data).data)


def kinds(answers):
    """Driver: what tensors are before and after an operation."""
    x = answers.Tensor([[1.0, 2.0, 3.0]])
    y = (x * 2).sum()
    are_tensors = isinstance(y, answers.Tensor) and isinstance(2 - x, answers.Tensor)
    return [are_tensors, x.grad is None, list(x.shape), list(y.shape)]


@supporting
@weight(1)
@hint("Look at the dtype of np.asarray(data) before you keep it.")
def test_what_a_tensor_is_made_of(student):
    """floats, lists and arrays are taken; whole numbers and truth values raise a TypeError"""
    for data in (1.5, [1.0, 2.5], [[1.0], [2.5]], np.ones((2, 0))):
        assert_close(student.run(made, data), np.asarray(data))
    for data in (1, [1, 2], np.arange(3), True, np.array([True, False])):
        assert_raises(TypeError, student.run, made, data)
    are_tensors, fresh, shape, no_shape = student.run(kinds)
    assert_true(are_tensors, "the result of an operation should be a Tensor", category="type")
    assert_true(fresh, "before backward the gradient should be None")
    assert_true([shape, no_shape] == [[1, 3], []], "the shapes are not as expected", category="shape")


def chain(answers, length):
    """Driver: a long chain."""
    x = answers.Tensor([1.0, -2.0])
    y = x
    for _ in range(length):
        y = y + x
    y.backward(np.array([1.0, 0.5]))
    return x.grad


@weight(1)
@hint("Python's stack ends after about 1000 calls: keep a list of nodes instead of calling yourself.")
def test_a_chain_of_thousands(student):
    """a chain of 2000 operations"""
    assert_close(student.run(chain, 2000), np.array([2001.0, 1000.5]))


def doubling(answers, times):
    """Driver: y = y + y again and again."""
    x = answers.Tensor([1.5])
    y = x
    for _ in range(times):
        y = y + y
    y.backward()
    return [y.data, x.grad]


@weight(1)
@hint("Each node once, not each path once.")
def test_each_node_once(student):
    """two to the power 60 paths over 61 nodes"""
    value, gradient = student.run(doubling, 60)
    assert_close(value, np.array([1.5 * 2.0**60]))
    assert_close(gradient, np.array([2.0**60]))
