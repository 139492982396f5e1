"""Seconds of PyTorch's second epoch of the Fashion-MNIST network: channels_last, as many threads as cores.

torch_cnn.py DIRECTORY [bf16]    with bf16 under autocast
"""

import gzip
import os
import sys
import time

import numpy
import torch
from torch import nn


def idx(name, header):
    with gzip.open(os.path.join(sys.argv[1], name)) as file:
        return numpy.frombuffer(file.read(), numpy.uint8, offset=header).copy()


torch.manual_seed(1)
torch.set_num_threads(os.cpu_count())
images = torch.from_numpy(idx("train-images-idx3-ubyte.gz", 16)).float().div(255).view(-1, 1, 28, 28)
images = images.contiguous(memory_format=torch.channels_last)
labels = torch.from_numpy(idx("train-labels-idx1-ubyte.gz", 8)).long()
network = nn.Sequential(
    nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(1600, 64), nn.ReLU(), nn.Linear(64, 10),
).to(memory_format=torch.channels_last)
optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
loss_of = nn.CrossEntropyLoss()
bf16 = "bf16" in sys.argv[2:]
for epoch in range(2):
    begun = time.perf_counter()
    for rows in torch.randperm(len(labels)).split(32):
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = loss_of(network(images[rows]), labels[rows])
        loss.backward()
        optimizer.step()
    took = time.perf_counter() - begun
print(f"{took:.4f}")
