"""The training loop."""

import numpy as np
import pytest
import torch

from mlref.autodiff import Tensor
from mlref.errors import NotFiniteError, ShapeError
from mlref.losses import cross_entropy, mse_loss
from mlref.nn import MLP, Dropout, Linear, Sequential
from mlref.nn.training import (
    EarlyStopping,
    accuracy_of,
    evaluate,
    fit,
    load_checkpoint,
    print_progress,
    save_checkpoint,
)
from mlref.optim import SGD, Adam, NAdam, warm_up


def spiral(n=60, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, size=(n, 2))
    return X, (X[:, 0] * X[:, 1] > 0).astype(np.int64)


def network(seed=0, **settings):
    return MLP([2, 16, 2], activation="tanh", rng=np.random.default_rng(seed), **settings)


def test_a_step_of_each_batch_is_the_one_of_torch():
    """forward, backward, clipping, schedule and update, three epochs with a short last batch"""
    X, y = spiral(20)
    net = network()
    theirs = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2)).double()
    theirs.load_state_dict({name: torch.tensor(array) for name, array in net.state_dict().items()})
    rate = warm_up(0.5, 4)
    optimizer = SGD(net.parameters(), lr=0.0, momentum=0.9)
    expected = torch.optim.SGD(theirs.parameters(), lr=0.5, momentum=0.9)
    history = fit(
        net,
        cross_entropy,
        optimizer,
        X,
        y,
        epochs=3,
        batch_size=8,
        rng=np.random.default_rng(1),
        schedule=rate,
        max_norm=0.2,
    )
    order, t, losses = np.random.default_rng(1), 0, []
    for _ in range(3):
        rows = order.permutation(20)
        for batch in (rows[:8], rows[8:16], rows[16:]):
            expected.param_groups[0]["lr"] = rate(t)
            expected.zero_grad()
            loss = torch.nn.functional.cross_entropy(theirs(torch.tensor(X[batch])), torch.tensor(y[batch]))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.2)
            expected.step()
            t += 1
            losses.append(loss.item() * len(batch) / 20)
    for name, array in net.state_dict().items():
        np.testing.assert_allclose(array, theirs.state_dict()[name].numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(history["loss"], np.reshape(losses, (3, 3)).sum(1), rtol=1e-10)
    assert history["lr"] == [rate(2), rate(5), rate(8)]


def test_training_runs_on_every_library(xp_backend):
    X, y = spiral(30)
    net = network().to(xp_backend.asarray(np.zeros(1)))
    history = fit(
        net,
        cross_entropy,
        Adam(net.parameters(), lr=0.05),
        xp_backend.asarray(X),
        xp_backend.asarray(y),
        epochs=3,
        batch_size=16,
        rng=np.random.default_rng(0),
    )
    assert history["loss"][-1] < history["loss"][0]
    reference = network()
    expected = fit(
        reference,
        cross_entropy,
        Adam(reference.parameters(), lr=0.05),
        X,
        y,
        epochs=3,
        batch_size=16,
        rng=np.random.default_rng(0),
    )
    np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-10)


def test_twenty_rows_are_learned_by_heart():
    X, y = spiral(20)
    net = network()
    optimizer = Adam(net.parameters(), lr=0.05)
    history = fit(
        net, cross_entropy, optimizer, X, y, epochs=400, batch_size=20, rng=np.random.default_rng(0)
    )
    assert history["loss"][-1] < 1e-2
    assert evaluate(net, accuracy_of, X, y, batch_size=7) == 1.0


def test_early_stopping_watches_validation_and_brings_back_the_best():
    X, y = spiral(24)
    held_out = spiral(200, seed=1)
    net = network()
    stopping = EarlyStopping(patience=5)
    seen = []
    history = fit(
        net,
        cross_entropy,
        Adam(net.parameters(), lr=0.1),
        X,
        y,
        epochs=300,
        batch_size=24,
        rng=np.random.default_rng(0),
        validation=held_out,
        early_stopping=stopping,
        callback=lambda history: seen.append(len(history["loss"])),
    )
    losses = history["validation_loss"]
    assert len(losses) == len(history["loss"]) < 300
    assert seen == list(range(1, len(losses) + 1))
    assert stopping.best == min(losses) == losses[stopping.best_epoch]
    assert len(losses) == stopping.best_epoch + 6
    assert evaluate(net, cross_entropy, *held_out) == pytest.approx(min(losses), rel=1e-12)


