"""Layers of a finished network, exchanged for others."""

__all__ = ["replace_layers"]


def replace_layers(module, kind, make):
    """Put another layer in the place of every layer of a kind.

    Parameters
    ----------
    module : Module
        Changed in place. Layers are found in its attributes, in lists, and in the modules within.
    kind : type
    make : callable
        Takes the layer and returns the new one.

    Returns
    -------
    new : list
        What ``make`` returned, in the order of the module.

    Examples
    --------
    >>> import numpy as np
    >>> from mlref.nn import MLP, Linear
    >>> model = MLP([3, 4, 2], rng=np.random.default_rng(0))
    >>> len(replace_layers(model, Linear, lambda layer: lambda x: x))
    2
    """
    new = []
    for _, owner in module.named_modules():
        places = [vars(owner), *(value for value in vars(owner).values() if isinstance(value, list))]
        for place in places:
            for key, part in list(place.items() if isinstance(place, dict) else enumerate(place)):
                if isinstance(part, kind):
                    place[key] = make(part)
                    new.append(place[key])
    return new
