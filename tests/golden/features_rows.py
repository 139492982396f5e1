"""Numbers of scikit-learn for tests/features_projection.bats, beside this file:
features-rows.csv, and what PCA, PolynomialFeatures and KBinsDiscretizer make of its columns a, b, c, d.

python3 features_rows.py   (numpy 2.4, scikit-learn 1.9)
"""

import csv
import pathlib
import warnings

import numpy
from sklearn.decomposition import PCA
from sklearn.preprocessing import KBinsDiscretizer, PolynomialFeatures

warnings.simplefilter("ignore")
here = pathlib.Path(__file__).parent
random = numpy.random.default_rng(6)
rows = random.normal(size=(300, 4)) @ numpy.diag([4.0, 2.0, 1.0, 0.3]) @ random.normal(size=(4, 4))
rows = numpy.round(rows + [0, 10, -1000, 50000], 4)
labels = ["x", "y", "z"]


def write(name, header, values):
    with open(here / name, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(values)


def numbers(values):
    return [[f"{v:.9g}" for v in row] for row in values]


write("features-rows.csv", ["a", "b", "c", "d", "kind"], [[*map(str, r), labels[i % 3]] for i, r in enumerate(rows)])
for name, whiten in (("pca", False), ("pca-whiten", True)):
    values = PCA(3, whiten=whiten, svd_solver="full").fit_transform(rows)
    write(f"features-{name}.csv", ["0", "1", "2"], numbers(values))
for name, only in (("polynomial", False), ("interactions", True)):
    maker = PolynomialFeatures(3, interaction_only=only, include_bias=False)
    values = maker.fit_transform(rows[:, :3])[:, 3:]
    names = [n.replace(" ", "*") for n in maker.get_feature_names_out(["a", "b", "c"])[3:]]
    write(f"features-{name}.csv", names, numbers(values))
for name, strategy in (("bins", "quantile"), ("bins-width", "uniform")):
    options = {"quantile_method": "linear"} if strategy == "quantile" else {}
    maker = KBinsDiscretizer(7, encode="ordinal", strategy=strategy, subsample=None, **options)
    write(f"features-{name}.csv", ["a", "b", "c", "d"], maker.fit_transform(rows).astype(int))
