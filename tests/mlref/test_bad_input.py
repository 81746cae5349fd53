"""Every public function, estimator and layer names the argument that it cannot use, and how it came."""

import importlib
import inspect
import pkgutil
import re
import warnings

import numpy as np
import pytest

import mlref
from mlref import linear_model, losses, nn
from mlref.autodiff import Tensor
from mlref.errors import ShapeError
from mlref.model_selection import Uniform
from tests.mlref.estimators import CONSTRUCTORS, ESTIMATORS

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 3))
T = RNG.normal(size=12)
Y = np.arange(12) % 2
IMAGES, KERNELS = RNG.normal(size=(2, 3, 6, 6)), RNG.normal(size=(4, 3, 3, 3))
SEQUENCES, SQUARE, PARABOLA = RNG.normal(size=(2, 3, 5)), X.T @ X, lambda x: float(np.sum(x**2))
HALVES = [(np.arange(6), np.arange(6, 12))]
RIDGE = linear_model.Ridge()

# What an argument is called says what it may be ...
NAMED = {
    **dict.fromkeys(["X", "A", "B", "queries", "points", "donors", "scores", "mu", "logvar", "x_hat"], X),
    **dict.fromkeys(["logits", "student_logits", "teacher_logits", "z", "Q", "K", "V"], X),
    **dict.fromkeys(["y_true", "y_pred", "labels", "groups", "codes", "ids"], Y),
    **dict.fromkeys(["x", "values", "history", "prediction", "real_logits", "fake_logits", "y_score"], T),
    **{"y": Y, "target": Y, "W": X[:3, :2], "w": np.zeros(3), "b": np.zeros(2), "a": np.zeros(3)},
    **{"p": X[0] ** 2, "q": X[1] ** 2, "betas": np.full(5, 0.1), "n_frequencies": 2, "degree": 2},
    **{"n_clusters": 2, "n_components": 2, "n_neighbors": 2, "n_classes": 3, "n_splits": 2, "n_lags": 2},
    **{"steps": 2, "order": (1, 0, 0), "alpha": 0.5, "temperature": 2.0, "sparsity": 0.5, "eps": 0.5},
    **{"min_samples": 2, "axis": -1, "bins": 4, "context_length": 2, "bandwidth": 1.0, "period": 3},
    **{"ar": np.array([0.5]), "ma": np.array([0.3]), "coefficients": np.array([0.5]), "intercept": 0.0},
    **{"low": np.zeros(2), "high": np.ones(2), "n_iter": 3, "kernel_size": 2, "learning_rate": 0.1},
    **{"mask_token": 9, "n_tokens": 9, "fractions": (0.5, 0.25, 0.25), "folds": HALVES, "name": "relu"},
    **{"n_rounds": 2, "C": 1.0, "beta": 1.0, "centroids": X[:2], "f": PARABOLA, "estimator": RIDGE},
    **{"kernel": np.ones(3), "weight": Tensor(np.ones(3)), "bias": np.ones(3)},
}
# ... and here it is something else.
MIXTURE = {"weights": np.full(2, 0.5), "means": X[:2], "covariances": np.stack([SQUARE, SQUARE])}
RBM = {"v": (X > 0).astype(float), "h": X[:, :2] ** 2}
LORA = {"x": X, "W": X[:2], "A": X[:1], "B": np.ones((2, 1))}
LINEAR = {"w": np.zeros(3), "b": 0.0, "y": T}
VECTOR = {"x": T, "y": T}
COUNTS = {"y_true": Y, "y_pred": T**2, "log_rate": T}
UNIT = {"w": np.zeros(3), "x": X[0], "y": 1.0}
CONV1D = {"x": SEQUENCES, "w": SEQUENCES, "weight": SEQUENCES}
CONV2D = {"x": IMAGES, "w": KERNELS, "weight": KERNELS}
UP = {"x": IMAGES, "w": np.ones((3, 1, 2, 2)), "weight": np.ones((3, 1, 2, 2))}
BATCH = {"model": nn.Linear(3, 1, rng=RNG), "loss": lambda a, b: 0.0, "batch_size": 4, "epochs": 1}
KERNEL_WEIGHTS = [f"neighbors.{name}_weights" for name in ("epanechnikov", "gaussian", "triangular")]
POOLING = [f"nn.{page}_pool2d" for page in ("functional.avg", "functional.max", "pooling.avg", "pooling.max")]
CALLS = {
    "cluster.agglomerative": {"D": np.abs(T[:, None] - T)},
    "cluster.agglomerative_simple": {"D": np.abs(T[:, None] - T)},
    "cluster.cut_tree": {"merges": np.array([[0, 1, 0.5, 2], [2, 3, 0.6, 3]])},
    **dict.fromkeys(["cluster.e_step", "cluster.log_gaussian_densities"], MIXTURE),
    "cluster.m_step": {"responsibilities": X**2},
    "decomposition.linear_autoencoder_loss": {"encoder": X[:3, :2], "decoder": X[:2]},
    "decomposition.linear_autoencoder_step": {"encoder": X[:3, :2], "decoder": X[:2]},
    "decomposition.power_iteration": {"A": SQUARE},
    **{f"decomposition.rbm_{name}": RBM for name in ("cd1", "free_energy")},
    **{f"decomposition.rbm_{name}_probabilities": RBM for name in ("hidden", "visible")},
    "efficiency.dequantize": {"q": np.ones((2, 3), np.int8), "scale": np.ones((2, 1))},
    "efficiency.distillation_loss": {"student_logits": Tensor(X)},
    **dict.fromkeys(["efficiency.lora_forward", "efficiency.lora_merge"], LORA),
    "generative.diffusion_forward": {"x0": X, "t": Y, "eps": X},
    "generative.vae_loss": {"x": X},
    "linear_model.fit_line": VECTOR,
    "linear_model.gaussian_log_likelihood": LINEAR,
    "linear_model.mean_squared_error_gradient": LINEAR,
    "linear_model.logistic_regression_loss": LINEAR | {"y": Y},
    "linear_model.irls": {"family": linear_model.BERNOULLI},
    **{f"linear_model.{name}": COUNTS for name in ("poisson_loss", "poisson_deviance", "deviance_residuals")},
    **{f"linear_model.{name}": UNIT for name in ("perceptron_rule", "sigmoid_unit_step")},
    "linear_model.soft_threshold": {"threshold": 0.1},
    "linear_model.templates": {"W": np.ones((4, 3)), "shape": (2, 2)},
    "losses.bce_with_logits": {"logits": T},
    "losses.binary_cross_entropy_with_logits": {"logits": Tensor(T)},
    "losses.cross_entropy": {"logits": Tensor(X)},
    "losses.kl_loss": {"logits": Tensor(X), "target": X**2},
    **{f"losses.{name}": {"prediction": Tensor(T), "target": T} for name in ("l1_loss", "mse_loss")},
    **{f"losses.{name}": {"target": T} for name in ("mae", "mse")},
    "losses.multiclass_hinge_loss": {"scores": Tensor(X)},
    "metrics.auc": {"x": np.linspace(0, 1, 5), "y": np.linspace(0, 1, 5)},
    "metrics.elbow": {"n_clusters": np.array([1, 2, 3]), "inertias": np.array([5.0, 2.0, 1.0])},
    "model_selection.grid_search": {"space": {"alpha": [1.0]}},
    "model_selection.group_k_fold": {"groups": np.arange(12)},
    "model_selection.random_search": {"space": {"alpha": Uniform(1.0, 2.0)}, "n_points": 1},
    "naive_bayes.gaussian_log_likelihood": {"means": X[:2], "variances": X[:2] ** 2},
    **{name: {"distances": X**2} for name in KERNEL_WEIGHTS},
    "nn.attention.scaled_dot_product_attention": {"query": X, "key": X, "value": X},
    **{f"nn.{page}.conv1d": CONV1D for page in ("conv", "conv.operations")},
    **{f"nn.{page}.conv2d": CONV2D for page in ("conv", "conv.operations")},
    **{f"nn.{page}.conv_transpose2d": UP for page in ("conv", "conv.operations")},
    "nn.conv.im2col": {"x": IMAGES},
    "nn.dropout.dropout": {"p": 0.5},
    "nn.embedding.embedding": {"weight": X},
    **{f"nn.functional.{name}": {"x": X} for name in ("batch_norm", "layer_norm")},
    "nn.functional.linear": {"x": X, "weight": X},
    **{name: {"x": IMAGES} for name in POOLING},
    **{f"nn.{page}.global_avg_pool2d": {"x": IMAGES} for page in ("functional", "pooling")},
    "nn.normalization.standardize": {"x": X},
    "nn.training.evaluate": BATCH,
    "nn.training.fit": BATCH | {"optimizer": None},
    "optim.gradient_descent": {"grad": lambda x: x, "x0": T},
    "optim.local_search": {"x0": T, "scale": 0.1},
    "optim.sgd_train": BATCH | {"loss_and_gradients": lambda X, y: (0.0, {}), "optimizer": None},
    "preprocessing.color_histogram": {"image": np.zeros((5, 5, 3), np.uint8)},
    "preprocessing.column_quantiles": {"probabilities": np.array([0.5])},
    "preprocessing.one_hot_categories": {"categories": np.array([0, 1])},
    "preprocessing.ordinal_categories": {"categories": np.array([0, 1])},
    "svm.smo_simplified": {"K": X @ X.T, "y": 2 * Y - 1},
    "svm.svr_loss": LINEAR,
    **{f"time_series.{name}": {"y": T, "n_lags": 2} for name in ("acf", "pacf")},
    "time_series.arma_css": {"parameters": np.array([0.0, 0.5, 0.3]), "y": T, "p": 1, "q": 1},
    **{f"time_series.{name}": {"y": T, "p": 1, "q": 1} for name in ("fit_arma_css", "fit_arma_ml")},
    "time_series.evaluate_forecasts": {"forecasters": {"zero": lambda y, steps: np.zeros(steps)}, "y": T},
    "time_series.holt_winters": {"beta": 0, "gamma": 0, "level": 0, "trend": 0, "season": np.zeros(3)},
    "time_series.kalman_log_likelihood": {"mean": 0.0, "variance": 1.0},
    "time_series.levinson_durbin": {"covariances": np.array([1.0, 0.5, 0.2])},
    "time_series.partial_to_ar": {"partial": np.array([0.5, 0.2])},
    "time_series.psi_weights": {"n_weights": 4},
    "time_series.undifference": {"changes": T, "start": np.array([1.0])},
}

