"""What changes from term to term: whether every row counts the same."""


def draw(rng, needed):
    """Choose whether the metrics must honour ``sample_weight``."""
    return {"sample_weight": bool(rng.integers(2))}
