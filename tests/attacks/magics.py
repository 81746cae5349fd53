"""Uses magic commands to read, run and fetch."""

ANSWER = r"""
!cat /etc/passwd
%pip install scikit-learn
%run /proc/self/cmdline
%load /etc/passwd
%env PYTHONPATH=/
%store x
%autoreload 2
files = !ls /


def mean(values):
    get_ipython().system("sleep 1000")
    return 0.0


def largest(values):
    get_ipython().run_cell("!sleep 1000")
    return 0.0
"""
