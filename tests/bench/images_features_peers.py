"""Seconds in which a library makes features of COUNT gray images, one after the other, as its users do; measured on some
of them, three times, the least counts. Without start, import and reading.

images_features_peers.py skimage|opencv METHOD IMAGES.npy COUNT
"""

import sys
import time

import numpy as np

library, method, file, count = sys.argv[1:]
images = np.ascontiguousarray(np.load(file)[:200])
height, width = images.shape[1:]


def of_skimage():
    from skimage import feature, filters

    return {
        "sobel": filters.sobel,
        "canny": feature.canny,
        "lbp": lambda image: feature.local_binary_pattern(image, 8, 1, "uniform"),
        "hog": lambda image: feature.hog(image, 9, (8, 8), (2, 2)),
    }


def of_opencv():
    import cv2

    side = (width // 8 * 8, height // 8 * 8)
    hog = cv2.HOGDescriptor(side, (16, 16), (8, 8), (8, 8), 9) if hasattr(cv2, "HOGDescriptor") else None

    def sobel(image):
        return cv2.magnitude(cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1))

    def canny(image):  # the same smoothing, and its thresholds
        return cv2.Canny(cv2.GaussianBlur(image, (9, 9), 1), 25, 51, L2gradient=True)

    return {
        "sobel": sobel,
        "canny": canny,
        "hog": lambda image: hog.compute(image[: side[1], : side[0]]),
    }


function = {"skimage": of_skimage, "opencv": of_opencv}[library]()[method]
least = float("inf")
for _ in range(3):
    start = time.perf_counter()
    for image in images:
        function(image)
    least = min(least, time.perf_counter() - start)
print(least / len(images) * int(count))
