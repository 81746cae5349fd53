"""Update rules, step by step against torch."""

import numpy as np
import pytest
import torch

from mlref.arrays import to_numpy
from mlref.autodiff import Tensor
from mlref.errors import ShapeError
from mlref.optim import SGD, Adagrad, Adam, Adamax, AdamW, NAdam, RMSprop

# name: (our class, its settings, torch's class); torch has the same defaults
RULES = {
    "SGD": (SGD, {}, torch.optim.SGD),
    "SGD, weight decay": (SGD, {"lr": 0.1, "weight_decay": 0.3}, torch.optim.SGD),
    "momentum": (SGD, {"lr": 0.1, "momentum": 0.9}, torch.optim.SGD),
    "Nesterov": (SGD, {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}, torch.optim.SGD),
    "Adagrad": (Adagrad, {"lr": 0.1, "weight_decay": 0.1}, torch.optim.Adagrad),
    "RMSprop": (RMSprop, {"alpha": 0.9, "weight_decay": 0.1}, torch.optim.RMSprop),
    "Adam": (Adam, {}, torch.optim.Adam),
    "Adam, settings": (
        Adam,
        {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1},
        torch.optim.Adam,
    ),
    "AMSGrad": (Adam, {"lr": 0.1, "amsgrad": True, "betas": (0.8, 0.6)}, torch.optim.Adam),
    "AdamW": (AdamW, {"lr": 0.1}, torch.optim.AdamW),
    "AdamW, AMSGrad": (AdamW, {"lr": 0.1, "weight_decay": 0.5, "amsgrad": True}, torch.optim.AdamW),
    "Adamax": (Adamax, {"betas": (0.8, 0.7)}, torch.optim.Adamax),
    "NAdam": (NAdam, {"betas": (0.8, 0.9), "weight_decay": 0.1}, torch.optim.NAdam),
}
SHAPES = {"W": (3, 2), "b": (2,), "scale": ()}


def start(seed=0):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=shape) for name, shape in SHAPES.items()}


def gradients(step):
    """the last one small, so that a running maximum is larger than the running mean"""
    return {name: array * (0.01 if step == 5 else 1.0) for name, array in start(100 + step).items()}


@pytest.fixture
def _torch_in_double():
    """torch keeps NAdam's running product in its default dtype"""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.usefixtures("_torch_in_double")
@pytest.mark.parametrize("name", RULES)
def test_each_step_is_the_one_of_torch(name, xp_backend):
    rule, settings, theirs = RULES[name]
    make = xp_backend.asarray
    ours = {key: make(array) for key, array in start().items()}
    optimizer = rule(ours, **settings)
    reference = {key: torch.tensor(array, requires_grad=True) for key, array in start().items()}
    expected = theirs(reference.values(), **settings)
    for step in range(7):
        optimizer.step({key: make(array) for key, array in gradients(step).items()})
        for key, array in gradients(step).items():
            reference[key].grad = torch.tensor(array)
        expected.step()
        for key, array in ours.items():
            xp_backend.check(array, reference[key].detach().numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", RULES)
def test_tensors_bring_their_gradients(name):
    rule, settings, _ = RULES[name]
    arrays = start()
    tensors = {key: Tensor(array.copy()) for key, array in arrays.items()}
    by_hand, by_tensor = rule(arrays, **settings), rule(list(tensors.values()), **settings)
    for step in range(3):
        by_hand.step(gradients(step))
        for key, gradient in gradients(step).items():
            tensors[key].grad = gradient
        by_tensor.step()
    for key, array in arrays.items():
        np.testing.assert_array_equal(tensors[key].data, array)


@pytest.mark.parametrize("name", RULES)
def test_float32_stays_float32_and_gradients_stay_as_they_are(name, xp_backend):
    rule, settings, _ = RULES[name]
    params = {key: xp_backend.asarray(array.astype(np.float32)) for key, array in start().items()}
    given = {key: xp_backend.asarray(array.astype(np.float32)) for key, array in gradients(0).items()}
    before = {key: to_numpy(array).copy() for key, array in given.items()}
    identities = {key: id(array) for key, array in params.items()}
    optimizer = rule(params, **settings)
    optimizer.step(given)
    optimizer.step(given)
    for key, array in params.items():
        assert array.dtype == given[key].dtype
        assert id(array) == identities[key]
        np.testing.assert_array_equal(to_numpy(given[key]), before[key])


@pytest.mark.parametrize("rule", [Adam, AdamW, Adamax])
def test_the_first_adaptive_step_is_as_long_as_the_learning_rate(rule):
    """0.0009999999973 for a gradient of 3.7, and 0.003162 without the correction of the means"""
    params = {"w": np.zeros(2)}
    rule(params, lr=1e-3).step({"w": np.array([3.7, -0.2])})
    np.testing.assert_allclose(params["w"], [-1e-3, 1e-3], rtol=1e-7)


@pytest.mark.parametrize("name", RULES)
def test_a_quadratic_valley_is_descended(name):
    rule, _, _ = RULES[name]
    params = {"w": np.array([1.0, -1.0])}
    curvature = np.array([1.0, 10.0])
    settings = {"momentum": 0.9} if rule is SGD else {}
    optimizer = rule(params, lr=0.5 if rule is Adagrad else 0.02, **settings)
    for _ in range(300):
        optimizer.step({"w": curvature * params["w"]})
    assert np.abs(params["w"]).max() < 0.05


def test_a_tensor_without_gradient_stays_and_keeps_its_state():
    used, unused = Tensor([1.0]), Tensor([1.0])
    optimizer = Adam([unused, used], lr=0.1)
    used.grad = np.array([1.0])
    optimizer.step()
    assert (unused.data[0], used.data[0]) == (1.0, pytest.approx(0.9))
    optimizer.zero_grad()
    assert used.grad is None
    optimizer.step()
    assert optimizer.t == 1
    unused.grad = np.array([1.0])
    optimizer.step()
    assert used.data[0] == pytest.approx(0.9)


def test_a_new_learning_rate_counts_from_the_next_step():
    params = {"w": np.array([1.0])}
    optimizer = SGD(params, lr=0.1)
    optimizer.lr = 0.5
    optimizer.step({"w": np.array([1.0])})
    assert params["w"][0] == 0.5


def test_bad_input():
    with pytest.raises(ValueError, match="params is empty"):
        SGD([])
    with pytest.raises(ValueError, match="lr is -1"):
        SGD({"w": np.ones(1)}, lr=-1)
    with pytest.raises(ValueError, match="give one, as momentum"):
        SGD({"w": np.ones(1)}, nesterov=True)
    optimizer = SGD({"w": np.ones(2), "b": np.ones(1)})
    with pytest.raises(KeyError, match="b"):
        optimizer.step({"w": np.ones(2)})
    with pytest.raises(ShapeError, match=r"gradient of 'w' has shape \(2, 1\), the parameter \(2,\)"):
        optimizer.step({"w": np.ones((2, 1)), "b": np.ones(1)})
