"""Times this grader beside otter-grader and nbgrader, on the same notebooks and the same checks."""
