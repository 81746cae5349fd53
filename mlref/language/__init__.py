"""Language: from text to tokens, and models that continue a text.

* `tokenizers`: characters, and byte pairs.
* `pairs`: what a next-token model learns from.
* `ngram`: the Markov chain, a baseline whose best possible score is known.
"""

from mlref.language.ngram import NGramModel
from mlref.language.pairs import next_token_pairs
from mlref.language.tokenizers import BytePairTokenizer, CharTokenizer, bpe_decode, bpe_encode, bpe_train

__all__ = [
    "BytePairTokenizer",
    "CharTokenizer",
    "NGramModel",
    "bpe_decode",
    "bpe_encode",
    "bpe_train",
    "next_token_pairs",
]
