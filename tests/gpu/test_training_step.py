"""A training step on torch arrays: the numbers of numpy, nothing read back, one graph."""

import contextlib

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.torch_networks import copy_parameters, lenet, our_step, resnet, their_step
from mlref.arrays import to_numpy
from mlref.nn.cuda_graph import GraphedStep
from mlref.nn.models import LeNet, ResNet

NETWORKS = {
    "LeNet": (lambda: LeNet(rng=np.random.default_rng(0)), lenet, (1, 28, 28)),
    "ResNet-8": (
        lambda: ResNet(width=4, rng=np.random.default_rng(0)),
        lambda: resnet(width=4),
        (3, 8, 8),
    ),
    # One block: tracing takes seconds for each.
    "ResNet-4": (
        lambda: ResNet((1,), width=4, rng=np.random.default_rng(0)),
        lambda: resnet((1,), width=4),
        (3, 8, 8),
    ),
}

each_network = pytest.mark.parametrize("name", ["LeNet", "ResNet-8"])


def batch(name, dtype, device=None, seed=1):
    rng = np.random.default_rng(seed)
    x, target = rng.normal(size=(4, *NETWORKS[name][2])), rng.integers(10, size=4)
    if device is None:
        return x.astype(dtype), target
    return torch.tensor(x, dtype=getattr(torch, dtype), device=device), torch.tensor(target, device=device)


def network(name, like):
    return NETWORKS[name][0]().to(like)


@pytest.fixture
def exact(device):
    """Without TF32, which rounds to ten bits."""
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = False
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
        yield
    torch.backends.cuda.matmul.allow_tf32 = before


@each_network
def test_steps_compute_the_numbers_of_numpy(name, device, exact):
    on_numpy, on_device = batch(name, "float64"), batch(name, "float64", device)
    by_numpy, by_torch = network(name, on_numpy[0]), network(name, on_device[0])
    numpy_step, torch_step = our_step(by_numpy, momentum=0.9), our_step(by_torch, momentum=0.9)
    for _ in range(3):
        expected, loss = numpy_step(*on_numpy), torch_step(*on_device)
        assert loss.device.type == device.type
        np.testing.assert_allclose(to_numpy(loss), expected, rtol=1e-9)
    for mine, parameter in zip(by_torch.parameters(), by_numpy.parameters(), strict=True):
        assert mine.data.device.type == device.type
        np.testing.assert_allclose(to_numpy(mine.data), parameter.data, rtol=1e-6, atol=1e-9)


@each_network
def test_steps_compute_the_numbers_of_torch_in_single_precision(name, device, exact):
    images = batch(name, "float32", device)
    ours = network(name, images[0])
    theirs = copy_parameters(ours, NETWORKS[name][1]())
    our, their = our_step(ours), their_step(theirs)
    for _ in range(3):
        np.testing.assert_allclose(float(our(*images)), float(their(*images)), rtol=1e-4)


# Nothing is read back -------------------------------------------------------------------------------------


def replaced(net, make):
    """The network with every parameter and running average replaced by what `make` makes of it."""
    for _, module in net.named_modules():
        for buffer in module.buffers:
            setattr(module, buffer, make(getattr(module, buffer)))
    for parameter in net.parameters():
        parameter.data = make(parameter.data)
    return net


@each_network
def test_a_step_runs_on_a_device_whose_values_nobody_can_read(name):
    """On torch's "meta" device arrays have shapes but no values: reading one is an error."""
    x, target = batch(name, "float32", torch.device("cpu"))
    net = replaced(network(name, x), lambda array: array.to("meta"))
    loss = our_step(net, momentum=0.9)(x.to("meta"), target.to("meta"))
    assert loss.device.type == "meta"
    assert all(parameter.data.device.type == "meta" for parameter in net.parameters())


