# Whisper as a worker of RunPod or of the cluster, with its model: images/build whisper
ARG CUDA=docker.io/nvidia/cuda:12.6.3-cudnn-runtime-ubuntu24.04
FROM ${CUDA}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
ARG WHISPER_MODEL=large-v3
COPY images/steps/whisper.sh /steps/
COPY whisper /source
RUN sh /steps/whisper.sh /source /app requirements.txt "$WHISPER_MODEL" && rm -rf /source /steps
ENV PATH=/app/venv/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp \
    WHISPER_MODEL=$WHISPER_MODEL WHISPER_MODEL_CACHE=/app/models HF_HUB_OFFLINE=1
WORKDIR /app
USER 10001:10001
EXPOSE 8005
CMD ["python", "handler.py"]
