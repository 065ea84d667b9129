# Whisper as a worker of RunPod or of the cluster, with its model: images/build whisper
ARG CUDA=docker.io/nvidia/cuda:12.6.3-cudnn-runtime-ubuntu24.04
FROM ${CUDA} AS build
RUN apt-get update && apt-get install --yes --no-install-recommends python3 python3-venv
ARG WHISPER_MODEL=large-v3
COPY images/steps/whisper.sh /steps/
COPY whisper /source
RUN sh /steps/whisper.sh /source /app requirements.txt "$WHISPER_MODEL"

FROM ${CUDA}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/* /usr/share/doc /usr/share/man
# where it was made: a virtual environment knows its own place
COPY --from=build /app /app
ARG WHISPER_MODEL=large-v3
ENV PATH=/app/venv/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp \
    WHISPER_MODEL=$WHISPER_MODEL WHISPER_MODEL_CACHE=/app/models HF_HUB_OFFLINE=1
WORKDIR /app
USER 10001:10001
EXPOSE 8005
CMD ["python", "handler.py"]
