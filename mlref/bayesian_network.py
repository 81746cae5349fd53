"""A small Bayesian network of discrete variables: tables of conditional probabilities, exact inference.

Numpy only. Variables are named by strings, their values are numbers from 0.
"""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from mlref.errors import ShapeError, check_count

__all__ = [
    "BayesianNetwork",
    "Factor",
    "estimate_table",
]


@dataclass(frozen=True)
class Factor:
    """A table over some variables: a function that is not negative, one axis a variable.

    Parameters
    ----------
    variables : tuple of str
    table : array of shape (n_values of each variable, ...)

    Examples
    --------
    >>> rain = Factor(("rain",), np.array([0.8, 0.2]))
    >>> wet = Factor(("rain", "wet"), np.array([[0.9, 0.1], [0.2, 0.8]]))
    >>> (rain * wet).sum_out("rain").table
    array([0.76, 0.24])
    """

    variables: tuple
    table: np.ndarray

    def __mul__(self, other):
        """Product at every joint value: the variables of both, axes that both have are matched by name."""
        variables = self.variables + tuple(v for v in other.variables if v not in self.variables)
        return Factor(variables, self._spread(variables) * other._spread(variables))

    def sum_out(self, variable):
        """Sum over the values of a variable, which then is gone.

        Parameters
        ----------
        variable : str

        Returns
        -------
        factor : Factor
        """
        axis = self.variables.index(variable)
        return Factor(self.variables[:axis] + self.variables[axis + 1 :], np.sum(self.table, axis=axis))

    def at(self, evidence):
        """The part of the table where variables have known values; they then are gone.

        Parameters
        ----------
        evidence : dict of str to int
            Variables that the factor does not have are passed over.

        Returns
        -------
        factor : Factor
        """
        index = tuple(evidence.get(variable, slice(None)) for variable in self.variables)
        return Factor(tuple(v for v in self.variables if v not in evidence), self.table[index])

    def _spread(self, variables):
        """The table with its axes in the order of the variables, and one of length 1 for each it lacks."""
        present = [v for v in variables if v in self.variables]
        table = np.transpose(self.table, [self.variables.index(v) for v in present])
        return table.reshape([table.shape[present.index(v)] if v in present else 1 for v in variables])


