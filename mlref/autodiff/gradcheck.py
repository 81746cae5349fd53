"""Numerical gradients, and the checker that students, suites and our own tests use.

Self-contained (numpy only): its text is copied into checks that run where `mlref` is not installed.
"""

from dataclasses import dataclass

import numpy as np

__all__ = [
    "GradientReport",
    "check_gradient",
    "gradient_error",
    "numerical_gradient",
    "numerical_gradient_fourth_order",
]

EPSILON = float(np.finfo(np.float64).eps)
MAX_DRAWS = 8


def numerical_gradient(f, x, h=1e-5):
    """The gradient of a scalar function by central differences, one coordinate at a time.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x` and returns a number.
    x : array of any shape
        The point; it is never changed. Whole numbers are taken as float64.
    h : float
        The step.

    Returns
    -------
    gradient : array of float64, of the shape of `x`

    Notes
    -----
    ``(f(x + h e_i) - f(x - h e_i)) / 2h``: wrong by about ``h**2`` through the third derivative and by
    ``eps |f| / h`` through rounding. Each coordinate is put back from a saved copy: adding h and
    taking it off again does not always give the same number.

    Examples
    --------
    >>> numerical_gradient(lambda x: float(np.sum(x**2)), np.array([1, 2])).round(6)
    array([2., 4.])
    """
    point = np.array(x, dtype=np.float64)
    gradient = np.empty_like(point)
    for index in np.ndindex(point.shape):
        original = point[index]
        point[index] = original + h
        above = float(f(point))
        point[index] = original - h
        below = float(f(point))
        point[index] = original
        gradient[index] = (above - below) / (2 * h)
    return gradient


def numerical_gradient_fourth_order(f, x, h=1e-3):
    """The gradient of a scalar function by differences of fourth order, one coordinate at a time.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x` and returns a number.
    x : array of any shape
        The point; it is never changed. Whole numbers are taken as float64.
    h : float
        The step; larger than for central differences, because the error falls with its fourth power.

    Returns
    -------
    gradient : array of float64, of the shape of `x`

    Notes
    -----
    ``(8 [f(x + h e_i) - f(x - h e_i)] - [f(x + 2h e_i) - f(x - 2h e_i)]) / 12h``.

    Examples
    --------
    >>> numerical_gradient_fourth_order(lambda x: float(np.sum(x**2)), np.array([1, 2])).round(6)
    array([2., 4.])
    """
    point = np.array(x, dtype=np.float64)
    gradient = np.empty_like(point)
    for index in np.ndindex(point.shape):
        original = point[index]
        total = 0.0
        for steps, weight in ((1, 8), (-1, -8), (2, -1), (-2, 1)):
            point[index] = original + steps * h
            total += weight * float(f(point))
        point[index] = original
        gradient[index] = total / (12 * h)
    return gradient


def gradient_error(f, gradient, x):
    """The largest relative difference between a gradient and the numerical one.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x` and returns a number.
    gradient : array of the shape of `x`
        The gradient of `f` at `x` to be judged.
    x : array of any shape

    Returns
    -------
    error : float
        The maximum over the coordinates of ``|a - n| / max(1e-8, |a| + |n|)`` for the given a and the
        numerical n: 0 where both are zero, 1 where one is zero or the signs differ. 0.0 for an empty `x`.

    Raises
    ------
    ValueError
        If `gradient` and `x` differ in shape.

    Examples
    --------
    >>> gradient_error(lambda x: float(np.sum(x**2)), np.array([2.0, -4.0]), np.array([1.0, 2.0]))
    1.0
    """
    gradient = np.asarray(gradient, dtype=np.float64)
    if gradient.shape != np.shape(x):
        raise ValueError(
            f"gradient has shape {gradient.shape} but x has shape {np.shape(x)}; the two must agree"
        )
    numerical = numerical_gradient(f, x)
    difference = np.abs(gradient - numerical)
    size = np.abs(gradient) + np.abs(numerical)
    return float(np.max(difference / np.maximum(1e-8, size), initial=0.0))


@dataclass(frozen=True)
class GradientReport:
    """What `check_gradient` found.

    Attributes
    ----------
    verdict : "ok", "wrong" or "inconclusive"
    block : str or None
        The parameter at fault, or the first one that could not be judged.
    category : "factor", "sign", "transposed", "regulariser", "entry", "unknown" or None
        What kind of mistake it looks like; None unless the values are wrong.
    message : str
        What was compared and what differs, with numbers.
    worst : float
        The largest difference seen, relative to what was expected; the tolerance is on the same scale.
    used : float
        The largest difference in units of what was allowed there, rounding included: above 1 where the
        gradient is wrong.
    """

    verdict: str
    block: str | None
    category: str | None
    message: str
    worst: float
    used: float = np.inf


