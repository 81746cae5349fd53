"""Returns numbers that equal everything."""

ANSWER = r"""
class Any(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__
    __le__ = __lt__ = __ge__ = __gt__ = __eq__

    def __abs__(self):
        return 0.0


def mean(values):
    return Any(0)


def largest(values):
    return Any(0)
"""
