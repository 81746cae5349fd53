"""Modules: functions of tensors that own parameters, and that hold other modules."""

import numpy as np

from mlref.arrays import device, from_numpy, namespace, to_numpy
from mlref.autodiff.tensor import Tensor
from mlref.errors import ShapeError

__all__ = ["Module", "Sequential", "count_parameters"]


class Module:
    """A part of a network: a function of tensors, with the parameters that it owns.

    A subclass makes its parameters and its own modules in ``__init__`` and computes in ``forward``. Every
    attribute that is a `Tensor` is a parameter; modules are found in attributes, lists, tuples and dicts.

    Attributes
    ----------
    training : bool
        Whether dropout draws and batch statistics are in use; `train` and `eval` set it everywhere.
    buffers : tuple of str
        Names of the attributes that are arrays to keep but not to learn, as running means.

    Examples
    --------
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Tensor([2.0, 3.0])
    ...
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> layer = Scale()
    >>> layer(Tensor([[1.0, 1.0]])).data
    array([[2., 3.]])
    >>> [name for name, parameter in layer.named_parameters()]
    ['factor']
    """

    training = True
    buffers = ()

    def __call__(self, *inputs, **options):
        """What `forward` computes."""
        return self.forward(*inputs, **options)

    def forward(self, *inputs):
        """Compute the result; every subclass writes its own.

        Parameters
        ----------
        *inputs : Tensor or array of any shape

        Returns
        -------
        result : Tensor
        """
        raise NotImplementedError(f"{type(self).__name__} has no forward(self, ...)")

    def named_modules(self):
        """The module and all within it, with dotted names; its own name is empty.

        Returns
        -------
        modules : list of pairs (str, Module)
            Each module once, in the order of the attributes.
        """
        found = {self: ""}
        for name, child in _parts(self, Module):
            for inner, module in child.named_modules():
                found.setdefault(module, f"{name}.{inner}".rstrip("."))
        return [(name, module) for module, name in found.items()]

    def named_parameters(self):
        """Every parameter with its dotted name.

        Returns
        -------
        parameters : list of pairs (str, Tensor)
            Each tensor once, under its first name, in the order of the attributes.
        """
        found = {}
        for prefix, module in self.named_modules():
            for name, parameter in _parts(module, Tensor):
                found.setdefault(parameter, f"{prefix}.{name}".lstrip("."))
        return [(name, parameter) for parameter, name in found.items()]

    def parameters(self):
        """Every parameter, once.

        Returns
        -------
        parameters : list of Tensor
        """
        return [parameter for _, parameter in self.named_parameters()]

    def train(self, mode=True):
        """Switch the module and all within it to training.

        Parameters
        ----------
        mode : bool
            False switches to evaluation, as `eval` does.

        Returns
        -------
        self : Module
        """
        for _, module in self.named_modules():
            module.training = mode
        return self

    def eval(self):
        """Switch the module and all within it to evaluation: nothing random, no batch statistics.

        Returns
        -------
        self : Module
        """
        return self.train(False)

    def zero_grad(self):
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.grad = None

    def state_dict(self):
        """Copies of all parameters and buffers.

        Returns
        -------
        state : dict of str to numpy.ndarray
            By dotted name; what `load_state_dict` takes and ``numpy.savez`` stores.
        """
        return {name: np.array(to_numpy(array)) for name, array in self._state().items()}

    def load_state_dict(self, state):
        """Write stored values into the parameters and buffers, which keep their library and dtype.

        Parameters
        ----------
        state : dict of str to numpy.ndarray
            From `state_dict` of a module built in the same way.

        Raises
        ------
        KeyError
            If a name is missing, or one too many.
        ShapeError
            If an array has another shape; nothing is changed then.
        """
        own = self._state()
        if own.keys() != state.keys():
            missing, unexpected = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
            raise KeyError(
                f"missing {missing}, unexpected {unexpected}; "
                "load a state into a module built as the one it came from"
            )
        for name, array in own.items():
            if tuple(array.shape) != np.shape(state[name]):
                raise ShapeError(
                    f"{name} has shape {np.shape(state[name])} in the state but {tuple(array.shape)} here"
                )
        for name, array in own.items():
            array[...] = _like(state[name], array)

    def to(self, like):
        """Move all parameters and buffers to a library, a device and a dtype; gradients are forgotten.

        What an optimiser remembers does not move along: make it afterwards.

        Parameters
        ----------
        like : array of any shape, or str
            Parameters and buffers of floats take its library, device and dtype. A device's name, as "cuda"
            or "cpu", means torch there, with the dtypes as they are.

        Returns
        -------
        self : Module
        """
        for _, module in self.named_modules():
            for _, parameter in _parts(module, Tensor):
                parameter.data = _moved(parameter.data, like)
                parameter.grad = None
            for name in module.buffers:
                setattr(module, name, _moved(getattr(module, name), like))
        return self

    def _state(self):
        """The arrays of all parameters and buffers by dotted name."""
        state = {name: parameter.data for name, parameter in self.named_parameters()}
        for prefix, module in self.named_modules():
            for name in module.buffers:
                state[f"{prefix}.{name}".lstrip(".")] = getattr(module, name)
        return state

    def _attributes(self):
        """Pairs of name and value, among which the parameters and modules are."""
        return vars(self).items()

    def __repr__(self):
        lines = [
            f"  ({name}): {child!r}".replace("\n", "\n  ") + "\n" for name, child in _parts(self, Module)
        ]
        return f"{type(self).__name__}({self._settings()}" + ("\n" + "".join(lines) if lines else "") + ")"

    def _settings(self):
        """What `repr` shows of a layer: its numbers and words."""
        return ", ".join(
            f"{name}={value!r}"
            for name, value in vars(self).items()
            if isinstance(value, int | float | str) and name != "training"
        )


