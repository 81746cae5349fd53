"""What all optimisers share: their parameters, their state, and the two forms of a step."""

import numpy as np

from mlref.arrays import from_numpy, namespace, to_numpy
from mlref.autodiff.tensor import Tensor
from mlref.errors import ShapeError
from mlref.optim.bundle import Bundle

__all__ = ["Optimizer"]


class Optimizer:
    """Moves parameters against their gradients, by a rule that a subclass writes.

    Parameters
    ----------
    params : list of Tensor, or dict of arrays
        They are changed in place. Tensors bring their gradient themselves: ``step()``; for arrays it is
        handed in, under the same names: ``step(gradients)``.
    lr : float
        The learning rate; may be set anew between steps.
    weight_decay : float
        This much of the parameter is added to its gradient: the gradient of ``weight_decay / 2 |w|**2``.

    Attributes
    ----------
    t : int
        How many steps were made.
    state : dict
        Arrays that the rule remembers, by what they are and by parameter.

    Raises
    ------
    ValueError
        If there are no parameters, or a setting is negative.
    """

    # Attributes of the state that are numbers.
    numbers = ("t", "lr")

    def __init__(self, params, lr, weight_decay=0.0):
        self.params = params if isinstance(params, dict) else dict(enumerate(params))
        if not self.params:
            raise ValueError("params is empty; pass module.parameters() or a dict of arrays")
        if lr < 0 or weight_decay < 0:
            raise ValueError(f"lr is {lr} and weight_decay is {weight_decay}; neither may be negative")
        self.lr = lr
        self.weight_decay = weight_decay
        self.t = 0
        self.state = {}

    def zero_grad(self):
        """Forget the gradients of all tensors, as `Tensor.backward` adds to them."""
        for parameter in self.params.values():
            parameter.grad = None

    def step(self, gradients=None):
        """Change every parameter once.

        Parameters
        ----------
        gradients : dict of arrays, or None
            By the names of the parameters, and not changed. None takes those of the tensors; tensors without
            one stay as they are.

        Raises
        ------
        KeyError
            If a gradient is missing.
        ShapeError
            If a gradient has not the shape of its parameter.
        """
        params = self._arrays()
        if gradients is None:
            gradients = {name: p.grad for name, p in self.params.items() if p.grad is not None}
            params = {name: params[name] for name in gradients}
        for name, array in params.items():
            if gradients[name].shape != array.shape:
                raise ShapeError(
                    f"the gradient of {name!r} has shape {tuple(gradients[name].shape)}, the parameter "
                    f"{tuple(array.shape)}; they must agree"
                )
        if not params:
            return
        self.t += 1
        w, g = Bundle(list(params.values())), Bundle([gradients[name] for name in params])
        if self.weight_decay:
            g = self.decayed(w, g)
        self.update(w, g, lambda quantity: self._remembered(quantity, params))

    def state_dict(self):
        """Copies of all that the optimiser remembers, to go on later.

        Returns
        -------
        state : dict of str to numpy.ndarray
            What `load_state_dict` takes and ``numpy.savez`` stores.
        """
        state = {name: np.asarray(getattr(self, name)) for name in self.numbers}
        for quantity, arrays in self.state.items():
            state |= {f"{quantity}/{name}": np.array(to_numpy(array)) for name, array in arrays.items()}
        return state

    def load_state_dict(self, state):
        """Take up a state, made by an optimiser of the same kind for the same parameters.

        Parameters
        ----------
        state : dict of str to numpy.ndarray

        Raises
        ------
        KeyError
            If a parameter of the state is not one of this optimiser.
        """
        params = {str(name): (name, array) for name, array in self._arrays().items()}
        self.state = {}
        for key, values in state.items():
            quantity, _, of = key.partition("/")
            if quantity in self.numbers:
                setattr(self, quantity, values.item())
            else:
                name, array = params[of]
                self.state.setdefault(quantity, {})[name] = from_numpy(values.copy(), like=array)

    def decayed(self, w, g):
        """The gradient with weight decay.

        Parameters
        ----------
        w : Bundle
            The parameters.
        g : Bundle
            Their gradients.

        Returns
        -------
        gradient : Bundle
        """
        return g + self.weight_decay * w

    def update(self, w, g, remembered):
        """The rule: change `w` in place.

        Parameters
        ----------
        w : Bundle
            The parameters.
        g : Bundle
            Their gradients.
        remembered : callable
            Takes the name of a quantity; returns a `Bundle` of arrays like `w`, which are zero at first and
            keep what is done to them in place until the next step.
        """
        raise NotImplementedError(f"{type(self).__name__} has no update(self, w, g, remembered)")

    def _arrays(self):
        """The parameters as arrays, by name."""
        return {name: p.data if isinstance(p, Tensor) else p for name, p in self.params.items()}

    def _remembered(self, quantity, params):
        arrays = self.state.setdefault(quantity, {})
        for name, array in params.items():
            if name not in arrays:
                arrays[name] = namespace(array).zeros_like(array)
        return Bundle([arrays[name] for name in params])
