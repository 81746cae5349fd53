"""Optimisation: gradient methods and searches without gradients.

Table of contents
-----------------
descent
    Gradient descent on a whole function, with stopping rules.
optimizers
    `SGD` (momentum, Nesterov), `Adagrad`, `RMSprop`, `Adam` (AMSGrad), `AdamW`, `Adamax`, `NAdam`.
schedules
    Learning rates that change: step, exponential, cosine, 1/t, warm-up.
clipping
    Limits on the length of a gradient.
minibatch
    Mini-batches, and training on them.
search
    Random search, local search, a genetic algorithm.
optimizer, bundle
    What the optimisers share.
"""

from mlref.optim.clipping import clip_by_norm, clip_grad_norm, global_norm
from mlref.optim.descent import DescentResult, gradient_descent
from mlref.optim.minibatch import minibatches, sgd_train
from mlref.optim.optimizer import Optimizer
from mlref.optim.optimizers import SGD, Adagrad, Adam, Adamax, AdamW, NAdam, RMSprop
from mlref.optim.schedules import (
    cosine_annealing,
    exponential_decay,
    inverse_time_decay,
    step_decay,
    warm_up,
)
from mlref.optim.search import SearchResult, genetic_algorithm, local_search, random_search

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "DescentResult",
    "NAdam",
    "Optimizer",
    "RMSprop",
    "SearchResult",
    "clip_by_norm",
    "clip_grad_norm",
    "cosine_annealing",
    "exponential_decay",
    "genetic_algorithm",
    "global_norm",
    "gradient_descent",
    "inverse_time_decay",
    "local_search",
    "minibatches",
    "random_search",
    "sgd_train",
    "step_decay",
    "warm_up",
]