class Sequential(Module):
    """Modules one after the other, each on the result of the one before.

    Parameters
    ----------
    *layers : Module or function of a Tensor

    Notes
    -----
    The dotted names begin with the position, as in torch: ``0.weight``.

    Examples
    --------
    >>> double = Sequential(lambda x: x + x, lambda x: x.sum())
    >>> double(Tensor([1.0, 2.0])).data
    array(6.)
    """

    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        """The result of the last layer.

        Parameters
        ----------
        x : Tensor or array of any shape

        Returns
        -------
        result : Tensor
        """
        for layer in self.layers:
            x = layer(x)
        return x

    def __len__(self):
        return len(self.layers)

    def __iter__(self):
        return iter(self.layers)

    def __getitem__(self, index):
        """One layer, or with a slice a `Sequential` that shares these layers."""
        part = self.layers[index]
        return Sequential(*part) if isinstance(index, slice) else part

    def _attributes(self):
        return [(str(i), layer) for i, layer in enumerate(self.layers)]


def count_parameters(module):
    """How many numbers a module learns.

    Parameters
    ----------
    module : Module

    Returns
    -------
    count : int
        Parameters that are used in several places count once.

    Examples
    --------
    >>> count_parameters(Sequential())
    0
    """
    return sum(int(np.prod(parameter.shape)) for parameter in module.parameters())


def _parts(module, kind):
    """Pairs of name and part, for the parts of a kind that a module's attributes hold."""
    for name, value in module._attributes():
        yield from _within(name, value, kind)


def _within(name, value, kind):
    """Parts of a kind in a value, with dotted names; lists, tuples and dicts are searched."""
    if isinstance(value, kind):
        yield name, value
    elif isinstance(value, list | tuple | dict):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in pairs:
            yield from _within(f"{name}.{key}", item, kind)


def _moved(array, like):
    """A copy of an array in the library, on the device and, if it holds floats, with the dtype of another."""
    if isinstance(like, str):
        import torch

        return torch.tensor(to_numpy(array), device=like)
    moved = from_numpy(np.array(to_numpy(array)), like)
    xp = namespace(like)
    return xp.astype(moved, like.dtype) if xp.isdtype(moved.dtype, "real floating") else moved


def _like(values, array):
    """Numpy's values with the library, device and dtype of an array."""
    xp = namespace(array)
    return xp.asarray(np.asarray(values), dtype=array.dtype, device=device(array))
