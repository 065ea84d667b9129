"""RunPod serverless worker: speech to text by faster-whisper.

Deployed, RunPod's SDK fetches jobs for it. Locally the SDK's own server answers in RunPod's shapes:

    python handler.py --rp_serve_api --rp_api_port 8005
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

# The SDK logs each job's output, which is what people said, at its default level.
os.environ.setdefault("RUNPOD_LOG_LEVEL", "INFO")

import runpod  # noqa: E402

from audio import AudioUnreachable, BadAudio, decode_base64, decode_samples, fetch_audio  # noqa: E402
from contract import JobInput, read_job_input  # noqa: E402
from settings import Settings, read_settings  # noqa: E402
from transcriber import ModelRefused, Transcriber  # noqa: E402

Job = dict[str, Any]
Handler = Callable[[Job], Awaitable[dict[str, Any]]]


def create_handler(settings: Settings, transcriber: Transcriber) -> Handler:
    """Jobs run in threads of their own, so that the server goes on answering meanwhile."""
    threads = ThreadPoolExecutor(settings.parallel_jobs, thread_name_prefix="whisper")

    async def handle(job: Job) -> dict[str, Any]:
        checked = read_job_input(job.get("input"))
        if isinstance(checked, str):
            return {"error": f"invalid input: {checked}"}
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(threads, _run, settings, transcriber, checked)
        except (BadAudio, AudioUnreachable, ModelRefused) as error:
            return {"error": str(error)}

    return handle


def _run(settings: Settings, transcriber: Transcriber, job: JobInput) -> dict[str, Any]:
    if job.audio_base64:
        data = decode_base64(job.audio_base64, settings.max_audio_bytes)
    else:
        data = fetch_audio(job.audio or "", settings.max_audio_bytes)
    return transcriber.run(job, decode_samples(data, settings.max_audio_seconds))


def main() -> None:
    settings = read_settings(os.environ)
    # Loaded before anything is served: an answering port is a worker that is ready.
    transcriber = Transcriber(settings)
    runpod.serverless.start(
        {
            "handler": create_handler(settings, transcriber),
            "concurrency_modifier": lambda _current: settings.parallel_jobs,
        }
    )


if __name__ == "__main__":
    main()
