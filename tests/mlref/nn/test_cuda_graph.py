"""A recorded step: what it accepts; tests/gpu has what it computes."""

import numpy as np
import pytest
import torch

from mlref.errors import ShapeError
from mlref.nn.cuda_graph import GraphedStep


def double(x):
    return 2 * x


def test_inputs_go_through_a_buffer_and_are_not_changed():
    seen = []

    def step(x):
        seen.append(x)
        return x.mul_(3)

    example, x = torch.zeros(2), torch.ones(2)
    graphed = GraphedStep(step, example, warm_up=1)
    np.testing.assert_array_equal(graphed(x), [3, 3])
    np.testing.assert_array_equal(x, [1, 1])
    np.testing.assert_array_equal(example, [0, 0])
    assert len({buffer.data_ptr() for buffer in seen}) == 1


def test_warm_up_runs_the_step():
    total = torch.zeros(())
    GraphedStep(total.add_, torch.ones(()), warm_up=4)
    assert total.item() == 4


@pytest.mark.parametrize(
    "x", [torch.zeros(3), torch.zeros(2, dtype=torch.float64), torch.zeros(2, device="meta")]
)
def test_other_inputs_than_the_example_are_refused(x):
    with pytest.raises(ShapeError, match="call the function itself"):
        GraphedStep(double, torch.zeros(2))(x)


def test_the_number_of_inputs_is_that_of_the_examples():
    with pytest.raises(ShapeError, match="recorded with 1 inputs, not 2"):
        GraphedStep(double, torch.zeros(2))(torch.zeros(2), torch.zeros(2))


def test_inputs_must_be_on_one_device():
    with pytest.raises(ValueError, match="at least one input"):
        GraphedStep(double)
    with pytest.raises(ValueError, match="meta"):
        GraphedStep(torch.add, torch.zeros(2), torch.zeros(2, device="meta"))
