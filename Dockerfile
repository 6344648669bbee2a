# One small image for the service, the bridge and the emulated glove: no torch, no compiler, not root.

FROM python:3.11-slim AS build
# For the kernel (models/runtime/kernel), which is compiled into the wheel.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml hatch_build.py README.md LICENSE NOTICE ./
COPY scaleglove scaleglove
COPY firmware_bridge firmware_bridge
COPY clients clients
COPY service service
COPY models models
COPY benchmarks benchmarks
RUN python3 -m venv /opt/scaleglove && /opt/scaleglove/bin/pip install --no-cache-dir ".[bridge,serve]"

FROM python:3.11-slim
# On Debian the group dialout owns serial ports; compose adds the user to it for a real glove.
# The folder holds the database of wearers; a volume mounted there becomes owned by the user too.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin scaleglove \
    && install -d -o scaleglove -m 700 /var/lib/scaleglove
COPY --from=build /opt/scaleglove /opt/scaleglove
ENV PATH=/opt/scaleglove/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 XDG_STATE_HOME=/var/lib
USER scaleglove
EXPOSE 8000
# It listens on all interfaces, so it starts only if SCALEGLOVE_TOKENS is set to tokens or to the word none.
ENTRYPOINT ["scaleglove"]
CMD ["serve", "--host", "0.0.0.0"]