def check_gradient(f, params, grads, *, directions=2, coordinates=4, rtol=1e-6, seed=0):
    """Compare a gradient with numerical derivatives of the function it belongs to.

    Parameters
    ----------
    f : callable
        Takes a dict like `params` and returns a float; the same value for the same arrays.
    params : dict of float64 arrays
        The point, one array for each block of parameters.
    grads : dict of float64 arrays
        The gradient to be judged, under the same names and of the same shapes.
    directions : int
        How many random directions are tried for each block.
    coordinates : int
        How many single coordinates of each block are tried: half where `grads` is largest, half random.
    rtol : float
        The difference allowed, relative to the derivative.
    seed : int
        For the directions and coordinates.

    Returns
    -------
    report : GradientReport
        "wrong" only if the numerical derivative is stable when the step shrinks; where it is not
        (a kink, noise), other directions are drawn, and at last the verdict is "inconclusive"; at once
        if `f` computes in single precision.

    Raises
    ------
    TypeError, ValueError
        If the check cannot be made: `params` are no float64 arrays, or `f` returns no finite float,
        gives two values for the same arrays or changes them.

    Notes
    -----
    One derivative along a random direction costs two calls of `f` and depends on every coordinate.
    Along a unit vector v of length n, g.v is expected to be as large as ``|g| / sqrt(n)``: the
    tolerance is relative to this, so that a direction almost at right angles to g rejects nobody.

    Examples
    --------
    >>> params = {"w": np.array([1.0, 2.0, 3.0])}
    >>> report = check_gradient(lambda p: float(np.sum(p["w"] ** 2)), params, {"w": params["w"] * 1.0})
    >>> report.verdict, report.category
    ('wrong', 'factor')
    """
    value = _evaluate_with_care(f, params)
    report = _check_form(params, grads) or _check_precision(f, params, value)
    if report is not None:
        return report
    rng = np.random.default_rng(seed)
    worst, used, inconclusive = 0.0, 0.0, None
    for name in params:
        block = _Block(f, params, name, np.asarray(grads[name]), value=value, rtol=rtol)
        for vector in _trials(block, directions, coordinates, rng):
            trial = _settle(block, vector, rng)
            if trial.verdict == "inconclusive":
                inconclusive = inconclusive or name
                continue
            worst, used = max(worst, trial.relative), max(used, trial.used)
            if trial.verdict == "wrong":
                return _diagnose(block, trial, rng)
    if inconclusive is not None:
        text = (
            f"{inconclusive}: the numerical derivative does not settle (a kink or noise); draw another point"
        )
        return GradientReport("inconclusive", inconclusive, None, text, worst, used)
    return GradientReport("ok", None, None, "the gradient agrees with the numerical one", worst, used)


# Before any comparison of values ------------------------------------------------------------------


def _evaluate_with_care(f, params):
    """f(params), after making sure that it is a function that can be differentiated numerically."""
    for name, param in params.items():
        if not isinstance(param, np.ndarray) or param.dtype != np.float64:
            kind = getattr(param, "dtype", type(param).__name__)
            raise TypeError(f"params[{name!r}] must be a float64 array, got {kind}")
    copies = {name: param.copy() for name, param in params.items()}
    first, second = f(copies), f(copies)
    if not isinstance(first, float):
        kind = getattr(first, "dtype", type(first).__name__)
        raise TypeError(f"f must return a float (64 bits), got {kind}")
    if not np.isfinite(first):
        raise ValueError(f"f returned {first} at the point to be checked; it must be finite there")
    for name, copied in copies.items():
        if not np.array_equal(copied, params[name], equal_nan=True):
            raise ValueError(f"f changes params[{name!r}] in place; it must leave its arguments as they are")
    if first != second:
        raise ValueError(
            f"f is not deterministic: {first} and {second} for the same arrays; fix its random draws"
        )
    return float(first)


