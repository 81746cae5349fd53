"""What honest notebooks do, by library: cells that `record_calls.py` watches and that must run in every jail.

Each ends with ``result = True``, or fails.
"""

from __future__ import annotations

WORK = {
    "python": """
import csv, json, os, random, shutil, sqlite3, tempfile, threading, time, uuid, warnings, zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

folder = Path(tempfile.mkdtemp())
(folder / "a.txt").write_text("one")
shutil.copy2(folder / "a.txt", folder / "b.txt")
shutil.copytree(folder, folder / "tree")
os.rename(folder / "b.txt", folder / "c.txt")
os.link(folder / "c.txt", folder / "d.txt")
os.symlink("d.txt", folder / "e.txt")
os.chmod(folder / "c.txt", 0o600)
os.utime(folder / "c.txt")
os.truncate(folder / "c.txt", 1)
names = sorted(entry.name for entry in os.scandir(folder))
with zipfile.ZipFile(folder / "z.zip", "w") as archive:
    archive.write(folder / "a.txt", "a.txt")
with (folder / "t.csv").open("w+", newline="") as file:
    csv.writer(file).writerow(names)
    file.flush()
    os.fsync(file.fileno())
database = sqlite3.connect(folder / "s.db")
database.execute("create table t (x)")
database.execute("insert into t values (1)")
database.commit()
database.close()
with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryFile() as other:
    file.write(b"x")
    other.write(b"y")
shutil.rmtree(folder)
lock, counted = threading.Lock(), []
def count(n):
    with lock:
        counted.append(n)
    time.sleep(0.001)
    return n
with ThreadPoolExecutor(4) as pool:
    assert sum(pool.map(count, range(50))) == 1225
event = threading.Event()
timer = threading.Timer(0.01, event.set)
timer.start()
assert event.wait(5)
timer.join()
time.perf_counter(), time.process_time(), time.thread_time(), time.time(), os.times()
os.cpu_count(), len(os.sched_getaffinity(0)), os.uname(), uuid.uuid4(), random.SystemRandom().random()
os.getcwd(), os.umask(0o022), os.nice(0), os.getppid()
import resource, signal
resource.getrusage(resource.RUSAGE_SELF), resource.getrlimit(resource.RLIMIT_AS)
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.01)
signal.pause()
import mmap
with mmap.mmap(-1, 8192) as memory:
    memory[:2] = b"ab"
big = bytearray(64 << 20)
del big
result = True
""",
    "asyncio": """
import asyncio, queue, select
async def twice(n):
    await asyncio.sleep(0.001)
    return 2 * await asyncio.to_thread(lambda: n)
async def all_of_it():
    return await asyncio.gather(*(twice(n) for n in range(5)))
result = (await all_of_it()) == [0, 2, 4, 6, 8]
""",
    "ipython": """
%timeit -n 2 -r 1 sum(range(10))
%who
from IPython.display import display
display({"a": 1})
import pdb, inspect, logging, traceback, doctest, unittest, timeit, cProfile
logging.getLogger("x").warning("said")
cProfile.run("sum(range(10))")
result = True
""",
    "numpy": """
import numpy as np
rng = np.random.default_rng()
rng = np.random.default_rng(0)
A = rng.normal(size=(300, 300))
np.linalg.svd(A), np.linalg.qr(A), np.linalg.solve(A, A), np.linalg.eigh(A @ A.T), np.fft.fft2(A)
big = rng.normal(size=(2000, 1000))
big = np.concatenate([big, big]).astype(np.float32)
(big @ big.T).sum(), np.sort(big, axis=0), np.einsum("ij,ij->i", big, big)
np.save("a.npy", A)
np.savez_compressed("b.npz", A=A)
np.load("a.npy", mmap_mode="r").sum(), np.load("b.npz")["A"]
np.savetxt("c.csv", A[:5], delimiter=",")
np.loadtxt("c.csv", delimiter=","), np.genfromtxt("c.csv", delimiter=",")
kept = np.memmap("d.bin", dtype="f8", mode="w+", shape=(1000,))
kept[:] = 1.0
kept.flush()
np.asarray(range(10)).tofile("e.bin")
np.fromfile("e.bin", dtype=int)
result = True
""",
    "pandas": """
import numpy as np, pandas as pd
frame = pd.DataFrame({"x": np.arange(1000), "y": np.random.rand(1000), "k": list("ab") * 500})
frame.to_csv("t.csv", index=False)
again = pd.read_csv("t.csv")
again.groupby("k").mean(), again.describe(), again.merge(frame, on="x"), again.pivot_table("y", "k")
again.to_json("t.json"), pd.read_json("t.json"), again.to_pickle("t.pkl"), pd.read_pickle("t.pkl")
again.to_html(), again.to_csv("t.csv.gz"), pd.read_csv("t.csv.gz"), pd.read_csv("t.csv", engine="python")
pd.date_range("2026-01-01", periods=5, tz="Europe/Berlin"), pd.Timestamp.now(tz="UTC")
result = len(again) == 1000
""",
    "matplotlib": """
import matplotlib.pyplot as plt, numpy as np
figure, axes = plt.subplots(2, 2)
axes[0, 0].plot(np.arange(10), label="$x^2$")
axes[0, 0].legend()
axes[0, 1].hist(np.random.rand(100))
axes[1, 0].imshow(np.random.rand(8, 8))
axes[1, 1].text(0.5, 0.5, "text")
for kind in ("png", "svg", "pdf"):
    figure.savefig("f." + kind)
plt.show()
plt.close("all")
import os
result = os.path.getsize("f.png") > 1000
""",
    "scikit-learn": """
import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits, make_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
import joblib
X, y = make_classification(300, random_state=0)
with joblib.parallel_config("threading"):
    RandomForestClassifier(10, n_jobs=2, random_state=0).fit(X, y).predict(X)
    cross_val_score(LogisticRegression(), X, y, n_jobs=2)
HistGradientBoostingClassifier(max_iter=5).fit(X, y)
GridSearchCV(make_pipeline(StandardScaler(), SVC()), {"svc__C": [1.0, 2.0]}, cv=2).fit(X, y)
KMeans(3, n_init=1, random_state=0).fit(X), PCA(2).fit_transform(X), KNeighborsClassifier().fit(X, y)
joblib.dump(X, "x.joblib"), joblib.load("x.joblib", mmap_mode="r")
result = load_digits().data.shape == (1797, 64)
""",
    "torch": """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
features = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2))
net = nn.Sequential(features, nn.Flatten(), nn.Linear(8 * 14 * 14, 10))
rule = torch.optim.Adam(net.parameters())
data = TensorDataset(torch.randn(64, 1, 28, 28), torch.randint(0, 10, (64,)))
for X, y in DataLoader(data, batch_size=16, shuffle=True):
    loss = nn.functional.cross_entropy(net(X), y)
    rule.zero_grad()
    loss.backward()
    rule.step()
torch.save(net.state_dict(), "net.pt")
net.load_state_dict(torch.load("net.pt"))
nn.LSTM(5, 7)(torch.randn(3, 2, 5)), nn.MultiheadAttention(8, 2)(*[torch.randn(4, 2, 8)] * 3)
torch.linalg.svd(torch.randn(50, 50)), torch.fft.rfft(torch.randn(64))
torch.einsum("ij,jk", torch.eye(3), torch.eye(3))
traced = torch.jit.trace(lambda x: x * 2 + 1, torch.zeros(3))
traced(torch.ones(3))
threads = torch.get_num_threads()
torch.set_num_threads(2)
torch.randn(600, 600) @ torch.randn(600, 600)
torch.set_num_threads(threads)
torch.tensor([1.0]).numpy(), torch.from_numpy(torch.ones(3).numpy())
result = bool(torch.isfinite(loss))
""",
}
# Only where the jail has namespaces, and so processes of its own.
MULTIPROCESSING = """
import multiprocessing, os
from concurrent.futures import ProcessPoolExecutor
def square(n):
    return n * n
context = multiprocessing.get_context("fork")
with context.Pool(2) as pool:
    assert pool.map(square, range(10))[-1] == 81
with ProcessPoolExecutor(2, mp_context=context) as pool:
    assert list(pool.map(square, range(4)))[-1] == 9
arrived = context.Queue()
process = context.Process(target=arrived.put, args=(7,))
process.start()
result = arrived.get() == 7
process.join()
shared = context.Value("i", 3)
left, right = context.Pipe()
left.send({"a": 1})
assert right.recv() == {"a": 1}
"""
