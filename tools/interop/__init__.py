"""Whether other programs open what we write, and we what they write; `make interop` runs the three steps in turn.

``write`` needs OpenRacer alone, ``check`` runs in an environment with TensorFlow, OpenVINO, ONNX Runtime and LiteRT and
imports nothing of ours, ``read`` needs OpenRacer again.
"""