class BayesianNetwork:
    """A joint distribution as a product of one conditional table a variable.

    Parameters
    ----------
    tables : dict of str to (tuple of str, array of shape (n_values of each parent, ..., n_values))
        For every variable its parents and the probability of its values, the last axis, given theirs. Parents
        come before their children.

    Raises
    ------
    ShapeError
        If a table does not fit the number of values of the parents.
    ValueError
        If a parent is unknown or comes after its child, or probabilities are negative or do not sum to one.

    References
    ----------
    Koller and Friedman (2009), *Probabilistic Graphical Models*, chapters 3 and 9.

    Examples
    --------
    >>> network = BayesianNetwork({
    ...     "rain": ((), np.array([0.8, 0.2])),
    ...     "sprinkler": (("rain",), np.array([[0.6, 0.4], [0.99, 0.01]])),
    ...     "wet": (("sprinkler", "rain"), np.array([[[1.0, 0.0], [0.2, 0.8]], [[0.1, 0.9], [0.01, 0.99]]])),
    ... })
    >>> network.query(["rain"], {"wet": 1}).round(4)
    array([0.6423, 0.3577])
    """

    def __init__(self, tables):
        """Check the tables and keep them as factors."""
        self.parents, self.factors, self.n_values = {}, {}, {}
        for name, (parents, values) in tables.items():
            table = np.asarray(values, dtype=np.float64)
            for parent in parents:
                if parent not in self.factors:
                    raise ValueError(f"{name} has the parent {parent!r}, which must come before it in tables")
            expected = tuple(self.n_values[parent] for parent in parents)
            if table.ndim != len(parents) + 1 or table.shape[:-1] != expected:
                raise ShapeError(
                    f"the table of {name} has shape {table.shape}; it must be {(*expected, 'n_values')}, one "
                    f"axis for each of the parents {tuple(parents)} and the last for its own values"
                )
            if np.any(table < 0) or not np.allclose(np.sum(table, axis=-1), 1, rtol=0, atol=1e-9):
                raise ValueError(
                    f"the table of {name} must not be negative and must sum to 1 over its last axis"
                )
            self.parents[name], self.n_values[name] = tuple(parents), table.shape[-1]
            self.factors[name] = Factor((*parents, name), table)

    def joint(self):
        """Probability of every combination of values.

        Returns
        -------
        joint : Factor
            With the variables in their order; as many entries as there are combinations.
        """
        product = reduce(Factor.__mul__, self.factors.values())
        return Factor(tuple(self.factors), product._spread(tuple(self.factors)))

    def query(self, variables, evidence=None):
        """Joint distribution of some variables, given the values of others.

        Parameters
        ----------
        variables : list of str
        evidence : dict of str to int, optional

        Returns
        -------
        probabilities : array of shape (n_values of each variable, ...)
            Sums to one.

        Raises
        ------
        ValueError
            If a name or a value is unknown, a variable is asked for and given, or the evidence is impossible.

        Notes
        -----
        Variable elimination: a sum over a variable touches only the factors that hold it, so only these are
        multiplied before it is summed out. The variable whose product is smallest goes first. The largest
        table on the way, not the whole joint distribution, is the cost.
        """
        evidence = self._checked(variables, evidence)
        factors = [factor.at(evidence) for factor in self.factors.values()]
        hidden = set(self.factors) - set(variables) - set(evidence)
        while hidden:
            variable = min(sorted(hidden), key=lambda v: self._product_size(factors, v))
            together = reduce(Factor.__mul__, [f for f in factors if variable in f.variables])
            factors = [f for f in factors if variable not in f.variables] + [together.sum_out(variable)]
            hidden.remove(variable)
        return _normalised(reduce(Factor.__mul__, factors), variables)

    def query_simple(self, variables, evidence=None):
        """The same as `query`, by summing over the whole joint distribution.

        Parameters
        ----------
        variables : list of str
        evidence : dict of str to int, optional

        Returns
        -------
        probabilities : array of shape (n_values of each variable, ...)
        """
        evidence = self._checked(variables, evidence)
        factor = self.joint().at(evidence)
        for variable in set(factor.variables) - set(variables):
            factor = factor.sum_out(variable)
        return _normalised(factor, variables)

    def sample(self, n, rng):
        """Draw joint values, parents before children.

        Parameters
        ----------
        n : int
        rng : numpy.random.Generator

        Returns
        -------
        values : dict of str to array of shape (n,)
        """
        check_count(n, "n")
        values = {}
        for name, parents in self.parents.items():
            rows = self.factors[name].table[tuple(values[p] for p in parents)]
            heads = np.cumsum(np.broadcast_to(rows, (n, self.n_values[name])), axis=1)
            # Below the last entry, which rounding can leave under 1.
            values[name] = np.sum(rng.random((n, 1)) * heads[:, -1:] >= heads, axis=1)
        return values

    def _checked(self, variables, evidence):
        evidence = dict(evidence or {})
        for name in (*variables, *evidence):
            if name not in self.factors:
                raise ValueError(f"{name!r} is no variable; it must be one of {', '.join(self.factors)}")
        for name, value in evidence.items():
            if name in variables:
                raise ValueError(f"{name} is asked for and given; leave it out of one of the two")
            if value not in range(self.n_values[name]):
                raise ValueError(f"{name} is {value!r}; it must be from 0 to {self.n_values[name] - 1}")
        return evidence

    def _product_size(self, factors, variable):
        joined = {v for factor in factors if variable in factor.variables for v in factor.variables}
        return np.prod([self.n_values[v] for v in joined])


def estimate_table(child, parents, n_values, alpha=1.0):
    """Conditional table from data: shares of the values of a variable, given the values of its parents.

    Parameters
    ----------
    child : array of shape (n_samples,)
        Values from 0.
    parents : list of array of shape (n_samples,)
    n_values : tuple of int
        Number of values of each parent and, last, of the child.
    alpha : float
        Added to every count, so that what was never seen is not impossible.

    Returns
    -------
    table : array of shape n_values

    Raises
    ------
    ValueError
        If alpha is negative, or a combination of parents was never seen and alpha is zero.

    Examples
    --------
    >>> rain, wet = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    >>> estimate_table(wet, [rain], (2, 2), alpha=0.0).round(3)
    array([[0.667, 0.333],
           [0.   , 1.   ]])
    """
    if not alpha >= 0:
        raise ValueError(f"alpha is {alpha!r}; it must not be negative")
    cell = np.ravel_multi_index((*parents, child), n_values)
    counts = np.bincount(cell, minlength=int(np.prod(n_values))).reshape(n_values) + alpha
    total = np.sum(counts, axis=-1, keepdims=True)
    if np.any(total == 0):
        raise ValueError("a combination of the parents' values was never seen; choose alpha > 0")
    return counts / total


def _normalised(factor, variables):
    total = np.sum(factor.table)
    if total == 0:
        raise ValueError("the evidence has probability 0: nothing can be inferred from it")
    return factor._spread(tuple(variables)) / total
