"""Open Inference Protocol v2 over REST with the binary tensor data extension, for the clients of Triton and KServe.

https://github.com/kserve/open-inference-protocol and Triton's protocol extensions.
"""
