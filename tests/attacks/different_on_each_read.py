"""Returns objects whose attributes, items, length and text are others each time that they are read."""

HONEST = 11.12  # fit returns the object

ANSWER = r"""
import itertools

count = itertools.count()


class Changing:
    __class__ = property(lambda self: (float, int, list, Changing)[next(count) % 4])
    value = property(lambda self: float(next(count)))

    def __len__(self):
        return next(count) % 5 - 2

    def __getitem__(self, index):
        return next(count)

    def __iter__(self):
        return iter(range(next(count)))

    def __float__(self):
        return float(next(count))

    def __getattr__(self, name):
        return (1.0, self, None)[next(count) % 3]

    def __hash__(self):
        return next(count)

    def __bool__(self):
        return next(count) % 2 == 0

    def __repr__(self):
        return str(next(count))


def mean(values):
    return Changing()


def largest(values):
    return [Changing(), {Changing(): Changing()}, (Changing(),)]


class Centering(Changing):
    def fit(self, values):
        return self

    def transform(self, values):
        return Changing()
"""