def _check_form(params, grads):
    """A report if the gradients cannot be compared at all, else None."""
    for name, param in params.items():
        category = None
        if name not in grads or grads[name] is None:
            problem = "there is no gradient"
        else:
            gradient = np.asarray(grads[name])
            if gradient.shape != param.shape:
                problem = (
                    f"the gradient has shape {gradient.shape}, expected {param.shape} like the parameter"
                )
                category = "transposed" if gradient.shape == param.shape[::-1] else None
            elif gradient.dtype != np.float64:
                problem = f"the gradient has dtype {gradient.dtype}, expected float64"
            elif not np.all(np.isfinite(gradient)):
                problem = f"{np.sum(~np.isfinite(gradient))} entries of the gradient are not finite"
            elif np.may_share_memory(gradient, param):
                problem = "the gradient shares memory with the parameter; return a new array"
            else:
                continue
        return GradientReport("wrong", name, category, f"{name}: {problem}", np.inf)
    return None


def _check_precision(f, params, value):
    """A report if f computes in single precision somewhere, else None."""
    rng = np.random.default_rng(0)
    nearby = float(f({name: param + 1e-3 * rng.normal(size=param.shape) for name, param in params.items()}))
    with np.errstate(over="ignore"):
        rounded = float(np.float32(nearby))
    # A value computed in double precision almost never fits into single precision.
    if rounded == nearby != value:
        text = "f computes in float32; numerical derivatives need float64 all the way through"
        return GradientReport("inconclusive", None, None, text, np.inf)
    return None


# One direction ------------------------------------------------------------------------------------


class _Block:
    """One array of parameters with the gradient given for it; the others stay where they are."""

    def __init__(self, f, params, name, gradient, *, value, rtol):
        self.f, self.params, self.name, self.gradient = f, params, name, gradient
        self.value, self.rtol = value, rtol
        self.param = params[name]
        n = max(1, self.param.size)
        self.expected = float(np.linalg.norm(gradient) / np.sqrt(n))
        # The step at which the errors of truncation and of rounding meet.
        self.h = float(np.cbrt(EPSILON) * max(1.0, np.linalg.norm(self.param) / np.sqrt(n)))

    def along(self, vector, h):
        """The function at a step of h, positive or negative, along a vector."""
        return float(self.f({**self.params, self.name: self.param + h * vector}))

    def slope(self, vector, h):
        """The numerical derivative along a vector, and how much it bends: the jump between both sides."""
        above, below = self.along(vector, h), self.along(vector, -h)
        return (above - below) / (2 * h), (above - 2 * self.value + below) / h

    def rounding(self, h):
        """How wrong rounding can make a derivative with this step."""
        return 8 * EPSILON * abs(self.value) / h


@dataclass(frozen=True)
class _Trial:
    verdict: str
    vector: np.ndarray
    given: float
    numerical: float
    relative: float
    used: float


def _try(block, vector):
    """Compare along one vector: "ok", "wrong", or "inconclusive" if the numerical side is not stable."""
    given = float(np.sum(block.gradient * vector))
    numerical, _ = block.slope(vector, block.h)
    scale = max(abs(numerical), block.expected)
    difference = abs(given - numerical)
    relative = difference / scale if difference else 0.0
    allowed = block.rtol * scale + block.rounding(block.h)
    used = difference / allowed if difference else 0.0
    if difference <= allowed:
        return _Trial("ok", vector, given, numerical, relative, used)
    closer, bend = block.slope(vector, block.h / 4)
    closest, closest_bend = block.slope(vector, block.h / 16)
    spread = max(abs(closer - numerical), abs(closest - numerical))
    # A kink at the point itself leaves the central difference stable, but both sides keep apart.
    has_kink = abs(closest_bend) > max(abs(bend) / 2, difference / 4)
    is_stable = spread <= difference / 20 and not has_kink
    return _Trial("wrong" if is_stable else "inconclusive", vector, given, numerical, relative, used)


def _settle(block, vector, rng):
    """Try a vector; where that settles nothing, others: another entry, or another mixture of the same."""
    support = vector != 0
    for _ in range(MAX_DRAWS):
        trial = _try(block, vector)
        if trial.verdict != "inconclusive":
            break
        if np.sum(support) == 1:
            vector = _one_hot(rng.integers(vector.size), vector.shape)
        else:
            vector = _unit(rng.normal(size=vector.shape) * support)
    return trial