@each_network
def test_a_step_runs_on_a_gpu_that_is_not_there(name):
    """Arrays that pretend to be on a GPU: meeting one that is not, or being read, is an error."""
    x, target = batch(name, "float32", torch.device("cpu"))
    net = network(name, x)
    if name != "LeNet":
        # The pretence of torch's batch statistics asks for a GPU.
        net.eval()
    with FakeTensorMode(allow_non_fake_inputs=False):

        def there(array):
            return torch.zeros(array.shape, dtype=array.dtype, device="cuda")

        step = our_step(replaced(net, there), momentum=0.9)
        for _ in range(2):
            loss = step(there(x), there(target))
        assert loss.device.type == "cuda"
        assert all(parameter.data.device.type == "cuda" for parameter in net.parameters())
        with pytest.raises(RuntimeError, match="device"):
            loss + torch.zeros(1)
        with pytest.raises(RuntimeError):
            float(loss)


class NoHostCopies(TorchDispatchMode):
    """Refuses what brings values to Python, from Python, or from one device to another."""

    READING = ("_local_scalar_dense", "is_nonzero", "nonzero", "masked_select", "equal", "lift_fresh")

    def __init__(self, device):
        super().__init__()
        self.device, self.n_calls = device, 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.n_calls += 1
        name = function.overloadpacket.__name__
        assert name not in self.READING, function
        # How many elements a mask takes is known only to who reads it.
        places = args[1] if name in ("index", "index_put", "index_put_") else ()
        assert not any(place is not None and place.dtype == torch.bool for place in places), function
        result = function(*args, **(kwargs or {}))
        for array in result if isinstance(result, (tuple, list)) else (result,):
            if isinstance(array, torch.Tensor):
                assert array.device.type == self.device.type, function
        return result


@contextlib.contextmanager
def synchronisation_is_an_error(device):
    if device.type == "cuda":
        torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        if device.type == "cuda":
            torch.cuda.set_sync_debug_mode("default")


@each_network
def test_a_step_copies_nothing_to_or_from_the_host(name, device):
    images = batch(name, "float32", device)
    step = our_step(network(name, images[0]), momentum=0.9)
    step(*images)
    with synchronisation_is_an_error(device), NoHostCopies(device) as mode:
        step(*images)
    assert mode.n_calls > 30


def test_the_refusal_works(device):
    x = torch.ones(3, device=device)
    for reading in (
        lambda: x.sum().item(),
        lambda: bool(x[0] > 0),
        lambda: x[x > 0],
        lambda: x + torch.tensor(2.0),
    ):
        with pytest.raises(AssertionError), NoHostCopies(device):
            reading()


# One graph ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["LeNet", "ResNet-4"])
def test_a_step_compiles_as_one_graph(name, device, exact):
    """fullgraph=True refuses a second one; "aot_eager" brings it into the form from which code is made"""
    torch._dynamo.reset()
    images = batch(name, "float32", device)
    expected = our_step(network(name, images[0]))
    graphs = []

    def backend(graph, example_inputs):
        graphs.append(graph)
        return torch._dynamo.lookup_backend("aot_eager")(graph, example_inputs)

    compiled = torch.compile(our_step(network(name, images[0])), fullgraph=True, backend=backend)
    for _ in range(4):
        np.testing.assert_allclose(float(compiled(*images)), float(expected(*images)), rtol=1e-4)
    # The optimiser counts its steps: seen to change, the count becomes a variable of the second graph.
    assert len(graphs) <= 2


@each_network
def test_a_recorded_step_computes_the_same(name, device, exact):
    first, second = batch(name, "float32", device), batch(name, "float32", device, seed=2)
    plain, recorded = network(name, first[0]), network(name, first[0])
    step = our_step(plain, momentum=0.9)
    graphed = GraphedStep(our_step(recorded, momentum=0.9), *first, warm_up=2)
    for _ in range(2):
        step(*first)
    for images in (first, second, first):
        np.testing.assert_allclose(float(graphed(*images)), float(step(*images)), rtol=1e-4)
    for mine, parameter in zip(recorded.state_dict().values(), plain.state_dict().values(), strict=True):
        np.testing.assert_allclose(mine, parameter, rtol=1e-3, atol=1e-5)
