"""Returns objects that say they are floats, by class, name and module."""

ANSWER = r"""
class Liar:
    __class__ = float

    def __instancecheck__(self, other):
        return True

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


Liar.__name__ = Liar.__qualname__ = "float"
Liar.__module__ = "builtins"


def mean(values):
    return Liar()


def largest(values):
    return Liar()
"""
