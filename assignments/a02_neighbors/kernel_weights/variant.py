"""What changes from term to term: the kernel."""


def draw(rng, needed):
    """Choose the kernel; the estimators of the next questions use the same one."""
    return {"kernel": str(rng.choice(["gaussian", "triangular", "epanechnikov"]))}
