"""Words for people: counts that agree with their nouns, and text from outside that cannot play tricks."""

from __future__ import annotations

import re
from decimal import Decimal

__all__ = ["counted", "visible"]

# What a terminal obeys, what reorders a line, what nobody sees; line ends and tabs stay.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def counted(number: int | float | Decimal, noun: str) -> str:
    """Put a number before its noun.

    Parameters
    ----------
    number : int, float or Decimal
    noun : str
        In the singular; its plural ends in s.

    Returns
    -------
    str

    Examples
    --------
    >>> counted(1, "point"), counted(2.5, "point")
    ('1 point', '2.5 points')
    """
    return f"{number:g} {noun}{'' if number == 1 else 's'}"


def visible(text: str) -> str:
    r"""Write signs that nobody sees, or that a terminal or a browser obeys, as their escapes.

    Parameters
    ----------
    text : str
        A name or a message from outside.

    Returns
    -------
    str

    Examples
    --------
    >>> visible("ada\u202egpj")
    'ada\\u202egpj'
    """
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
