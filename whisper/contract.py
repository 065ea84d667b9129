"""What a job may ask for: the input of RunPod's public faster-whisper worker, checked."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

TextFormat = Literal["plain_text", "formatted_text", "srt", "vtt"]


class JobInput(BaseModel):
    """Names and defaults are the public worker's; ranges are what faster-whisper can work with."""

    model_config = ConfigDict(extra="forbid", strict=True)

    audio: str | None = None
    audio_base64: str | None = None
    model: str | None = None
    transcription: TextFormat = "plain_text"
    translate: bool = False
    translation: TextFormat = "plain_text"
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    temperature: Annotated[float, Field(ge=0, le=1)] = 0
    best_of: Annotated[int, Field(ge=1, le=20)] = 5
    beam_size: Annotated[int, Field(ge=1, le=20)] = 5
    patience: Annotated[float, Field(gt=0, le=10)] = 1.0
    # The public worker's 0 switches the normalisation off and favours short texts; Whisper's own
    # default is 1.
    length_penalty: Annotated[float, Field(ge=0, le=10)] | None = 1.0
    suppress_tokens: Annotated[str, Field(pattern=r"^(-?\d+(\s*,\s*-?\d+)*)?$")] = "-1"
    initial_prompt: Annotated[str, Field(max_length=4000)] | None = None
    condition_on_previous_text: bool = True
    temperature_increment_on_fallback: Annotated[float, Field(gt=0, le=1)] | None = 0.2
    compression_ratio_threshold: float | None = 2.4
    logprob_threshold: float | None = -1.0
    no_speech_threshold: Annotated[float, Field(ge=0, le=1)] | None = 0.6
    enable_vad: bool = False
    word_timestamps: bool = False

    @model_validator(mode="after")
    def has_one_audio(self) -> "JobInput":
        if bool(self.audio) == bool(self.audio_base64):
            raise ValueError("Expected exactly one of audio and audio_base64")
        return self

    def temperatures(self) -> list[float]:
        """The temperatures to try in turn while a text looks wrong."""
        step = self.temperature_increment_on_fallback
        if step is None:
            return [self.temperature]
        count = int((1.0 - self.temperature) / step + 1e-6) + 1
        return [round(self.temperature + step * index, 6) for index in range(count)]

    def suppressed_tokens(self) -> list[int]:
        return [int(token) for token in self.suppress_tokens.split(",") if token.strip()]


def read_job_input(raw: object) -> JobInput | str:
    """The checked input, or one sentence that lists every problem."""
    try:
        return JobInput.model_validate(raw)
    except ValidationError as error:
        # The values are left out: one of them may be the whole audio.
        problems = [
            f"{'.'.join(map(str, problem['loc'])) or 'input'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        return "; ".join(problems)
