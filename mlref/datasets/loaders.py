"""Small data sets that ship with the package; sources and licences are in NOTICE."""

import csv
import gzip
from importlib.resources import files

import numpy as np

__all__ = [
    "load_breast_cancer",
    "load_curve_fit",
    "load_diabetes",
    "load_digits",
    "load_iris",
    "load_nile",
    "load_sunspots",
    "load_wine",
]


def load_iris():
    """Measures of 150 iris flowers of three species.

    Returns
    -------
    X : array of shape (150, 4)
        Length and width of the sepals, length and width of the petals, in cm.
    y : array of shape (150,)
        0 setosa, 1 versicolor, 2 virginica; 50 of each, in this order.

    References
    ----------
    Fisher (1936), The use of multiple measurements in taxonomic problems, *Annals of Eugenics* 7(2).

    Examples
    --------
    >>> X, y = load_iris()
    >>> X.shape, np.bincount(y).tolist()
    ((150, 4), [50, 50, 50])
    """
    rows = _read_table("iris.csv")
    X = np.array([row[:4] for row in rows], dtype=np.float64)
    species = np.array([row[4] for row in rows])
    return X, np.searchsorted(["setosa", "versicolor", "virginica"], species)


def load_diabetes(*, scaled=True):
    """Ten measures of 442 diabetes patients and how their disease progressed in a year.

    Parameters
    ----------
    scaled : bool
        True gives every column mean zero and a sum of squares of one; False gives the measures as taken.

    Returns
    -------
    X : array of shape (442, 10)
        Age in years, sex (1 or 2), body mass index, mean blood pressure, and six values of the blood serum.
    y : array of shape (442,)
        Progression after one year, from 25 to 346.

    References
    ----------
    Efron, Hastie, Johnstone and Tibshirani (2004), Least angle regression, *Annals of Statistics* 32(2).

    Examples
    --------
    >>> X, y = load_diabetes(scaled=False)
    >>> X.shape, float(X[0, 0]), float(y[0])
    ((442, 10), 59.0, 151.0)
    """
    table = np.array(_read_table("diabetes.csv"), dtype=np.float64)
    X, y = table[:, :-1], table[:, -1]
    if scaled:
        X = X - X.mean(axis=0)
        X = X / np.sqrt(np.sum(X**2, axis=0))
    return X, y


def load_wine():
    """Thirteen chemical measures of 178 wines of three growers.

    Returns
    -------
    X : array of shape (178, 13)
        In different units, from hundredths to thousands: distances need scaling first.
    y : array of shape (178,)
        Grower, 0 to 2.

    References
    ----------
    Aeberhard and Forina (1992), Wine, UCI Machine Learning Repository.

    Examples
    --------
    >>> X, y = load_wine()
    >>> X.shape, np.bincount(y).tolist()
    ((178, 13), [59, 71, 48])
    """
    return _features_and_labels("wine.csv")


def load_breast_cancer():
    """Thirty measures of 569 tumours, seen in images of cells, and whether they were benign.

    Returns
    -------
    X : array of shape (569, 30)
        Mean, standard error and worst value of ten measures of the cells' nuclei.
    y : array of shape (569,)
        0 malignant, 1 benign.

    References
    ----------
    Wolberg, Mangasarian, Street and Street (1993), Breast Cancer Wisconsin (Diagnostic), UCI Machine Learning
    Repository.

    Examples
    --------
    >>> X, y = load_breast_cancer()
    >>> X.shape, np.bincount(y).tolist()
    ((569, 30), [212, 357])
    """
    return _features_and_labels("breast_cancer.csv")


def load_digits():
    """Handwritten digits as 1797 images of 8 by 8 pixels.

    Returns
    -------
    X : array of shape (1797, 64)
        Brightness from 0 to 16, row by row; ``X.reshape(-1, 8, 8)`` gives the images.
    y : array of shape (1797,)
        The digit, 0 to 9.

    References
    ----------
    Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository.

    Examples
    --------
    >>> X, y = load_digits()
    >>> X.shape, y[:5].tolist()
    ((1797, 64), [0, 1, 2, 3, 4])
    """
    return _features_and_labels("digits.csv.gz")


def load_sunspots():
    """Yearly mean number of sunspots, 1700 to 2008: a cycle of about eleven years.

    Returns
    -------
    years : array of shape (309,)
    sunspots : array of shape (309,)

    Examples
    --------
    >>> years, sunspots = load_sunspots()
    >>> int(years[0]), float(sunspots[0])
    (1700, 5.0)
    """
    return _series("sunspots.csv")


def load_nile():
    """Yearly flow of the Nile at Aswan, 1871 to 1970: it falls around 1898.

    Returns
    -------
    years : array of shape (100,)
    volume : array of shape (100,)
        In 10^8 cubic metres.

    References
    ----------
    Cobb (1978), The problem of the Nile: conditional solution to a change-point problem, *Biometrika* 65(2).

    Examples
    --------
    >>> years, volume = load_nile()
    >>> int(years[0]), float(volume[0])
    (1871, 1120.0)
    """
    return _series("nile.csv")


def load_curve_fit():
    """Ten noisy points of one period of a sine: the textbook example of over-fitting by polynomials.

    Returns
    -------
    x : array of shape (10,)
        0, 1/9, 2/9 ... 1.
    t : array of shape (10,)

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, figure 1.2.

    Examples
    --------
    >>> x, t = load_curve_fit()
    >>> np.polyfit(x, t, 1).round(4).tolist()
    [-1.2678, 0.8202]
    """
    t = [
        0.349486,
        0.830839,
        1.007332,
        0.971507,
        0.133066,
        0.166823,
        -0.848307,
        -0.445686,
        -0.563567,
        0.261502,
    ]
    return np.arange(10) / 9, np.array(t)


def _features_and_labels(name):
    table = np.array(_read_table(name), dtype=np.float64)
    return table[:, :-1], table[:, -1].astype(np.int64)


def _series(name):
    table = np.array(_read_table(name), dtype=np.float64)
    return table[:, 0].astype(np.int64), table[:, 1]


def _read_table(name):
    """Rows of a CSV of this package as text, without the header."""
    content = files("mlref").joinpath("data", name).read_bytes()
    if name.endswith(".gz"):
        content = gzip.decompress(content)
    return list(csv.reader(content.decode("utf-8").splitlines()))[1:]
