"""The Open Inference Protocol v2 over REST, with the binary tensor data extension, as Triton's own clients speak it.

https://github.com/kserve/open-inference-protocol and Triton's protocol extensions.
"""
