"""What torch does in a jail: seeds, threads, data loaders, large tensors."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.sandbox import Limits, Zygote


@pytest.fixture(scope="module")
def torch_zygote():
    with Zygote(("torch",), ("torch",)) as zygote:
        yield zygote


def test_zygote_with_torch_has_one_thread(torch_zygote):
    assert torch_zygote.report["threads"] == 1


def test_generator_of_torch_is_seeded(torch_zygote):
    def draw(seed):
        with torch_zygote.open(["import torch\na = torch.rand(1).item()"], Limits(), seed) as jail:
            return jail.question(["b = torch.rand(1).item()"], seed=seed).student.run(both)

    first = draw(1)
    assert draw(1) == first
    assert draw(2) != first


def both(answers):
    return answers.a, answers.b


def test_model_that_was_trained_in_the_cells_answers_in_every_question(torch_zygote):
    cells = [
        "import torch",
        "model = torch.nn.Linear(20, 2)\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)",
        "for _ in range(5):\n    model(torch.ones(3, 20)).sum().backward()\n    optimizer.step()",
        "def predict(x): return model(torch.tensor(x, dtype=torch.float32)).detach().numpy()",
    ]
    with torch_zygote.open(cells) as jail:
        assert jail.errors == [None] * 4
        assert jail.forks, jail.reason
        answers = [jail.question().student.predict(np.ones((3, 20))) for _ in range(2)]
        np.testing.assert_array_equal(*answers)
        assert answers[0].shape == (3, 2)


def test_threads_of_torch_make_the_cells_run_again(torch_zygote):
    cells = ["import torch\ntorch.set_num_threads(2)\nx = torch.ones(500, 500)\ny = float((x @ x).sum())"]
    with torch_zygote.open(cells) as jail:
        assert jail.errors == [None]
        assert not jail.forks
        for _ in range(2):
            assert jail.question(["z = float((x @ x).sum())"]).student.z == 500.0**3


def test_data_loader_with_workers_runs_where_a_jail_has_namespaces(torch_zygote):
    cell = """
import torch
from torch.utils.data import DataLoader, TensorDataset
data = TensorDataset(torch.arange(8.0))
total = sum(float(batch[0].sum()) for batch in DataLoader(data, batch_size=2, num_workers=2))
"""
    if torch_zygote.isolation.namespaces:
        with torch_zygote.open([cell]) as jail:
            assert jail.errors == [None], jail.output()
            assert jail.question().student.total == 28.0


def test_packages_that_torch_brings_are_there_and_others_are_not(torch_zygote, run_inside):
    source = (
        "import sympy, networkx\ntry:\n    import sklearn\n    result = 1\nexcept ImportError: result = 0"
    )
    assert run_inside(torch_zygote, source) == 0