# Not for users, though a module names them for its neighbours.
INTERNAL = {
    r"(arrays|errors|autodiff\.tensor|nn\.joint|generative\.inputs)\..*": "tools of mlref",
    r"(ensemble\.boosting|linear_model\.\w+solvers|svm\.kernels|tree\.splitting)\..*": "parts of fit",
    r"linear_model\.(least_squares\.check_regression|solvers\..*)": "parts of fit",
    r"nn\.(conv|pooling)\..*(_torch|_im2col|_loops|2im|_images|_convolution|_geometry)": "parts of conv2d",
    r"(nn\..*|autodiff\.un)(backward|broadcast)": "given what the forward pass has computed",
    r"nn\.(dropout\.dropout_weights|recurrent\.(detach|\w+_forward)|attention\.\w+_mask)": "steps of layers",
    r"nn\.backpropagation\.mlp_\w+": "takes a dict of parameters",
    r"nn\.transformer\.positional_encoding": "no array is required",
    r"autodiff\.(numerical_gradient(_fourth_order)?|gradient_error|hvp)": "solutions of A07: formulas alone",
    r"(bayesian_network\.estimate_table|language\.(bpe_decode|generate|train_\w+))": "takes lists of tokens",
    r"generative\.(diffusion_loss|diffusion_sample|reparameterize)": "takes what a model has computed",
    r"(optim\.minibatches|preprocessing\.drop_missing|svm\.smo|tree\.grow_tree)": "no array is required",
    r"time_series\.smoothing_errors": "the inside of ExponentialSmoothing.fit",
}
LABELS = {"y", "y_true", "y_pred", "labels", "groups", "categories"}  # text may be one
NOT_READ = {"train_val_test_split", "cross_validate", "grid_search", "random_search", "fit", "sgd_train"}
# The argument goes by another name where the formula is.
ALIASES = {"query": "Q", "key": "K", "value": "V", "weight": "w", "x": "images", "codes": "labels"}


