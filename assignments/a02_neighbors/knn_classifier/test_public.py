"""Checks that the student can run: votes on a line, counted by hand."""

import numpy as np

from autograder.testing import assert_close, hint, weight


@weight(2)
@hint("The three rows nearest to 0 have the labels 8, 3 and 3.")
def test_majority_on_a_line(student, variant):
    """three nearest rows vote"""
    # What fit returns is used here: the model itself.
    model = student.KNeighborsClassifier(n_neighbors=3, ties=variant["ties"])
    model = model.fit(np.array([[1.0], [-2.0], [3.0], [9.0], [10.0]]), np.array([8, 3, 3, 8, 8]))
    assert_close(model.predict(np.array([[0.0], [9.0]])), np.array([3, 8]))


@weight(1)
@hint("One over 1 is more than one over 3 plus one over 4.")
def test_distance_weights_on_a_line(student, variant):
    """one near row outvotes two far ones with weights of one over the distance"""
    model = student.KNeighborsClassifier(n_neighbors=3, weights="distance", ties=variant["ties"])
    model.fit(np.array([[1.0], [-3.0], [4.0]]), np.array([8, 3, 3]))
    assert_close(model.predict(np.array([[0.0]])), np.array([8]))


@weight(2)
@hint("Labels 7, 3 and 5 have two votes each; look up in the text what decides then.")
def test_tied_vote(student, variant):
    """three labels with two votes each"""
    # Distances: label 7 has 1 and 9, label 3 has 5 and 6, label 5 has 4 and 4.5.
    winner = {"distance": 5, "nearest": 7, "label": 3}
    model = student.KNeighborsClassifier(n_neighbors=6, ties=variant["ties"])
    model.fit(np.array([[1.0], [5.0], [-4.0], [-9.0], [-6.0], [4.5]]), np.array([7, 3, 5, 7, 3, 5]))
    assert_close(model.predict(np.array([[0.0]])), np.array([winner[variant["ties"]]]))
