"""Ten small questions as an author would write them: solution, prompt and hidden check."""

SOLUTIONS = {
    "softmax": '''
def softmax(logits):
    """Class probabilities."""
    # Large logits would overflow the exponential.
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    return exponentials / np.sum(exponentials, axis=1, keepdims=True)
''',
    "kmeans": '''
def kmeans(X, centers, n_iterations):
    """Centers after some iterations."""
    for _ in range(n_iterations):
        distances = np.sum((X[:, None, :] - centers[None, :, :]) ** 2, axis=2)
        labels = np.argmin(distances, axis=1)
        # A center without points stays where it is.
        centers = np.stack(
            [X[labels == k].mean(axis=0) if np.any(labels == k) else centers[k] for k in range(len(centers))]
        )
    return centers
''',
    "pca": '''
def pca(X, n_components):
    """Projection on the leading components."""
    centered = X - X.mean(axis=0)
    _, _, directions = np.linalg.svd(centered, full_matrices=False)
    # The sign of a direction is free, so the largest entry decides.
    largest = np.argmax(np.abs(directions), axis=1)
    signs = np.sign(directions[np.arange(len(directions)), largest])
    return centered @ (directions * signs[:, None])[:n_components].T
''',
    "ridge": '''
def ridge(X, y, penalty):
    """Coefficients and intercept."""
    column_means, target_mean = X.mean(axis=0), y.mean()
    gram = (X - column_means).T @ (X - column_means) + penalty * np.eye(X.shape[1])
    coefficients = np.linalg.solve(gram, (X - column_means).T @ (y - target_mean))
    # The intercept is not punished, it only moves the plane.
    return coefficients, target_mean - column_means @ coefficients
''',
    "conv": '''
def conv(image, kernel):
    """Valid cross-correlation."""
    height, width = kernel.shape
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    result = np.zeros((rows, columns))
    for i in range(height):
        for j in range(width):
            # One shifted copy of the image for each weight.
            result += kernel[i, j] * image[i : i + rows, j : j + columns]
    return result
''',
    "adam": '''
def adam(gradient, x, steps, rate, beta1, beta2):
    """Position after some steps."""
    first, second = np.zeros_like(x), np.zeros_like(x)
    for t in range(1, steps + 1):
        g = gradient(x)
        first = beta1 * first + (1 - beta1) * g
        second = beta2 * second + (1 - beta2) * g**2
        # Both moments start at zero and are too small at first.
        x = x - rate * (first / (1 - beta1**t)) / (np.sqrt(second / (1 - beta2**t)) + 1e-8)
    return x
''',
    "gini": '''
def best_split(x, y):
    """Threshold with the least impurity."""
    order = np.argsort(x)
    values, labels = x[order], y[order]
    best_score, best_threshold = np.inf, None
    for cut in range(1, len(values)):
        # Equal values cannot be told apart by a threshold.
        if values[cut] == values[cut - 1]:
            continue
        left, right = labels[:cut].mean(), labels[cut:].mean()
        score = cut * left * (1 - left) + (len(values) - cut) * right * (1 - right)
        if score < best_score:
            best_score, best_threshold = score, (values[cut] + values[cut - 1]) / 2
    return best_threshold
''',
    "bayes": '''
def naive_bayes(X, y, Q, smoothing):
    """Most likely class of each query."""
    classes = np.unique(y)
    scores = []
    for label in classes:
        counts = X[y == label].sum(axis=0) + smoothing
        # Products of many small numbers would vanish.
        log_likelihood = Q @ np.log(counts / counts.sum())
        scores.append(log_likelihood + np.log(np.mean(y == label)))
    return classes[np.argmax(np.stack(scores, axis=1), axis=1)]
''',
    "attention": '''
def attention(queries, keys, values, mask):
    """Weighted mean of the values."""
    scores = queries @ keys.T / math.sqrt(keys.shape[1])
    # A masked pair must not count at all.
    scores = np.where(mask, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return weights @ values
''',
    "batch_norm": '''
def batch_norm(X, scale, shift, epsilon):
    """Normalised columns."""
    mean = X.mean(axis=0)
    # The biased variance belongs to training.
    variance = ((X - mean) ** 2).mean(axis=0)
    normalised = (X - mean) / np.sqrt(variance + epsilon)
    return scale * normalised + shift
''',
}

HIDDEN = '''
import numpy as np

from autograder.testing import assert_close, hint, weight


@weight(2)
@hint("Where does {name} meet an unusual input for the first time?")
def test_{name}_far_from_the_origin(student, reference, rng):
    """{name} far from the origin"""
    # Moving everything must not change the digits that are compared.
    data = rng.normal(loc=1729.25 + {number}, scale=3.7185, size=(31, 5))
    expected = reference.{name}_on(data, offset={number}.4321)
    assert_close(student.{name}_on(data, offset={number}.4321), expected, rtol=1e-7)


def test_{name}_with_a_single_row(student, reference, rng):
    """{name} of one row"""
    row = rng.uniform(low=-2.5, high=7.25, size=(1, 4))
    assert_close(student.{name}_on(row, offset=0.0), reference.{name}_on(row, offset=0.0))
'''

PUBLIC = '''
import numpy as np

from autograder.testing import assert_close, hint, weight


@weight(1)
@hint("Try two rows by hand.")
def test_two_rows(student):
    """two rows"""
    assert_close(student.{name}_on(np.array([[1.0, 2.0], [3.0, 4.0]]), offset=0.0), np.array([2.5, 3.5]))
'''

PROMPT = """\
Write the function below. Rows are samples and columns are features; the number of rows can be one.

### Rules

* Work with arrays: `np.sum`, `np.mean`, `axis=1` and `keepdims=True` are what you need, for instance in
  `np.mean(X, axis=0)`.
* The result has dtype `float64` and no entry is `nan`; a warning of numpy counts as an error.
* Compute `X - X.max()` before anything that could overflow, and do not write into `X`.

| argument | shape |
|---|---|
| `X` | `(n_samples, n_features)` |
"""

GIVEN = '''
import numpy as np


def check_matrix(X):
    """Refuse what is not a matrix."""
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2:
        raise ValueError(f"X has shape {X.shape}; a matrix is needed")
    return X


class Standardiser:
    """Columns with mean 0 and standard deviation 1."""

    def fit(self, X):
        self.mean_ = X.mean(axis=0)
        self.scale_ = np.sqrt(((X - self.mean_) ** 2).mean(axis=0))
        return self

    def transform(self, X):
        return (X - self.mean_) / self.scale_
'''
