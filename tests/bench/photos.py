"""Pillow on an archive of JPEGs.

    photos.py make FILE    writes 800 pictures of 500 x 375, as large as photographs of that size are
    photos.py read FILE    decodes all to 64 x 64, scaled while decoding, and tells the seconds, without reading the tar
"""
import io
import random
import sys
import tarfile
import time

from PIL import Image

WIDTH, HEIGHT, SMALL = 500, 375, (64, 64)


def make(path):
    generator = random.Random(1)
    with tarfile.open(path, "w") as out:
        for i in range(800):
            # broad shapes with fine grain over them
            broad = Image.frombytes("RGB", (8, 6), generator.randbytes(8 * 6 * 3)).resize((WIDTH, HEIGHT), Image.BICUBIC)
            grain = Image.frombytes("RGB", (WIDTH // 4, HEIGHT // 4), generator.randbytes((WIDTH // 4) * (HEIGHT // 4) * 3))
            picture = Image.blend(broad, grain.resize((WIDTH, HEIGHT), Image.BILINEAR), 0.2)
            encoded = io.BytesIO()
            picture.save(encoded, "JPEG", quality=80)
            entry = tarfile.TarInfo(f"{'odd' if i % 2 else 'even'}/{i}.jpg")
            entry.size = encoded.tell()
            encoded.seek(0)
            out.addfile(entry, encoded)


def read(path):
    with tarfile.open(path) as archive:
        files = [archive.extractfile(entry).read() for entry in archive if entry.name.endswith(".jpg")]
    began = time.perf_counter()
    for data in files:
        picture = Image.open(io.BytesIO(data))
        picture.draft("RGB", SMALL)
        picture.convert("RGB").resize(SMALL, Image.BOX).tobytes()
    print(time.perf_counter() - began)


{"make": make, "read": read}[sys.argv[1]](sys.argv[2])