def test_patience_counts_epochs_without_a_clear_fall():
    stopping = EarlyStopping(patience=2, min_delta=0.5)
    net = Linear(1, 1, rng=np.random.default_rng(0))
    assert [stopping.update(loss, net) for loss in (3.0, 2.8, 2.0, 1.8, 1.6)] == [
        False, False, False, False, True,
    ]  # fmt: skip


def test_a_loss_that_is_never_a_number_ends_the_training_too():
    stopping, net = EarlyStopping(patience=2), network()
    assert [stopping.update(float("nan"), net) for _ in range(2)] == [False, True]
    before = net.state_dict()
    stopping.restore(net)
    np.testing.assert_array_equal(net.state_dict()["0.weight"], before["0.weight"])


def test_training_mode_in_training_only():
    modes = []

    class Spy(Dropout):
        def forward(self, x):
            modes.append(self.training)
            return super().forward(x)

    rng = np.random.default_rng(0)
    net = Sequential(Linear(2, 3, rng=rng), Spy(0.5, rng=rng), Linear(3, 2, rng=rng))
    X, y = spiral(10)
    fit(net, cross_entropy, SGD(net.parameters()), X, y, epochs=1, batch_size=5, rng=rng, validation=(X, y))
    assert modes == [True, True, False, False]
    assert not net.training
    net.train()
    evaluate(net, cross_entropy, X, y)
    assert net.training


@pytest.mark.parametrize("rule", [SGD, Adam, NAdam])
def test_training_goes_on_from_a_checkpoint_as_if_it_had_not_stopped(tmp_path, rule):
    X, y = spiral(20)

    def steps(net, optimizer, n):
        for _ in range(n):
            optimizer.zero_grad()
            cross_entropy(net(X), y).backward()
            optimizer.step()

    settings = {"momentum": 0.9} if rule is SGD else {}
    net = network()
    optimizer = rule(net.parameters(), lr=0.1, **settings)
    steps(net, optimizer, 3)
    save_checkpoint(tmp_path / "net.npz", net, optimizer, {"loss": [0.5]})
    steps(net, optimizer, 3)
    other = network(seed=9)
    again = rule(other.parameters(), lr=7.0, **settings)
    assert load_checkpoint(tmp_path / "net.npz", other, again) == {"loss": [0.5]}
    assert (again.t, again.lr) == (3, 0.1)
    steps(other, again, 3)
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, other.state_dict()[name])


def test_a_checkpoint_without_optimiser(tmp_path):
    save_checkpoint(tmp_path / "net.npz", network())
    assert load_checkpoint(tmp_path / "net.npz", network(1)) == {}
    with pytest.raises(KeyError, match="holds no optimizer"):
        load_checkpoint(tmp_path / "net.npz", network(1), Adam(network().parameters()))


def test_progress_is_one_line(capsys):
    print_progress({"loss": [1.0, 0.5], "lr": [0.1, 0.1], "validation_loss": [2.0, 1.23456]})
    assert capsys.readouterr().out == "epoch 2: loss 0.5, lr 0.1, validation_loss 1.235\n"


def test_bad_input():
    X, y = spiral(10)
    net = network()
    settings = {"epochs": 1, "batch_size": 5, "rng": np.random.default_rng(0)}
    with pytest.raises(ShapeError, match="X has 10 rows but y has 9"):
        fit(net, cross_entropy, SGD(net.parameters()), X, y[:9], **settings)
    with pytest.raises(ValueError, match=r"pass validation=\(X, y\)"):
        fit(net, cross_entropy, SGD(net.parameters()), X, y, early_stopping=EarlyStopping(1), **settings)
    broken = Sequential(Linear(2, 1, rng=np.random.default_rng(0)), lambda x: x * Tensor(np.nan))
    with pytest.raises(NotFiniteError, match="loss of epoch 0 is nan"):
        fit(broken, mse_loss, SGD(broken.parameters()), X, X[:, :1], **settings)
