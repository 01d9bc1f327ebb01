# SPDX-License-Identifier: Apache-2.0
"""Writes a QuantizedNetwork as a .tflite file: flatc turns JSON into the wire format by the schemas of
runtime/model; labels and normalisation go into the metadata, the labels' file into a zip at the end."""

import io
import json
import os
import subprocess
import tempfile
import zipfile

import numpy as np

REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
LABELS_FILE = "labels.txt"
BUILTIN = {"conv": "CONV_2D", "depthwise": "DEPTHWISE_CONV_2D", "max_pool": "MAX_POOL_2D",
           "average_pool": "AVERAGE_POOL_2D", "dense": "FULLY_CONNECTED", "reshape": "RESHAPE",
           "softmax": "SOFTMAX"}
# The number an operator has in the file, for the byte that old readers look at, and the version that
# knows int8.
CODES = {"CONV_2D": (3, 3), "DEPTHWISE_CONV_2D": (4, 3), "MAX_POOL_2D": (17, 2),
         "AVERAGE_POOL_2D": (1, 2), "FULLY_CONNECTED": (9, 4), "RESHAPE": (22, 1), "SOFTMAX": (25, 2)}


def flatc(schema, document):
    """The bytes of the JSON document under a schema of runtime/model."""
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "document.json")
        with open(source, "w", encoding="utf-8") as file:
            json.dump(document, file)
        path = os.path.join(REPOSITORY, "runtime", "model", schema)
        subprocess.run(["flatc", "--strict-json", "-b", "-o", folder, path, source], check=True)
        made = [name for name in os.listdir(folder) if name != "document.json"]
        with open(os.path.join(folder, made[0]), "rb") as file:
            return file.read()


class Writer:
    """Collects tensors, buffers and operators of the one subgraph."""

    def __init__(self):
        self.tensors, self.operators, self.codes = [], [], []
        self.buffers = [{}]  # buffer 0 is empty by convention

    def buffer(self, data):
        self.buffers.append({"data": list(data)})
        return len(self.buffers) - 1

    def tensor(self, name, kind, shape, scale=None, zero_point=0, axis=0, data=None):
        entry = {"name": name, "type": kind, "shape": [int(side) for side in shape],
                 "buffer": 0 if data is None else self.buffer(np.ascontiguousarray(data).tobytes())}
        if scale is not None:
            scales = [float(value) for value in scale]
            entry["quantization"] = {"scale": scales, "zero_point": [int(zero_point)] * len(scales),
                                     "axis": axis}
        self.tensors.append(entry)
        return len(self.tensors) - 1

    def operator(self, kind, inputs, output, options_type=None, options=None):
        name = BUILTIN[kind]
        if name not in self.codes:
            self.codes.append(name)
        entry = {"opcode_index": self.codes.index(name), "inputs": inputs, "outputs": [output]}
        if options_type:
            entry.update({"options_type": options_type, "options": options})
        self.operators.append(entry)

    def document(self, inputs, outputs, metadata):
        return {
            "version": 3, "description": "Handwritten digits, int8, trained by apps/demo/train",
            "operator_codes": [{"short_code": CODES[name][0], "version": CODES[name][1], "code": name}
                               for name in self.codes],
            "subgraphs": [{"name": "main", "tensors": self.tensors, "inputs": inputs,
                           "outputs": outputs, "operators": self.operators}],
            "metadata": [{"name": "TFLITE_METADATA", "buffer": self.buffer(metadata)}],
            "buffers": self.buffers,
        }


def options_of(step):
    relu = "RELU" if step.relu else "NONE"
    if step.kind == "conv":
        return "Conv2D", {"padding": "SAME", "stride_w": 1, "stride_h": 1, "activation": relu}
    if step.kind == "depthwise":
        return "DepthwiseConv2D", {"padding": "SAME", "stride_w": 1, "stride_h": 1,
                                   "depth_multiplier": 1, "activation": relu}
    if step.kind.endswith("pool"):
        return "Pool2D", {"padding": "VALID", "stride_w": step.size, "stride_h": step.size,
                          "filter_w": step.size, "filter_h": step.size}
    return "FullyConnected", {"activation": relu}


def add_step(writer, step, source, shape, input_scale):
    """Appends one step; returns (its output tensor, the output's shape)."""
    inputs = [source]
    if step.kind.endswith("pool"):
        shape = [1, shape[1] // step.size, shape[2] // step.size, shape[3]]
    else:
        axis = 3 if step.kind == "depthwise" else 0
        inputs.append(writer.tensor(f"{step.name}/weights", "INT8", step.weights.shape,
                                    step.weight_quant.scale, 0, axis, step.weights))
        bias_scale = input_scale.astype(np.float32) * step.weight_quant.scale
        inputs.append(writer.tensor(f"{step.name}/bias", "INT32", step.bias.shape, bias_scale,
                                    data=step.bias.astype("<i4")))
        channels = len(step.bias)
        shape = [1, channels] if step.kind == "dense" else [*shape[:3], channels]
    output = writer.tensor(step.name, "INT8", shape, step.output.scale, step.output.zero_point)
    writer.operator(step.kind, inputs, output, *options_of(step))
    return output, shape


def metadata_bytes(labels):
    return flatc("tflite_metadata.fbs", {
        "name": "digits", "version": "1", "license": "Apache-2.0",
        "description": "A handwritten digit, bright on dark, or none.",
        "subgraphs": [{
            "inputs": [{"name": "picture", "description": "grey, bright ink on a dark board",
                        "process_units": [{"options_type": "Normalization",
                                           "options": {"mean": [0.0], "std": [255.0]}}]}],
            "outputs": [{"name": "score", "description": f"one of {len(labels)} classes",
                         "associated_files": [{"name": LABELS_FILE, "use": "TENSOR_AXIS_LABELS",
                                               "description": "class names by index"}]}],
        }],
    })


def tflite_bytes(network, side, labels):
    writer = Writer()
    shape = [1, side, side, 1]
    first = source = writer.tensor("picture", "INT8", shape, network.input.scale,
                                   network.input.zero_point)
    scale = network.input.scale
    for step in network.steps:
        if step.kind == "dense":
            flat = [1, int(np.prod(shape))]
            wanted = writer.tensor("flat/shape", "INT32", [2], data=np.array(flat, "<i4"))
            output = writer.tensor("flat", "INT8", flat, previous.output.scale,
                                   previous.output.zero_point)
            writer.operator("reshape", [source, wanted], output, "Reshape", {"new_shape": flat})
            source, shape = output, flat
        source, shape = add_step(writer, step, source, shape, scale)
        scale, previous = step.output.scale, step
    # Softmax has one legal output scheme: 1/256, -128.
    output = writer.tensor("score", "INT8", shape, [1 / 256], -128)
    writer.operator("softmax", [source], output, "Softmax", {"beta": 1.0})
    model = flatc("tflite.fbs", writer.document([first], [output], metadata_bytes(labels)))

    files = io.BytesIO()
    with zipfile.ZipFile(files, "w", zipfile.ZIP_STORED) as archive:
        # A fixed time: the same weights give the same bytes.
        entry = zipfile.ZipInfo(LABELS_FILE, (2024, 1, 1, 0, 0, 0))
        archive.writestr(entry, "\n".join(labels) + "\n")
    return model + files.getvalue()
