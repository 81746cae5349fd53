"""What changes from term to term: which functions the numbers know besides arithmetic."""

FUNCTIONS = ["cos", "log", "relu", "sigmoid", "sin", "sqrt", "tanh"]


def draw(rng, needed):
    """Choose three functions; exp always belongs to them."""
    chosen = sorted(str(name) for name in rng.choice(FUNCTIONS, size=3, replace=False))
    left_out = [name for name in FUNCTIONS if name not in chosen]
    return {"functions": ["exp", *chosen], "left_out": left_out} | {
        name: name in chosen for name in FUNCTIONS
    }
