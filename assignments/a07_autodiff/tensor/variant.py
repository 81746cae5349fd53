"""What changes from term to term: functions, reductions, and who gets the gradient of a tied maximum."""

FUNCTIONS = ["log", "relu", "sigmoid", "tanh"]
REDUCTIONS = [["sum", "max"], ["sum", "mean"], ["sum", "mean", "max"]]


def draw(rng, needed):
    """Choose two functions besides exp, the reductions, and the rule for ties."""
    chosen = sorted(str(name) for name in rng.choice(FUNCTIONS, size=2, replace=False))
    reductions = REDUCTIONS[int(rng.integers(len(REDUCTIONS)))]
    ties = ["share", "first"][int(rng.integers(2))] if "max" in reductions else None
    left_out = [name for name in FUNCTIONS if name not in chosen]
    return {
        "functions": ["exp", *chosen],
        "reductions": reductions,
        "ties": ties,
        "left_out": left_out + [name for name in ("mean", "max") if name not in reductions],
    }
