"""Defines the names by every way but a definition."""

ANSWER = r"""
class Meta(type):
    def __call__(cls, *args, **kwargs):
        return True


def always(function):
    return Meta(function.__name__, (), {})


@always
def mean(values):
    raise NotImplementedError


@always
def largest(values):
    raise NotImplementedError


def __getattr__(name):
    return always(print)


globals().update({"averages": 1, "centering": True, "__test__": False})
"""
