"""Every estimator of mlref passes scikit-learn's own checks; the exceptions are listed by name."""

import warnings

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from tests.mlref.estimators import BROKEN, CONSTRUCTORS, ESTIMATORS

# What no estimator of ours with ``predict`` is asked for.
EVERYWHERE = {
    "check_estimators_unfitted": "our NotFittedError is not scikit-learn's, which need not be installed",
    "check_supervised_y_2d": "a column y is refused (but for several outputs): it would broadcast in silence",
}

# {class: {check: reason}}; a check that is listed and passes is a failure.
EXPECTED_FAILURES = {
    "Pipeline": {
        "check_do_not_raise_errors_in_init_or_set_params": "sets steps to [1, 2]; the names of the steps are "
        "parameters too, so steps must be pairs as soon as they are set",
    },
    "StandardScaler": {
        "check_estimator_sparse_array": "sets with_mean, which scikit-learn's own StandardScaler has",
        "check_estimator_sparse_matrix": "sets with_mean, which scikit-learn's own StandardScaler has",
    },
}

# Skips itself unless scipy's array API is switched on; our own tests run on the other libraries.
LEFT_OUT = {"check_array_api_input"}


def checks():
    """One parameter set per estimator and check."""
    for name, estimator_class in sorted(ESTIMATORS.items()):
        estimator = CONSTRUCTORS.get(name, estimator_class)()
        expected = dict(EVERYWHERE) if hasattr(estimator, "predict") else {}
        if estimator.__sklearn_tags__().target_tags.multi_output:
            expected.pop("check_supervised_y_2d", None)
        expected |= EXPECTED_FAILURES.get(name, {})
        with warnings.catch_warnings():
            # Our base class stands on its own on purpose; whether it keeps the contract is checked here.
            warnings.filterwarnings("ignore", "Estimator .* does not inherit from", UserWarning)
            for instance, check in estimator_checks_generator(estimator):
                check_name = getattr(check, "func", check).__name__
                if check_name not in LEFT_OUT:
                    marks = [pytest.mark.xfail(reason=expected[check_name])] if check_name in expected else []
                    yield pytest.param(instance, check, marks=marks, id=f"{name}-{_readable(check)}")


def _readable(check):
    keywords = getattr(check, "keywords", {})
    options = ",".join(f"{key}={value}" for key, value in keywords.items() if key != "name")
    return f"{getattr(check, 'func', check).__name__}({options})"


def test_every_module_can_be_imported():
    assert not BROKEN


def test_the_estimators_are_found():
    assert {"KNeighborsClassifier", "KNeighborsRegressor"} <= ESTIMATORS.keys()


def test_every_exception_names_an_estimator_that_exists():
    assert EXPECTED_FAILURES.keys() | CONSTRUCTORS.keys() <= ESTIMATORS.keys()


# One iteration is one of the checks: an estimator that iterates must not be warned about for it.
@pytest.mark.filterwarnings("ignore::mlref.errors.ConvergenceWarning")
@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_scikit_learns_own_check(estimator, check):
    check(estimator)
