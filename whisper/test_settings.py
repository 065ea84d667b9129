import pytest
from pydantic import ValidationError

from settings import read_settings


def test_takes_the_packaged_model_when_none_is_named():
    assert read_settings({"WHISPER_MODEL": " "}).model.endswith("model")


def test_reads_the_allowed_models_from_a_list_with_commas():
    settings = read_settings({"WHISPER_ALLOWED_MODELS": "tiny, turbo,"})
    assert settings.allowed_models == {"tiny", "turbo"}


def test_lists_every_bad_setting():
    with pytest.raises(ValidationError) as caught:
        read_settings({"WHISPER_CPU_THREADS": "many", "WHISPER_DEVICE": "tpu"})
    assert caught.value.error_count() == 2
