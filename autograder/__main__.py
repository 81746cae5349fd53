"""``python -m autograder``."""

from __future__ import annotations

from autograder.cli import main

if __name__ == "__main__":
    main()
