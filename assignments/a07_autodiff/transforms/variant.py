"""What changes from term to term: the order of value and gradient, as in jax or as in torch.func."""


def draw(rng, needed):
    """Choose the function that returns both."""
    return {"pair": ["value_and_grad", "grad_and_value"][int(rng.integers(2))]}
