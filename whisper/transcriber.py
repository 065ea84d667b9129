"""faster-whisper behind the output of RunPod's public worker."""

import gc
import math
import os
import threading
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.utils import format_timestamp

from contract import JobInput
from settings import Settings


class ModelRefused(ValueError):
    """The job asks for a model that this worker does not serve."""


def model_name_of(name_or_folder: str) -> str:
    """A folder's model is known by the folder's name."""
    return os.path.basename(os.path.normpath(name_or_folder))


class Transcriber:
    """Holds one model at a time; another one that the settings allow takes its place on demand."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._device = _choose_device(settings.device)
        self._name = model_name_of(settings.model)
        self._model = self._load(settings.model)

    @property
    def model_name(self) -> str:
        return self._name

    def run(self, job: JobInput, samples: np.ndarray) -> dict[str, Any]:
        model, name = self._model_for(job.model)
        segments, language = _transcribe(model, job, samples)
        translation = None
        if job.translate:
            translated, _ = _transcribe(model, job, samples, task="translate")
            translation = format_text(job.translation, translated)
        result: dict[str, Any] = {
            "segments": [_segment_as_json(segment) for segment in segments],
            "detected_language": language,
            "transcription": format_text(job.transcription, segments),
            "translation": translation,
            "device": self._device,
            "model": name,
        }
        if job.word_timestamps:
            result["word_timestamps"] = [
                {
                    "word": word.word,
                    "start": float(word.start),
                    "end": float(word.end),
                    "probability": _finite(word.probability),
                }
                for segment in segments
                for word in segment.words or []
            ]
        return result

    def _model_for(self, wanted: str | None) -> tuple[WhisperModel, str]:
        with self._lock:
            if wanted is not None and model_name_of(wanted) != self._name:
                if wanted not in self._settings.allowed_models:
                    allowed = sorted({self._name, *self._settings.allowed_models})
                    raise ModelRefused(f"Expected model to be one of {allowed}, got {wanted!r}")
                # The old model goes first: memory holds one.
                del self._model
                gc.collect()
                self._model = self._load(wanted)
                self._name = wanted
            return self._model, self._name

    def _load(self, name_or_folder: str) -> WhisperModel:
        settings = self._settings
        return WhisperModel(
            name_or_folder,
            device=self._device,
            compute_type=settings.compute_type
            or ("float16" if self._device == "cuda" else "int8"),
            cpu_threads=settings.cpu_threads,
            num_workers=settings.parallel_jobs,
            download_root=settings.model_cache,
        )


def _choose_device(device: str) -> str:
    if device != "auto":
        return device
    return "cuda" if ctranslate2.get_cuda_device_count() > 0 else "cpu"


def _transcribe(
    model: WhisperModel, job: JobInput, samples: np.ndarray, task: str = "transcribe"
) -> tuple[list, str | None]:
    if samples.size == 0:
        return [], job.language
    segments, info = model.transcribe(
        samples,
        task=task,
        language=job.language,
        beam_size=job.beam_size,
        best_of=job.best_of,
        patience=job.patience,
        length_penalty=1.0 if job.length_penalty is None else job.length_penalty,
        temperature=job.temperatures(),
        compression_ratio_threshold=job.compression_ratio_threshold,
        log_prob_threshold=job.logprob_threshold,
        no_speech_threshold=job.no_speech_threshold,
        condition_on_previous_text=job.condition_on_previous_text,
        initial_prompt=job.initial_prompt,
        suppress_tokens=job.suppressed_tokens(),
        word_timestamps=job.word_timestamps,
        vad_filter=job.enable_vad,
    )
    # The segments are made while the list is read.
    return list(segments), info.language


def _segment_as_json(segment) -> dict[str, Any]:
    return {
        "id": segment.id,
        "seek": segment.seek,
        "start": float(segment.start),
        "end": float(segment.end),
        "text": segment.text,
        "tokens": [int(token) for token in segment.tokens],
        "temperature": segment.temperature,
        "avg_logprob": _finite(segment.avg_logprob),
        "compression_ratio": _finite(segment.compression_ratio),
        "no_speech_prob": _finite(segment.no_speech_prob),
    }


def _finite(value: float) -> float | None:
    """JSON has no NaN: one would cost the whole answer."""
    return float(value) if math.isfinite(value) else None


def format_text(kind: str, segments: list) -> str:
    """The whole text as the job wants it: plain, a line per segment, or subtitles."""
    if kind == "srt":
        return "".join(
            f"{index}\n{_span(segment, ',')}\n{_subtitle(segment)}\n\n"
            for index, segment in enumerate(segments, start=1)
        )
    if kind == "vtt":
        return "WEBVTT\n\n" + "".join(
            f"{_span(segment, '.')}\n{_subtitle(segment)}\n\n" for segment in segments
        )
    return ("\n" if kind == "formatted_text" else " ").join(
        segment.text.lstrip() for segment in segments
    )


def _span(segment, decimal_marker: str) -> str:
    start, end = (
        format_timestamp(moment, always_include_hours=True, decimal_marker=decimal_marker)
        for moment in (segment.start, segment.end)
    )
    return f"{start} --> {end}"


def _subtitle(segment) -> str:
    # An arrow in the text would end the subtitle.
    return segment.text.strip().replace("-->", "->")
