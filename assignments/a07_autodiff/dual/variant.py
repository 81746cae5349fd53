"""What changes from term to term: which functions the numbers know besides arithmetic, exp and log."""

# Sine and cosine come together: the second derivative of the one needs the other.
GROUPS = {"sqrt": ["sqrt"], "tanh": ["tanh"], "trigonometric": ["sin", "cos"]}


def draw(rng, needed):
    """Choose two of the three groups; exp and log always belong to the numbers, powers need them."""
    chosen = sorted(str(group) for group in rng.choice(sorted(GROUPS), size=2, replace=False))
    functions = ["exp", "log", *(name for group in chosen for name in GROUPS[group])]
    left_out = [name for group in GROUPS if group not in chosen for name in GROUPS[group]]
    return {"functions": functions, "left_out": left_out} | {group: group in chosen for group in GROUPS}