def takers_of_arrays():
    """Public functions that document an array among their arguments; one name each."""
    found = {}
    for info in pkgutil.walk_packages(mlref.__path__, "mlref."):
        module = importlib.import_module(info.name)
        for name in module.__all__:
            item = getattr(module, name)
            about = (inspect.getdoc(item) or "").partition("Parameters\n")[2].partition("Returns\n")[0]
            if inspect.isfunction(item) and re.search(r"^\w[\w, ]* : (Tensor|array)", about, re.MULTILINE):
                found.setdefault(item, f"{info.name}.{name}".removeprefix("mlref."))
    return {name: item for item, name in found.items()}


TAKERS = {
    name: function
    for name, function in takers_of_arrays().items()
    if not any(re.fullmatch(pattern, name) for pattern in INTERNAL)
}


def arguments(name):
    """Good values for everything that the function must be given."""
    special = CALLS.get(name, {})
    required = [
        parameter
        for parameter, about in inspect.signature(TAKERS[name]).parameters.items()
        if about.default is about.empty and about.kind not in (about.VAR_POSITIONAL, about.VAR_KEYWORD)
    ]
    good = {"rng": np.random.default_rng(0)} | NAMED | special
    return {parameter: good[parameter] for parameter in required}


def refusal(call, names):
    """The message, which must name one of the arguments."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises((TypeError, ValueError)) as caught:
            call()
    message = str(caught.value)
    words = {word.lower() for word in re.findall(r"\w+", message)}
    assert words & {str(name).lower() for name in names}, message
    assert not re.search(r"operand|ufunc|has no attribute|broadcast together", message), message


@pytest.mark.parametrize("name", sorted(TAKERS))
def test_what_is_no_array_of_numbers_is_named(name):
    good = arguments(name)
    arrays = [key for key, value in good.items() if isinstance(value, np.ndarray | Tensor)]
    assert arrays
    for key in arrays:
        bad = [None, object()]
        if key not in LABELS and name.rpartition(".")[2] not in NOT_READ:
            bad.append(np.full(good[key].shape, "x"))
        for value in bad:
            refusal(lambda: TAKERS[name](**{**good, key: value}), [key, ALIASES.get(key)])  # noqa: B023


def test_every_exception_is_a_function_that_exists():
    everybody = takers_of_arrays()
    for pattern in INTERNAL:
        assert any(re.fullmatch(pattern, name) for name in everybody), pattern
    assert CALLS.keys() <= TAKERS.keys()
    assert len(TAKERS) > 180


# Of labels without a pattern few methods learn anything.
@pytest.mark.filterwarnings("ignore::mlref.errors.ConvergenceWarning")
@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_estimators_name_x(name):
    def new():
        return CONSTRUCTORS.get(name, ESTIMATORS[name])()

    fitted = new().fit(np.abs(X), Y)
    for bad in (None, object(), np.full(X.shape, "x"), X[0], X[:, :2]):
        if bad is not None and np.shape(bad) != (12, 2) and "Encoder" not in name:
            refusal(lambda: new().fit(bad, Y), ["X"])  # noqa: B023
        for method in ("predict", "transform", "predict_proba", "inverse_transform"):
            # Two columns may be what two components were turned into.
            if hasattr(fitted, method) and (method != "inverse_transform" or np.shape(bad) != (12, 2)):
                refusal(lambda: getattr(fitted, method)(bad), ["X"])  # noqa: B023


LAYERS = {
    "Linear": (lambda: nn.Linear(3, 2, rng=RNG), X[:, :2]),
    "MLP": (lambda: nn.MLP([3, 4, 2], rng=RNG), X[:, :1]),
    "LayerNorm": (lambda: nn.LayerNorm(3), X[:, :1]),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3), X[:, :1]),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3), IMAGES[:, :1]),
    "Conv1d": (lambda: nn.Conv1d(3, 2, 2, rng=RNG), SEQUENCES[:, :2]),
    "Conv2d": (lambda: nn.Conv2d(3, 2, 2, rng=RNG), IMAGES[:, :2]),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(3, 2, 2, rng=RNG), IMAGES[:, :2]),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), X),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), X),
    "GlobalAvgPool2d": (nn.GlobalAvgPool2d, X),
    "RNN": (lambda: nn.RNN(3, 2, rng=RNG), SEQUENCES),
    "GRU": (lambda: nn.GRU(3, 2, rng=RNG), SEQUENCES),
    "LSTM": (lambda: nn.LSTM(3, 2, rng=RNG), SEQUENCES),
    "LeNet": (lambda: nn.LeNet(rng=RNG), IMAGES),
    "ResNet": (lambda: nn.ResNet(rng=RNG), IMAGES[:, :2]),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers_name_what_does_not_fit(name):
    make, misfit = LAYERS[name]
    layer = make()
    for bad in (misfit, Tensor(misfit), None, object(), np.full(misfit.shape, "x")):
        refusal(lambda: layer(bad), ["x"])  # noqa: B023


def test_a_loss_of_a_plain_array_is_refused_as_nothing_would_be_learned():
    with pytest.raises(TypeError, match=r"logits is of type ndarray; it must be a Tensor"):
        losses.cross_entropy(X, Y)
    with pytest.raises(TypeError, match=r"prediction is of type ndarray; it must be a Tensor"):
        losses.mse_loss(T, T)


def test_single_weights_are_not_broadcast_over_features():
    with pytest.raises(ShapeError, match=r"x has shape \(12, 1\); the last axis must have n_features = 3"):
        nn.LayerNorm(3)(X[:, :1])
    with pytest.raises(ShapeError, match=r"x has shape \(12, 1\); the second axis must have n_features = 3"):
        nn.BatchNorm1d(3).eval()(X[:, :1])
