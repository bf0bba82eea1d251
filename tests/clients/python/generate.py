"""Generates Python stubs from a descriptor set: python generate.py contract.binpb FOLDER"""

import sys

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

contract, folder = sys.argv[1:]
with open(contract, "rb") as file:
    files = FileDescriptorSet.FromString(file.read()).file
# What the protobuf package brings itself is not generated again.
names = [f.name for f in files if not f.name.startswith("google/protobuf/")]
arguments = ["protoc", f"--descriptor_set_in={contract}", f"--python_out={folder}", f"--grpc_python_out={folder}"]
sys.exit(protoc.main(arguments + names))
