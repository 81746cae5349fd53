"""What changes from term to term: the difference formula, with its usual step."""


def draw(rng, needed):
    """Choose central differences or those of fourth order."""
    if rng.integers(2):
        return {"order": 4, "name": "numerical_gradient_fourth_order", "step": 1e-3}
    return {"order": 2, "name": "numerical_gradient", "step": 1e-5}
