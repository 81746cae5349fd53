"""The solution's names, and results that are computed once for all submissions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autograder.grade.reference import Reference

calls = []


def means(answers, rows):
    calls.append(len(rows))
    return [answers.mean(row) for row in rows]


def functions(answers):
    return answers.mean


ANSWER = "def mean(values):\n    return sum(values) / len(values)\n"


@pytest.fixture
def solved(built):
    """The assignment with an answer to its first question."""
    first, *others = built.questions
    return replace(built, questions=(replace(first, answer=ANSWER), *others))


@pytest.fixture
def reference(solved):
    calls.clear()
    return Reference(solved)


ROWS = [np.array([1.0, 2.0, 6.0]), np.array([4.0])]


def test_a_name_of_the_solution_is_there(reference):
    assert reference.mean([1.0, 3.0]) == 2.0
    with pytest.raises(AttributeError):
        _ = reference.median


def test_run_equals_a_call_of_the_driver(reference):
    assert reference.run(means, ROWS) == means(reference, ROWS) == [3.0, 4.0]


def test_a_result_is_computed_once(reference):
    first = reference.run(means, ROWS)
    assert reference.run(means, [row.copy() for row in ROWS]) == first
    assert calls == [2]


def test_other_data_is_computed_anew(reference):
    reference.run(means, ROWS)
    assert reference.run(means, [ROWS[0] + 1e-12, ROWS[1]])[0] != 3.0
    assert calls == [2, 2]


def test_a_changed_result_does_not_come_back(reference):
    reference.run(means, ROWS).append("changed")
    assert reference.run(means, ROWS) == [3.0, 4.0]


def test_what_was_remembered_serves_another_process(solved, reference):
    reference.run(means, ROWS)
    other = Reference(solved)
    other.results |= reference.results
    assert other.run(means, ROWS) == [3.0, 4.0]
    assert calls == [2]


def test_a_driver_that_reads_what_surrounds_it_is_called_each_time(reference):
    shift = [0.0]

    def shifted(answers, row):
        return answers.mean(row) + shift[0]

    assert reference.run(shifted, [1.0]) == 1.0
    shift[0] = 1.0
    assert reference.run(shifted, [1.0]) == 2.0


@pytest.mark.parametrize("data", [(), (lambda: 1,)], ids=["a result", "data"])
def test_what_cannot_be_copied_is_returned_as_it_is(reference, data):
    def anything(answers, *data):
        return data[0] if data else answers.mean

    found = reference.run(functions) if not data else reference.run(anything, *data)
    assert found is (reference.mean if not data else data[0])
    assert not reference.results
