"""A reference implementation of what the course teaches.

Readable enough to teach from, fast enough to use, correct enough to grade by. Nothing is imported here, so
``import mlref`` costs nothing; import the module that you need.

Modules
-------
Data
    mlref.datasets : Seeded generators, and small data sets that ship with the package.
    mlref.preprocessing : Gaps, categories, scales, texts, images, basis functions.
Evaluation
    mlref.metrics : Errors of a regression, scores of a classifier, rankings, clusters, intervals, distances.
    mlref.model_selection : Splits, cross-validation, searches of hyperparameters, evaluation of algorithms.
Classical models
    mlref.neighbors : Kernel weights, search, k-nearest-neighbour estimators and a k-d tree.
    mlref.linear_model : Least squares, ridge, lasso, logistic, softmax and Poisson regression, perceptron.
    mlref.svm : Hinge losses, a linear classifier by Newton, kernel machines by SMO.
    mlref.naive_bayes, mlref.bayesian_network : Models of probabilities.
    mlref.tree, mlref.ensemble : Decision trees, forests, boosting, votes.
    mlref.cluster, mlref.decomposition : k-means, hierarchies, mixtures, density; PCA, SVD, autoencoder, RBM.
    mlref.time_series : Lags, AR, MA, ARMA, ARIMA, exponential smoothing, forecasts.
Differentiation and optimisation
    mlref.autodiff : Numerical, forward, reverse and symbolic differentiation, and the gradient checker.
    mlref.losses : What a model pays for its predictions, with gradients.
    mlref.optim : Gradient descent, SGD to AdamW, schedules, searches without gradients.
Neural networks
    mlref.nn : Layers, convolution, recurrent networks, attention, training, ready models.
    mlref.language : Tokenizers, n-grams, a small GPT and BERT, fine-tuning.
    mlref.generative : VAE, GAN and diffusion, also conditioned.
    mlref.efficiency : LoRA, pruning, int8 quantisation, distillation.
Foundations
    mlref.base : The base classes that make an estimator work with scikit-learn's tools.
    mlref.arrays : One code path for numpy, torch and every other array-API library.
    mlref.errors : The named errors and the checks of arguments that raise them.

Conventions
-----------
Arrays are ``X`` of shape (n_samples, n_features), ``y`` of shape (n_samples,). Functions never change their
arguments. Those that need chance take ``rng``, a `numpy.random.Generator`. Functions on arrays run on numpy,
torch and any array-API library alike, unless their docstring says "numpy only".
"""

__version__ = "0.1.0"
