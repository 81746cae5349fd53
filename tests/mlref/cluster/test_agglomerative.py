"""Agglomerative clustering."""

import numpy as np
import pytest
import scipy.cluster.hierarchy as hierarchy
import sklearn.cluster
from scipy.spatial.distance import pdist, squareform

from mlref.cluster import AgglomerativeClustering, agglomerative, agglomerative_simple, cut_tree
from mlref.errors import ShapeError

LINKAGES = ["single", "complete", "average", "ward"]
every_linkage = pytest.mark.parametrize("linkage", LINKAGES)


def samples(seed, n=40, d=3):
    return np.random.default_rng(seed).normal(size=(n, d))


@every_linkage
def test_merges_equal_scipys(linkage):
    X = samples(0, n=60)
    merges = agglomerative(squareform(pdist(X)), linkage)
    np.testing.assert_allclose(merges, hierarchy.linkage(X, linkage), rtol=1e-10)


@pytest.mark.parametrize("linkage", LINKAGES[:3])
def test_merges_equal_the_search_of_the_whole_table(linkage):
    D = squareform(pdist(samples(1, n=15)))
    np.testing.assert_allclose(agglomerative(D, linkage), agglomerative_simple(D, linkage))


@every_linkage
def test_heights_rise_and_sizes_add_up(linkage):
    # A grid: nearly all distances are tied.
    X = np.stack(np.meshgrid(np.arange(5.0), np.arange(4.0)), axis=-1).reshape(-1, 2)
    merges = agglomerative(squareform(pdist(X)), linkage)
    assert np.all(np.diff(merges[:, 2]) >= -1e-12)
    sizes = np.concatenate([np.ones(20), merges[:, 3]])
    children = merges[:, :2].astype(int)
    np.testing.assert_array_equal(sizes[children].sum(axis=1), merges[:, 3])
    assert sorted(children.ravel().tolist()) == list(range(38))
    np.testing.assert_allclose(merges[:, 2].sum(), hierarchy.linkage(X, linkage)[:, 2].sum(), rtol=0.05)


@every_linkage
def test_the_order_of_the_samples_does_not_matter(linkage):
    D = squareform(pdist(samples(2)))
    order = np.random.default_rng(0).permutation(len(D))
    np.testing.assert_allclose(
        agglomerative(D[np.ix_(order, order)], linkage)[:, 2:], agglomerative(D, linkage)[:, 2:]
    )


@every_linkage
def test_labels_equal_scikit_learns(linkage):
    X = samples(3)
    ours = AgglomerativeClustering(5, linkage=linkage).fit(X)
    theirs = sklearn.cluster.AgglomerativeClustering(5, linkage=linkage).fit(X)
    pairs = set(zip(ours.labels_.tolist(), theirs.labels_.tolist(), strict=True))
    assert len(pairs) == 5
    np.testing.assert_array_equal(np.sort(ours.children_), np.sort(theirs.children_))


def test_labels_are_numbered_by_first_appearance():
    merges = agglomerative(squareform(pdist(samples(4))), "average")
    for n_clusters in (1, 2, 7, 40):
        labels = cut_tree(merges, n_clusters)
        first = [np.flatnonzero(labels == k)[0] for k in range(n_clusters)]
        assert first == sorted(first)
        assert labels.max() == n_clusters - 1


def test_two_samples():
    np.testing.assert_array_equal(agglomerative(np.array([[0.0, 3.0], [3.0, 0.0]]), "ward"), [[0, 1, 3, 2]])


def test_the_table_is_not_changed():
    D = squareform(pdist(samples(5)))
    D.setflags(write=False)
    for linkage in LINKAGES:
        agglomerative(D, linkage)


def test_bad_arguments_raise():
    with pytest.raises(ShapeError, match=r"D has shape \(2, 3\); it must be square"):
        agglomerative(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="D is not a table of distances"):
        agglomerative(np.array([[0.0, 1.0], [2.0, 0.0]]))
    with pytest.raises(ValueError, match="D is not a table of distances"):
        agglomerative(np.ones((2, 2)))
    with pytest.raises(ValueError, match="linkage is 'median'"):
        agglomerative(np.zeros((2, 2)), "median")
    with pytest.raises(ValueError, match="n_clusters is 3"):
        cut_tree(np.array([[0.0, 1.0, 1.0, 2.0]]), 3)
    with pytest.raises(ShapeError, match="n_samples = 1"):
        AgglomerativeClustering().fit(np.ones((1, 2)))
