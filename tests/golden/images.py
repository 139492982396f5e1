#!/usr/bin/env python3
"""Makes the golden numbers of features of images: images.arrows and images-colour.arrows, what they are computed from;
images.cases, a line each with a name and options of `features`; and images-NAME.csv, what scikit-image (made with 0.26)
and NumPy say of them, a line an image.

usage: python3 tests/golden/images.py    (in tests/golden; needs numpy, scipy, pyarrow, scikit-image)
"""

import numpy as np
import pyarrow as pa
from scipy.ndimage import gaussian_filter
from skimage import feature, filters, measure

rng = np.random.default_rng(11)
HEIGHT, WIDTH = 26, 20


def stream(name, images):
    items = pa.FixedSizeListArray.from_arrays(pa.array(images.reshape(-1)), images[0].size)
    kind = pa.fixed_shape_tensor(items.type.value_type, images.shape[1:])
    batch = pa.record_batch([pa.ExtensionArray.from_storage(kind, items)], names=["image"])
    with pa.ipc.new_stream(name, batch.schema) as out:
        out.write_batch(batch)


def shapes():
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    smooth = gaussian_filter(rng.normal(size=(HEIGHT, WIDTH)), 2)
    square = np.zeros((HEIGHT, WIDTH))
    square[6:19, 5:14] = 255
    return [
        rng.integers(0, 256, (HEIGHT, WIDTH)),
        (smooth - smooth.min()) / np.ptp(smooth) * 255,
        square,
        ((x - 9) ** 2 + (y - 11) ** 2 < 49) * 200 + 20,
        x * 12 + rng.integers(0, 3, (HEIGHT, WIDTH)),
        np.full((HEIGHT, WIDTH), 77),
        np.zeros((HEIGHT, WIDTH)),
    ]


gray = np.array(shapes()).astype(np.uint8)
colour = rng.integers(0, 256, (3, HEIGHT, WIDTH, 3)).astype(np.uint8)
stream("images.arrows", gray)
stream("images-colour.arrows", colour)
weights = np.array([19595, 38470, 7471])
luma = ((colour.astype(int) @ weights + 32768) >> 16).astype(np.uint8)

cases = open("images.cases", "w")


def case(name, options, images, function):
    cases.write(f"{name}\t{options}\n")
    rows = [np.asarray(function(image), dtype=float).ravel() for image in images]
    with open(f"images-{name}.csv", "w") as out:
        for row in rows:
            out.write(",".join(f"{v:.7g}" for v in row) + "\n")


case("sobel", "--method sobel", gray, filters.sobel)
case("canny", "--method canny", gray, feature.canny)
case("canny-2", "--method canny --sigma 2 --low 0.05 --high 0.15", gray,
     lambda i: feature.canny(i, 2, 0.05 * 255, 0.15 * 255))
case("hog", "--method hog", gray, lambda i: feature.hog(i, 9, (8, 8), (2, 2)))
for norm in "L1", "L1-sqrt", "L2":
    case(f"hog-{norm.lower()}", f"--method hog --cell 5x6 --block 3x1 --orientations 8 --norm {norm.lower()}", gray,
         lambda i: feature.hog(i, 8, (6, 5), (1, 3), norm))
for pattern in "default", "ror", "uniform":
    case(f"lbp-{pattern}", f"--method lbp --pattern {pattern} --codes", gray,
         lambda i: feature.local_binary_pattern(i, 8, 1, pattern))
case("lbp-wide", "--method lbp --points 16 --radius 2.5 --codes", gray,
     lambda i: feature.local_binary_pattern(i, 16, 2.5, "uniform"))
case("lbp", "--method lbp", gray,
     lambda i: np.bincount(feature.local_binary_pattern(i, 8, 1, "uniform").astype(int).ravel(), minlength=10) / i.size)


def properties(image, levels, distances, degrees):
    counts = feature.graycomatrix((image.astype(int) * levels // 256).astype(np.uint8), distances, np.deg2rad(degrees),
                                  levels, symmetric=True)
    names = "contrast dissimilarity homogeneity energy correlation ASM entropy".split()
    return np.stack([feature.graycoprops(counts, name) for name in names], -1)


case("glcm", "--method glcm", gray, lambda i: properties(i, 32, [1], [0, 45, 90, 135]))
case("glcm-wide", "--method glcm --levels 256 --distances 2,5 --angles 0,90", gray,
     lambda i: properties(i, 256, [2, 5], [0, 90]))
# offsets that a half decides, which the sine gives but for its last bit
case("glcm-turned", "--method glcm --levels 16 --distances 1,3 --angles 30,60,150,-30,200", gray,
     lambda i: properties(i, 16, [1, 3], [30, 60, 150, -30, 200]))


def hu(image):
    image = image.astype(float)
    if image.sum() == 0:
        return np.zeros(7)
    return measure.moments_hu(measure.moments_normalized(measure.moments_central(image)))


def log(moments):
    return [0 if h == 0 else -np.sign(h) * np.log10(abs(h)) for h in moments]


case("hu", "--method hu", gray, hu)
# of what is symmetric only rounding is left, whose logarithm says nothing
case("hu-log", "--method hu --log", gray[:2], lambda i: log(hu(i)))
case("colour", "--method colour --bins 8", colour,
     lambda i: np.stack([np.histogram(i[..., c], 8, (0, 256))[0] / i[..., c].size for c in range(3)]))
case("colour-joint", "--method colour --joint", colour,
     lambda i: np.histogramdd(i.reshape(-1, 3), 4, [(0, 256)] * 3)[0] / (i.size / 3))
case("colour-sobel", "--method sobel", luma, filters.sobel)
cases.close()
