"""Gets a job's audio: from base64 or from a public URL, as 16 kHz mono samples, within limits."""

import base64
import binascii
import io
from typing import BinaryIO

import av
import numpy as np
from requests import RequestException
from runpod.serverless.utils.rp_ssrf import SSRFError, iter_content_capped, safe_get

SAMPLE_RATE_HZ = 16_000
# Containers of one file of sound. FFmpeg also opens play lists, which name other files and hosts.
CONTAINERS = "wav,w64,aiff,flac,mp3,aac,ogg,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,caf,amr"
FETCH_TIMEOUT_SECONDS = 30
FETCH_BLOCK_BYTES = 256 * 1024


class BadAudio(ValueError):
    """The audio itself is the problem: trying it again changes nothing."""


class AudioUnreachable(Exception):
    """The audio's URL did not answer: trying again later may help."""


def decode_base64(text: str, max_bytes: int) -> bytes:
    # Four characters carry three bytes; checked before the copy is made.
    if len(text) // 4 * 3 > max_bytes:
        raise BadAudio(f"Expected at most {max_bytes} bytes of audio")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadAudio(f"audio_base64 is not base64: {error}") from None


def fetch_audio(url: str, max_bytes: int) -> bytes:
    """Reads a URL by the SDK's guarded client, which refuses every address that is not public."""
    body = io.BytesIO()
    try:
        with safe_get(url, timeout=FETCH_TIMEOUT_SECONDS, max_bytes=max_bytes) as response:
            response.raise_for_status()
            for block in iter_content_capped(response, FETCH_BLOCK_BYTES, max_bytes):
                body.write(block)
    except SSRFError as error:
        raise BadAudio(f"audio was not fetched: {error}") from None
    except RequestException as error:
        raise AudioUnreachable(f"audio could not be fetched: {type(error).__name__}") from None
    return body.getvalue()


def decode_samples(data: bytes, max_seconds: float) -> np.ndarray:
    """Samples as float32 in -1..1. Counts while it decodes: a small file can hold days of silence."""
    try:
        samples = _decode(io.BytesIO(data), int(max_seconds * SAMPLE_RATE_HZ))
    except (av.FFmpegError, ValueError, IndexError) as error:
        if isinstance(error, BadAudio):
            raise
        raise BadAudio(f"audio could not be decoded: {type(error).__name__}") from None
    return samples.astype(np.float32) / 32768.0


def _decode(source: BinaryIO, max_samples: int) -> np.ndarray:
    blocks: list[np.ndarray] = []
    total = 0
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
    options = {"format_whitelist": CONTAINERS, "protocol_whitelist": ""}
    with av.open(source, mode="r", metadata_errors="ignore", options=options) as container:
        if not container.streams.audio:
            raise BadAudio("audio could not be decoded: the file has no sound in it")
        for frame in _flushed(container.decode(audio=0)):
            for part in resampler.resample(frame):
                block = part.to_ndarray()[0]
                total += block.size
                if total > max_samples:
                    raise BadAudio(f"Expected at most {max_samples // SAMPLE_RATE_HZ} s of audio")
                blocks.append(block)
    return np.concatenate(blocks) if blocks else np.empty(0, np.int16)


def _flushed(frames):
    """The frames, then None, which makes the resampler give what it still holds."""
    yield from frames
    yield None
