"""Module: parameters, buffers and state of a network."""

import array_api_strict
import numpy as np
import pytest
import torch

from mlref.arrays import to_numpy
from mlref.autodiff import Tensor
from mlref.errors import ShapeError
from mlref.nn import Module, Sequential, count_parameters


class Affine(Module):
    buffers = ("seen",)

    def __init__(self, n_in, n_out, seed=0):
        self.weight = Tensor(np.random.default_rng(seed).normal(size=(n_out, n_in)))
        self.bias = Tensor(np.zeros(n_out))
        self.seen = np.zeros(1)
        self.n_out = n_out

    def forward(self, x):
        return x @ self.weight.T + self.bias


class Net(Module):
    def __init__(self):
        self.body = Sequential(Affine(3, 4), Tensor.tanh, Affine(4, 4))
        self.heads = {"left": Affine(4, 2), "right": [Affine(4, 1)]}
        self.scale = Tensor(1.5)
        self.tied = self.body[0]
        self.name = "net"

    def forward(self, x):
        return self.heads["left"](self.body(x)) * self.scale


NAMES = [
    "scale",
    "body.0.weight",
    "body.0.bias",
    "body.2.weight",
    "body.2.bias",
    "heads.left.weight",
    "heads.left.bias",
    "heads.right.0.weight",
    "heads.right.0.bias",
]


def test_parameters_are_found_in_attributes_lists_and_dicts_each_once():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert len({id(parameter) for parameter in net.parameters()}) == len(NAMES)
    assert count_parameters(net) == 1 + (12 + 4) + (16 + 4) + (8 + 2) + (4 + 1)


def test_names_of_a_sequence_are_those_of_torch():
    ours = Sequential(Affine(3, 4), Tensor.relu, Sequential(Affine(4, 2)))
    theirs = torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Sequential(torch.nn.Linear(4, 2))
    )
    assert [name for name, _ in ours.named_parameters()] == [name for name, _ in theirs.named_parameters()]


def test_train_and_eval_reach_every_module():
    net = Net()
    assert net.training
    assert net.eval() is net
    assert not any(module.training for _, module in net.named_modules())
    net.train()
    assert all(module.training for _, module in net.named_modules())


def test_zero_grad_forgets():
    net = Net()
    net(np.ones((2, 3))).sum().backward()
    assert net.body[0].weight.grad is not None
    net.zero_grad()
    assert all(parameter.grad is None for parameter in net.parameters())


def test_state_is_a_copy_and_comes_back():
    net, other = Net(), Net()
    net.body[0].seen += 7
    state = net.state_dict()
    assert set(state) == {*NAMES, *(n.replace("bias", "seen") for n in NAMES if n.endswith("bias"))}
    before = net(np.ones((1, 3))).data
    for parameter in net.parameters():
        parameter.data[...] = 0.0
    other.load_state_dict(state)
    np.testing.assert_array_equal(other(np.ones((1, 3))).data, before)
    assert other.body[0].seen == 7


def test_a_state_that_does_not_fit_is_refused_and_changes_nothing():
    net = Net()
    before = net.state_dict()
    state = net.state_dict()
    del state["scale"]
    with pytest.raises(KeyError, match=r"missing \['scale'\], unexpected \['size'\]"):
        net.load_state_dict({**state, "size": np.ones(1)})
    with pytest.raises(ShapeError, match=r"scale has shape \(2,\) in the state but \(\) here"):
        net.load_state_dict({**{name: np.zeros_like(a) for name, a in before.items()}, "scale": np.ones(2)})
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_layer_moves_to_the_library_device_and_dtype_of_an_array(xp_backend):
    net = Net()
    state = net.state_dict()
    like = xp_backend.asarray(np.zeros(1, dtype=np.float32))
    assert net.to(like) is net
    arrays = [parameter.data for parameter in net.parameters()] + [net.body[0].seen]
    assert {(type(a), a.dtype, a.device) for a in arrays} == {(type(like), like.dtype, like.device)}
    y = net(Tensor(xp_backend.asarray(np.ones((2, 3), dtype=np.float32))))
    assert y.data.dtype == like.dtype
    net.load_state_dict(state)
    assert net.scale.data.dtype == like.dtype
    np.testing.assert_allclose(to_numpy(net.body[0].weight.data), state["body.0.weight"], rtol=1e-6)


def test_a_device_by_name_means_torch_there():
    net = Net().to("cpu")
    assert net.scale.data.dtype == torch.float64
    assert isinstance(net(torch.ones((1, 3), dtype=torch.float64)).data, torch.Tensor)


def test_whole_numbers_in_buffers_stay_whole():
    layer = Affine(2, 2)
    layer.seen = np.zeros(1, dtype=np.int64)
    layer.to(array_api_strict.zeros(1, dtype=array_api_strict.float32))
    assert layer.seen.dtype == array_api_strict.int64


def test_repr_shows_the_tree():
    text = repr(Sequential(Affine(2, 3), Sequential(Affine(3, 1))))
    assert text == (
        "Sequential(\n  (0): Affine(n_out=3)\n  (1): Sequential(\n    (0): Affine(n_out=1)\n  )\n)"
    )


def test_sequences_can_be_counted_cut_and_walked():
    net = Sequential(Affine(2, 3), Tensor.relu, Affine(3, 1))
    assert len(net) == len(list(net)) == 3
    assert net[:2][0] is net[0]


def test_forward_must_be_written():
    with pytest.raises(NotImplementedError, match="Module has no forward"):
        Module()(1)
