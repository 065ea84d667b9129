import asyncio
import base64
from pathlib import Path

import pytest

from handler import create_handler
from settings import read_settings
from transcriber import Transcriber

AUDIO = Path(__file__).parent.parent / "test" / "audio"


@pytest.fixture(scope="session")
def settings():
    return read_settings({"WHISPER_CPU_THREADS": "1", "WHISPER_MAX_AUDIO_SECONDS": "120"})


@pytest.fixture(scope="session")
def run(settings):
    """Runs a job on the real model, as the SDK does."""
    handler = create_handler(settings, Transcriber(settings))
    return lambda **job_input: asyncio.run(handler({"id": "job", "input": job_input}))


@pytest.fixture(scope="session")
def speech():
    """A file of test/audio as base64."""
    return lambda name: base64.b64encode((AUDIO / name).read_bytes()).decode()


