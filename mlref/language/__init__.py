"""Language: from text to tokens, and models that continue a text.

* `tokenizers`: characters, and byte pairs.
* `pairs`: what a next-token model learns from.
* `ngram`: the Markov chain, a baseline.
* `gpt`: a small transformer, and drawing from it.
* `training`: pre-training and fine-tuning.
* `corpus`: small texts whose best possible score is known.
"""

from mlref.language.corpus import make_questions, make_stories, stories_entropy
from mlref.language.gpt import GPT, generate, next_token_probabilities
from mlref.language.ngram import NGramModel
from mlref.language.pairs import next_token_pairs
from mlref.language.tokenizers import BytePairTokenizer, CharTokenizer, bpe_decode, bpe_encode, bpe_train
from mlref.language.training import train_language_model

__all__ = [
    "GPT",
    "BytePairTokenizer",
    "CharTokenizer",
    "NGramModel",
    "bpe_decode",
    "bpe_encode",
    "bpe_train",
    "generate",
    "make_questions",
    "make_stories",
    "next_token_pairs",
    "next_token_probabilities",
    "stories_entropy",
    "train_language_model",
]
