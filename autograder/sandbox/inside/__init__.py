"""What runs inside the jail: the only code of this project that student code can see.

It is mounted there as the package ``inside`` and imports nothing but the standard library and numpy
(torch and IPython where a submission has them). The trusted side imports the same files as
``autograder.sandbox.inside``.

Modules import the functions they need by name (``from time import monotonic``): a submission that
rebinds ``time.monotonic`` or ``np.sum`` then changes its own world and not the runtime's.
"""
