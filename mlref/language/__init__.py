"""Language: from text to tokens, and models that continue a text.

* `tokenizers`: characters, and byte pairs.
* `pairs`: what a next-token model learns from.
* `ngram`: the Markov chain, a baseline.
* `body`: the transformer from tokens to logits, which both have.
* `gpt`: a small transformer that sees the past only, and drawing from it.
* `bert`: one that sees both sides, and fills gaps.
* `training`: pre-training and fine-tuning.
* `corpus`: small texts whose best possible score is known.
"""

from mlref.language.bert import BERT, mask_tokens
from mlref.language.body import TokenTransformer
from mlref.language.corpus import make_questions, make_stories, stories_entropy
from mlref.language.gpt import GPT, generate, next_token_probabilities
from mlref.language.ngram import NGramModel
from mlref.language.pairs import next_token_pairs
from mlref.language.tokenizers import BytePairTokenizer, CharTokenizer, bpe_decode, bpe_encode, bpe_train
from mlref.language.training import train_language_model

__all__ = [
    "BERT",
    "GPT",
    "BytePairTokenizer",
    "CharTokenizer",
    "NGramModel",
    "TokenTransformer",
    "bpe_decode",
    "bpe_encode",
    "bpe_train",
    "generate",
    "make_questions",
    "make_stories",
    "mask_tokens",
    "next_token_pairs",
    "next_token_probabilities",
    "stories_entropy",
    "train_language_model",
]
