"""Several arrays that are computed with as if they were one, so that an update rule is written once."""

import operator

from mlref.arrays import is_torch, namespace

__all__ = ["Bundle"]


class Bundle:
    """A list of arrays with the operators of one array.

    Each operation applies to every array, with the array at the same place of another bundle or with a
    number. Arrays of torch go through its functions for lists, one call on the accelerator for all of them.

    Parameters
    ----------
    arrays : list of arrays
        Of any shapes, all of one library; not copied, and changed by ``+=`` and its like.

    Examples
    --------
    >>> import numpy as np
    >>> weights, gradients = Bundle([np.ones(2), np.ones((1, 1))]), Bundle([np.ones(2), np.ones((1, 1))])
    >>> weights -= 0.5 * gradients
    >>> weights.arrays
    [array([0.5, 0.5]), array([[0.5]])]
    """

    def __init__(self, arrays):
        self.arrays = arrays

    def __add__(self, other):
        return self._apply("add", other)

    def __sub__(self, other):
        return self._apply("sub", other)

    def __mul__(self, other):
        return self._apply("mul", other)

    def __truediv__(self, other):
        return self._apply("div", other)

    __radd__ = __add__
    __rmul__ = __mul__

    def __iadd__(self, other):
        return self._apply("add_", other)

    def __isub__(self, other):
        return self._apply("sub_", other)

    def __imul__(self, other):
        return self._apply("mul_", other)

    def add(self, other, scale):
        """Add a multiple of another bundle in place, in one pass over memory where the library can.

        Parameters
        ----------
        other : Bundle
        scale : float
        """
        if is_torch(self.arrays[0]):
            import torch

            torch._foreach_add_(self.arrays, other.arrays, alpha=scale)
        else:
            # One array at a time: its multiple is still in the cache when it is added.
            for array, addend in zip(self.arrays, other.arrays, strict=True):
                operator.iadd(array, scale * addend)

    def sqrt(self):
        """The square root of every element."""
        return self._each("sqrt")

    def abs(self):
        """The absolute value of every element."""
        return self._each("abs")

    def maximum(self, other):
        """The larger of each two elements.

        Parameters
        ----------
        other : Bundle
        """
        return self._apply("maximum", other)

    def assign(self, other):
        """Overwrite every array.

        Parameters
        ----------
        other : Bundle
        """
        self._apply("copy_", other)

    def _apply(self, name, other):
        others = other.arrays if isinstance(other, Bundle) else other
        if is_torch(self.arrays[0]):
            import torch

            result = getattr(torch, f"_foreach_{name}")(self.arrays, others)
        else:
            function = _FUNCTIONS.get(name) or getattr(namespace(self.arrays[0]), name)
            partners = others if isinstance(other, Bundle) else [other] * len(self.arrays)
            result = [function(a, b) for a, b in zip(self.arrays, partners, strict=True)]
        return self if name.endswith("_") else Bundle(result)

    def _each(self, name):
        if is_torch(self.arrays[0]):
            import torch

            return Bundle(list(getattr(torch, f"_foreach_{name}")(self.arrays)))
        function = getattr(namespace(self.arrays[0]), name)
        return Bundle([function(array) for array in self.arrays])


# By torch's names; a name that ends in an underscore changes the first array.
_FUNCTIONS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "add_": operator.iadd,
    "sub_": operator.isub,
    "mul_": operator.imul,
    "copy_": lambda array, values: operator.setitem(array, ..., values),
}
