"""Checks that the student can run: gradients of small arrays that can be worked out by hand."""

import numpy as np

from autograder.testing import assert_close, hint, weight

# Name -> (points, values, slopes).
KNOWN = {
    "exp": ([0.0, 1.0], [1.0, np.e], [1.0, np.e]),
    "log": ([1.0, 4.0], [0.0, np.log(4.0)], [1.0, 0.25]),
    "tanh": ([0.0, 0.5], [0.0, np.tanh(0.5)], [1.0, 1 - np.tanh(0.5) ** 2]),
    "sigmoid": ([0.0], [0.5], [0.25]),
    "relu": ([-2.0, 3.0], [0.0, 3.0], [0.0, 1.0]),
}


def broadcast(answers):
    """Driver: a column times a row, with an upstream gradient."""
    column = answers.Tensor([[1.0], [2.0]])
    row = answers.Tensor([10.0, 20.0, 30.0])
    y = column * row
    y.backward(np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]))
    return [y.data, column.grad, row.grad]


def product(answers):
    """Driver: a matrix product that is summed up."""
    a = answers.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    b = answers.Tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    y = (a @ b).sum()
    y.backward()
    return [np.asarray(y.data), a.grad, b.grad]


def reduction(answers, name, keywords):
    """Driver: a reduction along the rows, with an upstream gradient."""
    x = answers.Tensor([[1.0, 5.0, 5.0], [7.0, 2.0, 6.0]])
    y = getattr(x, name)(axis=1, **keywords)
    y.backward(np.array([6.0, 9.0]))
    return [y.data, x.grad]


def function(answers, name, points):
    """Driver: a function of every element."""
    x = answers.Tensor(points)
    y = getattr(x, name)()
    y.backward(np.ones(len(points)))
    return [y.data, x.grad]


@weight(1)
@hint("Each element of the column was used three times, each of the row twice: sum over the copies.")
def test_a_column_times_a_row(student):
    """(2, 1) times (3,), and both gradients"""
    value, column, row = student.run(broadcast)
    assert_close(value, np.array([[10.0, 20.0, 30.0], [20.0, 40.0, 60.0]]), what="the product")
    assert_close(column, np.array([[70.0], [60.0]]), what="gradient of the column")
    assert_close(row, np.array([1.0, 6.0, 2.0]), what="gradient of the row")


@weight(1)
@hint("For y = (a @ b).sum() the gradient of a is a matrix of ones times the transpose of b.")
def test_a_matrix_product(student):
    """the sum of a matrix product, and both gradients"""
    value, a, b = student.run(product)
    assert_close(value, np.array(37.0), what="the sum")
    assert_close(a, np.array([[1.0, 2.0, 2.0], [1.0, 2.0, 2.0]]), what="gradient of a")
    assert_close(b, np.array([[5.0, 5.0], [7.0, 7.0], [9.0, 9.0]]), what="gradient of b")


@weight(1)
@hint("Which elements had a part in each result, and how large a part?")
def test_reductions_of_rows(student, variant):
    """each reduction of this term along the rows of a small matrix"""
    tied = {"share": [3.0, 3.0], "first": [6.0, 0.0], None: []}[variant["ties"]]
    known = {
        "sum": ([11.0, 15.0], [[6.0, 6.0, 6.0], [9.0, 9.0, 9.0]]),
        "mean": ([11.0 / 3.0, 5.0], [[2.0, 2.0, 2.0], [3.0, 3.0, 3.0]]),
    }
    if tied:
        known["max"] = ([5.0, 7.0], [[0.0, *tied], [9.0, 0.0, 0.0]])
    for name in variant["reductions"]:
        keywords = {"ties": variant["ties"]} if name == "max" else {}
        values, gradient = student.run(reduction, name, keywords)
        assert_close(values, np.array(known[name][0]), what=name)
        assert_close(gradient, np.array(known[name][1]), what=f"gradient of {name}")


@weight(1)
@hint("The chain rule, element by element: the slope times the gradient that comes from above.")
def test_each_function_of_the_term(student, variant):
    """each function of this term at two points, and its derivative"""
    for name in variant["functions"]:
        points, values, slopes = KNOWN[name]
        result, gradient = student.run(function, name, points)
        assert_close(result, np.array(values), what=name)
        assert_close(gradient, np.array(slopes), what=f"derivative of {name}")
