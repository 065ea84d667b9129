"""The contract of RunPod's public worker, on real speech and a real model."""

import base64
import io
import math
import re
import wave

import pytest

LIBRIVOX = (
    "and mister john dashwood had then leisure to consider how much there might be prudently in "
    "his power to do for them he was not an ill disposed young man unless to be rather cold "
    "hearted and rather selfish is to be ill disposed had he married a more amiable woman he "
    "might have been made still more respectable than he was he might even have been made "
    "amiable himself"
)


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower().replace("mr.", "mister").replace("-", " "))


def word_error_rate(expected: list[str], heard: list[str]) -> float:
    row = list(range(len(heard) + 1))
    for i, word in enumerate(expected, start=1):
        previous, row[0] = row[0], i
        for j, other in enumerate(heard, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (word != other))
    return row[-1] / len(expected)


def wav(seconds: float, sample=lambda index: 0) -> str:
    body = io.BytesIO()
    with wave.open(body, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        count = int(seconds * 16_000)
        file.writeframes(b"".join(sample(i).to_bytes(2, "little", signed=True) for i in range(count)))
    return base64.b64encode(body.getvalue()).decode()


def test_writes_what_a_human_reader_says(run, speech):
    answer = run(audio_base64=speech("librivox.wav"), beam_size=1)
    heard = words_of(answer["transcription"])
    assert word_error_rate(words_of(LIBRIVOX), heard) <= 0.1


def test_answers_in_the_shape_of_the_public_worker(run, speech):
    answer = run(audio_base64=speech("standup-jonas.wav"))
    assert set(answer) == {
        "segments", "detected_language", "transcription", "translation", "device", "model"
    }
    assert answer["detected_language"] == "en"
    assert answer["translation"] is None
    assert set(answer["segments"][0]) == {
        "id", "seek", "start", "end", "text", "tokens", "temperature", "avg_logprob",
        "compression_ratio", "no_speech_prob",
    }


def test_gives_each_word_its_time_and_probability_when_asked(run, speech):
    answer = run(audio_base64=speech("standup-maya.wav"), word_timestamps=True)
    words = answer["word_timestamps"]
    assert "".join(word["word"] for word in words) == "".join(
        segment["text"] for segment in answer["segments"]
    )
    assert all(0 < word["probability"] <= 1 for word in words)
    starts = [word["start"] for word in words]
    assert starts == sorted(starts)
    morning = next(word for word in words if "morning" in word["word"])
    assert 1.3 < morning["start"] < morning["end"] < 3.0


def test_hears_nothing_in_silence_when_the_vad_is_on(run):
    answer = run(audio_base64=wav(3), enable_vad=True, word_timestamps=True)
    assert answer["segments"] == []
    assert answer["transcription"] == ""
    assert answer["word_timestamps"] == []


def test_answers_an_empty_file_with_no_segments(run):
    assert run(audio_base64=wav(0))["segments"] == []


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("srt", r"1\n00:00:\d\d,\d{3} --> 00:00:\d\d,\d{3}\n"),
        ("vtt", r"WEBVTT\n\n00:00:\d\d\.\d{3} --> 00:00:\d\d\.\d{3}\n"),
        ("formatted_text", r"[^\n]+\n[^\n]+"),
    ],
)
def test_writes_the_text_in_the_wanted_format(run, speech, kind, start):
    answer = run(audio_base64=speech("standup-jonas.wav"), transcription=kind)
    assert re.match(start, answer["transcription"])


def test_gives_a_translation_when_asked(run, speech):
    answer = run(audio_base64=speech("standup-jonas.wav"), translate=True, beam_size=1)
    assert "Tuesday" in answer["translation"]


@pytest.mark.parametrize(
    ("job_input", "words"),
    [
        ({}, "exactly one of audio and audio_base64"),
        ({"audio": "https://example.org/a.wav", "audio_base64": "AAAA"}, "exactly one"),
        ({"audio_base64": "AAAA", "beam_size": "five"}, "beam_size"),
        ({"audio_base64": "AAAA", "temperature": math.inf}, "temperature"),
        ({"audio_base64": "AAAA", "transcription": "pdf"}, "transcription"),
        ({"audio_base64": "AAAA", "langauge": "en"}, "langauge"),
    ],
)
def test_refuses_input_that_is_not_in_the_contract(run, job_input, words):
    error = run(**job_input)["error"]
    assert error.startswith("invalid input: ")
    assert words in error


def test_lists_every_problem_of_an_input_at_once(run):
    error = run(audio_base64="AAAA", beam_size=0, best_of=0)["error"]
    assert "beam_size" in error and "best_of" in error


def test_never_repeats_the_audio_in_an_error(run):
    assert "QUJDRA" not in run(audio_base64="QUJDRA==", beam_size=0)["error"]


@pytest.mark.parametrize(
    "text", ["this is not base64!", base64.b64encode(b"this is not audio").decode()]
)
def test_says_that_audio_which_is_not_audio_is_bad(run, text):
    error = run(audio_base64=text)["error"]
    assert "is not base64" in error or "audio could not be decoded" in error


def test_never_follows_a_play_list(run):
    play_list = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"
    error = run(audio_base64=base64.b64encode(play_list).decode())["error"]
    assert "audio could not be decoded" in error


def test_refuses_audio_longer_than_the_limit(run):
    assert "at most 120 s" in run(audio_base64=wav(121))["error"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/a.wav",
        "http://localhost/a.wav",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/a.wav",
        "http://[::ffff:10.0.0.1]/a.wav",
        "http://0x7f000001/a.wav",
        "file:///etc/passwd",
    ],
)
def test_fetches_audio_from_public_addresses_only(run, url):
    assert "audio was not fetched" in run(audio=url)["error"]


def test_refuses_a_model_that_the_settings_do_not_allow(run):
    assert "Expected model to be one of" in run(audio_base64=wav(0.1), model="large-v3")["error"]