def _trials(block, directions, coordinates, rng):
    """The vectors to try: random directions, the largest entries of the gradient, random entries."""
    n = block.param.size
    if n == 0:
        return
    for _ in range(directions):
        yield _unit(rng.normal(size=block.param.shape))
    flat = np.abs(block.gradient).ravel()
    largest = np.argsort(flat)[::-1][: coordinates // 2]
    # Half of the random ones where something flows: most rows of an embedding are not in use.
    used = np.flatnonzero(flat)
    random = [
        rng.choice(used if i % 2 == 0 and used.size else n) for i in range(coordinates - coordinates // 2)
    ]
    for position in dict.fromkeys([*largest.tolist(), *map(int, random)]):
        yield _one_hot(position, block.param.shape)


def _unit(vector):
    """A vector of the same direction and length 1."""
    length = np.linalg.norm(vector)
    return vector / length if length else vector


def _one_hot(position, shape):
    """A 1 at a place of the flattened array, 0 elsewhere."""
    vector = np.zeros(shape)
    vector.flat[position] = 1.0
    return vector


# What kind of mistake -----------------------------------------------------------------------------


def _diagnose(block, trial, rng):
    """The report on a wrong gradient, with the most likely reason."""
    vectors = [_unit(rng.normal(size=block.param.shape)) for _ in range(6)]
    numerical = np.array([block.slope(vector, block.h)[0] for vector in vectors])
    category, reason = _explain(block, vectors, numerical)
    position = None
    if category is None:
        category, reason, position = _find_entry(block, trial, rng)
    if position is None:
        position = int(np.argmax(np.abs(block.gradient)))
    where = "In one entry" if np.count_nonzero(trial.vector) == 1 else "Along a random direction"
    text = (
        f"{block.name}: your gradient and the numerical one disagree. {where}: "
        f"yours {trial.given:.6g}, numerical {trial.numerical:.6g} "
        f"(relative difference {trial.relative:.1g}, allowed {block.rtol:.0e}). "
        f"{reason} {_example(block, position)}"
    )
    return GradientReport("wrong", block.name, category, text, trial.relative, trial.used)


def _explain(block, vectors, numerical):
    """Category and reason if one simple change makes the gradient right, else (None, None)."""

    def along(array):
        return np.array([np.sum(array * vector) for vector in vectors])

    allowed = block.rtol * max(np.linalg.norm(numerical), block.expected) + 3 * block.rounding(block.h)

    def fits(values):
        return np.linalg.norm(values - numerical) <= allowed

    given = along(block.gradient)
    if not np.any(block.gradient):
        return "factor", "Yours is zero everywhere."
    factor = float(given @ numerical / (numerical @ numerical)) if np.any(numerical) else 0.0
    if factor and fits(given / factor):
        if abs(factor + 1) < 1e-4:
            return "sign", "Yours has the opposite sign in every direction."
        return (
            "factor",
            f"Yours is {_times(factor)} the right one in every direction: check the factor in front.",
        )
    if block.param.ndim == 2 and block.param.shape == block.param.T.shape and fits(along(block.gradient.T)):
        return "transposed", "The transpose of yours is right."
    of_param = along(block.param)
    if np.any(of_param):
        weight = float((numerical - given) @ of_param / (of_param @ of_param))
        if fits(given + weight * of_param):
            return (
                "regulariser",
                f"{weight:.4g} * {block.name} added to yours is right: check the regulariser.",
            )
    return None, None


def _times(factor):
    """A factor in words, as a fraction where it is one."""
    inverse = 1 / factor
    if abs(factor) < 1 and abs(inverse - round(inverse)) < 1e-4 * abs(inverse):
        return f"1/{round(inverse)} of"
    return f"{factor:.6g} times"


def _find_entry(block, trial, rng):
    """Category, reason and position of a wrong entry, found by halving the set it must be in."""
    candidates = np.flatnonzero(trial.vector)
    while candidates.size > 1:
        candidates = rng.permutation(candidates)
        half, other = np.array_split(candidates, 2)
        vector = np.zeros(block.param.shape)
        vector.flat[half] = rng.normal(size=half.size)
        candidates = half if _settle(block, _unit(vector), rng).verdict == "wrong" else other
    position = int(candidates[0])
    repaired = block.gradient.copy()
    repaired.flat[position] = block.slope(_one_hot(position, block.param.shape), block.h)[0]
    rest = _Block(block.f, block.params, block.name, repaired, value=block.value, rtol=block.rtol)
    if all(_settle(rest, _unit(rng.normal(size=repaired.shape)), rng).verdict == "ok" for _ in range(2)):
        return "entry", "All other entries seem right.", position
    return "unknown", "Several entries are wrong, by different factors.", position


def _example(block, position):
    """One entry, yours and the numerical one."""
    index = ", ".join(str(int(i)) for i in np.unravel_index(position, block.param.shape))
    numerical = block.slope(_one_hot(position, block.param.shape), block.h)[0]
    given = block.gradient.flat[position]
    return f"For example {block.name}[{index}]: yours {given:.6g}, numerical {numerical:.6g}."
