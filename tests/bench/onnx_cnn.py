"""onnxruntime scores the 10,000 test images of Fashion-MNIST through the network (random weights): the least seconds of
three runs, without its import, the loading of the network, or the reading of the images.

onnx_cnn.py DIRECTORY
"""

import gzip
import os
import sys
import time

import numpy
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

random = numpy.random.default_rng(1)
weights = [
    numpy_helper.from_array(random.normal(0, 0.05, shape).astype(numpy.float32), name)
    for name, shape in {
        "w1": (32, 1, 3, 3), "b1": (32,), "w2": (64, 32, 3, 3), "b2": (64,),
        "w3": (1600, 64), "b3": (64,), "w4": (64, 10), "b4": (10,),
    }.items()
]
layers = [
    ("Conv", ["images", "w1", "b1"], {}), ("Relu", None, {}), ("MaxPool", None, {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("Conv", ["", "w2", "b2"], {}), ("Relu", None, {}), ("MaxPool", None, {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("Flatten", None, {}), ("Gemm", ["", "w3", "b3"], {}), ("Relu", None, {}), ("Gemm", ["", "w4", "b4"], {}),
    ("Softmax", None, {}),
]
nodes, last = [], "images"
for number, (kind, inputs, options) in enumerate(layers):
    inputs = [last] + (inputs[1:] if inputs else [])
    last = f"out{number}"
    nodes.append(helper.make_node(kind, inputs, [last], **options))
graph = helper.make_graph(
    nodes, "network",
    [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["rows", 1, 28, 28])],
    [helper.make_tensor_value_info(last, TensorProto.FLOAT, ["rows", 10])], weights,
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
model.ir_version = 9
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = os.cpu_count()
session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
with gzip.open(os.path.join(sys.argv[1], "t10k-images-idx3-ubyte.gz")) as file:
    images = numpy.frombuffer(file.read(), numpy.uint8, offset=16).reshape(-1, 1, 28, 28).astype(numpy.float32) / 255


def run():
    begun = time.perf_counter()
    for first in range(0, len(images), 256):
        session.run(None, {"images": images[first : first + 256]})
    return time.perf_counter() - begun


print(f"{min(run() for _ in range(3)):.4f}")
