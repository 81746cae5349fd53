"""Bayesian network: exact inference by enumeration and by elimination."""

import itertools

import numpy as np
import pytest

from mlref.bayesian_network import BayesianNetwork, Factor, estimate_table
from mlref.errors import ShapeError


def alarm():
    """The burglary network of Russell and Norvig, *Artificial Intelligence*, chapter on Bayesian networks."""
    return BayesianNetwork(
        {
            "burglary": ((), [0.999, 0.001]),
            "earthquake": ((), [0.998, 0.002]),
            "alarm": (
                ("burglary", "earthquake"),
                [[[0.999, 0.001], [0.71, 0.29]], [[0.06, 0.94], [0.05, 0.95]]],
            ),
            "john": (("alarm",), [[0.95, 0.05], [0.1, 0.9]]),
            "mary": (("alarm",), [[0.99, 0.01], [0.3, 0.7]]),
        }
    )


def random_network(seed, n=7):
    """Variables of two or three values, each with up to three parents among those before it."""
    rng = np.random.default_rng(seed)
    tables, n_values = {}, {}
    for i in range(n):
        name = f"v{i}"
        parents = tuple(rng.permutation(list(n_values))[: rng.integers(0, 4)]) if i else ()
        n_values[name] = int(rng.integers(2, 4))
        shape = tuple(n_values[parent] for parent in parents)
        tables[name] = (parents, rng.dirichlet(np.ones(n_values[name]), size=shape or None))
    return BayesianNetwork(tables)


def test_the_burglary_network_answers_as_in_the_book():
    network = alarm()
    given = network.query(["burglary"], {"john": 1, "mary": 1})
    np.testing.assert_allclose(given, [0.716, 0.284], atol=5e-4)
    values = {"john": 1, "mary": 1, "alarm": 1, "burglary": 0, "earthquake": 0}
    joint = network.joint()
    assert joint.at(values).table == pytest.approx(0.000628, abs=5e-7)


@pytest.mark.parametrize("seed", range(5))
def test_elimination_equals_enumeration(seed):
    network = random_network(seed)
    rng = np.random.default_rng(seed)
    names = list(network.factors)
    for _ in range(5):
        order = rng.permutation(names)
        asked, known = list(order[:2]), {v: int(rng.integers(network.n_values[v])) for v in order[2:4]}
        ours = network.query(asked, known)
        assert ours.shape == tuple(network.n_values[v] for v in asked)
        np.testing.assert_allclose(ours, network.query_simple(asked, known), rtol=1e-10)


def test_the_joint_distribution_is_the_product_of_the_tables():
    network = random_network(6, n=4)
    joint = network.joint()
    assert joint.variables == ("v0", "v1", "v2", "v3")
    assert joint.table.sum() == pytest.approx(1)
    for values in itertools.product(*(range(n) for n in network.n_values.values())):
        named = dict(zip(joint.variables, values, strict=True))
        product = np.prod([float(factor.at(named).table) for factor in network.factors.values()])
        assert joint.table[values] == pytest.approx(product)


def test_a_common_effect_couples_its_causes():
    """Once the alarm is heard, an earthquake explains the burglary away."""
    network = alarm()
    assert network.query(["burglary"], {"earthquake": 1})[1] == pytest.approx(0.001)
    heard = network.query(["burglary"], {"alarm": 1})[1]
    explained = network.query(["burglary"], {"alarm": 1, "earthquake": 1})[1]
    assert explained < heard / 100


def test_the_order_of_the_question_is_the_order_of_the_axes():
    network = alarm()
    table = network.query(["john", "burglary"], {"mary": 1})
    np.testing.assert_allclose(network.query(["burglary", "john"], {"mary": 1}), table.T)


def test_samples_have_the_distribution_of_the_network():
    network = random_network(7, n=4)
    values = network.sample(20_000, np.random.default_rng(8))
    counts = np.zeros(tuple(network.n_values.values()))
    np.add.at(counts, tuple(values[v] for v in network.factors), 1)
    np.testing.assert_allclose(counts / 20_000, network.joint().table, atol=0.012)


def test_tables_estimated_from_samples_come_back():
    network = alarm()
    values = network.sample(50_000, np.random.default_rng(9))
    table = estimate_table(values["john"], [values["alarm"]], (2, 2))
    np.testing.assert_allclose(table[0], network.factors["john"].table[0], atol=0.01)
    np.testing.assert_allclose(table.sum(axis=-1), 1)


def test_one_of_each_is_added_to_the_counts():
    table = estimate_table(np.array([0, 0, 0]), [np.array([1, 1, 1])], (2, 2))
    np.testing.assert_allclose(table, [[1 / 2, 1 / 2], [4 / 5, 1 / 5]])


def test_factors_match_their_axes_by_name():
    rng = np.random.default_rng(10)
    ab, bca = rng.random((2, 3)), rng.random((3, 4, 2))
    product = Factor(("a", "b"), ab) * Factor(("b", "c", "a"), bca)
    assert product.variables == ("a", "b", "c")
    np.testing.assert_allclose(product.table, np.einsum("ab,bca->abc", ab, bca))


def test_bad_networks_and_questions_raise():
    with pytest.raises(ValueError, match="wet has the parent 'rain', which must come before it"):
        BayesianNetwork({"wet": (("rain",), np.full((2, 2), 0.5))})
    with pytest.raises(
        ShapeError, match=r"the table of wet has shape \(3, 2\); it must be \(2, 'n_values'\)"
    ):
        BayesianNetwork({"rain": ((), [0.5, 0.5]), "wet": (("rain",), np.full((3, 2), 0.5))})
    with pytest.raises(ValueError, match="the table of rain must not be negative and must sum to 1"):
        BayesianNetwork({"rain": ((), [0.5, 0.6])})
    network = alarm()
    with pytest.raises(ValueError, match="'thief' is no variable; it must be one of burglary"):
        network.query(["thief"])
    with pytest.raises(ValueError, match="alarm is 2; it must be from 0 to 1"):
        network.query(["john"], {"alarm": 2})
    with pytest.raises(ValueError, match="john is asked for and given"):
        network.query(["john"], {"john": 1})
    certain = BayesianNetwork({"rain": ((), [1.0, 0.0]), "wet": (("rain",), [[1.0, 0.0], [0.0, 1.0]])})
    with pytest.raises(ValueError, match="the evidence has probability 0"):
        certain.query(["rain"], {"wet": 1})
    with pytest.raises(ValueError, match="choose alpha > 0"):
        estimate_table(np.array([0]), [np.array([0])], (2, 2), alpha=0.0)
