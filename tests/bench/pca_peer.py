"""Seconds of scikit-learn's PCA, fitting and transforming float32 rows in memory, without start and import; or, with OUR
output, the greatest angle between our subspace and its own (of the outputs, which span what the components span).

pca_peer.py covariance_eigh|randomized FILE WIDTH COMPONENTS [OURS]
"""

import sys
import time

import numpy
from sklearn.decomposition import PCA

solver, file, width, components = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
rows = numpy.fromfile(file, dtype="float32").reshape(-1, width)
start = time.perf_counter()
pca = PCA(components, svd_solver=solver, random_state=1, copy=True)
theirs = pca.fit(rows).transform(rows)
seconds = time.perf_counter() - start
if len(sys.argv) > 5:
    ours = numpy.fromfile(sys.argv[5], dtype="float32").reshape(-1, components)
    a, b = (numpy.linalg.qr(y.astype("float64"))[0] for y in (ours, theirs))
    # the sine of the angle, which keeps its digits where the angle is small
    print(numpy.arcsin(min(1, numpy.linalg.norm(b - a @ (a.T @ b), 2))))
else:
    print(seconds)
