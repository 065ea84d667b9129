#!/bin/sh
# Makes what the image of Whisper holds: steps/whisper.sh SOURCE TARGET REQUIREMENTS MODEL.
# SOURCE is the folder whisper/, TARGET gets the program and a virtual environment; the model goes
# to TARGET/models, so that a cold start downloads nothing. MODEL may be empty: then the model is
# one of the requirements.
set -eu
source=$1 target=$2 requirements=$3 model=$4
mkdir -p "$target"
python3 -m venv "$target/venv"
"$target/venv/bin/pip" install --no-cache-dir --disable-pip-version-check -r "$source/$requirements"
if [ -n "$model" ]; then
  "$target/venv/bin/python" -c \
    "import sys; from faster_whisper import download_model; download_model(sys.argv[1], cache_dir=sys.argv[2])" \
    "$model" "$target/models"
fi
for file in audio.py contract.py handler.py settings.py transcriber.py; do
  cp "$source/$file" "$target/$file"
done
