# One small image for the service, the bridge and the emulated glove: no torch, no compiler, no pip, not root.

FROM python:3.11-slim AS build
# For C (python -m scaleglove.native), which is compiled into the wheel.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
# The bill of materials is made by a tool of its own environment, which stays out of the image.
RUN python3 -m venv /opt/bill && /opt/bill/bin/pip install --no-cache-dir cyclonedx-bom==7.5.0
WORKDIR /src
COPY pyproject.toml hatch_build.py README.md LICENSE NOTICE ./
COPY scaleglove scaleglove
COPY firmware_bridge firmware_bridge
COPY clients clients
COPY service service
COPY models models
COPY benchmarks benchmarks
RUN python3 -m venv /opt/scaleglove && /opt/scaleglove/bin/pip install --no-cache-dir ".[bridge,serve]" \
    && /opt/scaleglove/bin/pip uninstall --yes setuptools pip
RUN /opt/bill/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-format JSON \
    --output-file /opt/scaleglove/bill-of-materials.cdx.json /opt/scaleglove/bin/python
# What no program here loads: tests, stubs for type checkers, NumPy's headers, Fortran and build tools, ONNX Runtime's
# library for C++ and its tools, Zstandard's second binding, sources in C and Cython, what Pygments colours but for Python,
# symbols for debuggers. The libraries beside NumPy (numpy.libs) stay as they are: strip breaks them.
# tests/package/test_image.py runs this on a copy of what is installed, holds the size, and uses the result.
RUN cd /opt/scaleglove/lib/python3*/site-packages && rm -rf numpy/_core/include numpy/distutils numpy/f2py \
    onnxruntime/capi/libonnxruntime.so* onnxruntime/datasets onnxruntime/quantization onnxruntime/tools \
    onnxruntime/transformers sqlalchemy/testing zstandard/_cffi* \
    && find pygments/lexers -type f -not -name '__init__.*' -not -name '_mapping.*' -not -name 'python.*' -delete \
    && find numpy uvloop -type f '(' -name '*.[ach]' -o -name '*.pxd' -o -name '*.pyx' ')' -delete \
    && find . -name '*.pyi' -delete && find . -type d -name tests -prune -exec rm -rf {} + \
    && find . -name '*.so*' -not -path '*.libs/*' -exec strip --strip-debug {} +

FROM python:3.11-slim
# On Debian the group dialout owns serial ports; compose adds the user to it for a real glove.
# The folder holds the database of wearers; a volume mounted there becomes owned by the user too.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin scaleglove \
    && install -d -o scaleglove -m 700 /var/lib/scaleglove
# With its bill of materials (CycloneDX): docker run --entrypoint cat IMAGE /opt/scaleglove/bill-of-materials.cdx.json
COPY --from=build /opt/scaleglove /opt/scaleglove
ENV PATH=/opt/scaleglove/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 XDG_STATE_HOME=/var/lib
USER scaleglove
EXPOSE 8000
# It listens on all interfaces, so it starts only if SCALEGLOVE_TOKENS is set to tokens or to the word none.
ENTRYPOINT ["scaleglove"]
CMD ["serve", "--host", "0.0.0.0"]
