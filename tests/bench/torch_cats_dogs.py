"""The network of pipelines/cats-dogs.sh in PyTorch: the same pictures (the streams that the script leaves in WORK), layers,
copies (flipped by chance, cut from a border of 6 repeated pixels), optimizer, minibatches and epochs. Prints its lines.

torch_cats_dogs.py WORK EPOCHS COPIES SEED
"""

import sys

import numpy as np
import pyarrow as pa
import torch
from torch import nn

work, (epochs, copies, seed) = sys.argv[1], map(int, sys.argv[2:5])
PAD = 6
torch.manual_seed(seed)
random = np.random.default_rng(seed)


def read(name):
    with pa.ipc.open_stream(f"{work}/{name}") as stream:
        table = stream.read_all()
    images = table.column("image").combine_chunks()
    images = images.chunk(0) if isinstance(images, pa.ChunkedArray) else images
    labels = np.array([label == "dog" for label in table.column("label").to_pylist()], dtype=np.int64)
    return images.to_numpy_ndarray(), labels


def augment(images):
    side = images.shape[1]
    padded = np.pad(images, ((0, 0), (PAD, PAD), (PAD, PAD), (0, 0)), mode="edge")
    out = np.empty_like(images)
    for i, image in enumerate(padded):
        top, left = random.integers(0, 2 * PAD + 1, 2)
        part = image[top : top + side, left : left + side]
        out[i] = part[:, ::-1] if random.random() < 0.5 else part
    return out


def tensor(images):
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))).float() / 255


train, train_labels = read("train64")
test, test_labels = read("test64")
x = tensor(np.concatenate([train] + [augment(train) for _ in range(copies)]))
y = torch.from_numpy(np.tile(train_labels, copies + 1))
network = nn.Sequential(
    nn.Conv2d(3, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Dropout(0.5), nn.Linear(64 * 6 * 6, 64), nn.ReLU(), nn.Linear(64, 2),
)  # fmt: skip
optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
loss = nn.CrossEntropyLoss()
for _ in range(epochs):
    for rows in torch.randperm(len(x)).split(32):
        optimizer.zero_grad()
        loss(network(x[rows]), y[rows]).backward()
        optimizer.step()
network.eval()
with torch.no_grad():
    for name, images, labels in ("train", train, train_labels), ("test", test, test_labels):
        right = sum(
            int((network(part).argmax(1) == truth).sum())
            for part, truth in zip(tensor(images).split(256), torch.from_numpy(labels).split(256))
        )
        print(f"network {name} accuracy {right / len(labels):.4f} of {len(labels)}")
