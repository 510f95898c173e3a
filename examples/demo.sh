#!/usr/bin/env bash
# Real requests through the whole path: look at a plan, then make a picture, a sound, speech and a video.
set -euo pipefail
out=${1:-demo-out}
export MODAVERSE_LIBRARY="$out/library"  # keeps a second copy of everything, for `modaverse gallery`

echo '== the plan of a request, before anything is made'
modaverse plan 'Draw a red fox in the snow and say "Hello, I am a fox."'

wish() {
  echo
  echo "== $1"
  modaverse run "$1" --out "$out" --seed 7
}
wish 'Paint a red apple, please.'
wish 'I would love to hear a dog barking.'
wish 'Read aloud: "Good evening, this is ModaVerse speaking."'
wish 'A video of a ball bouncing.'

echo
echo "== how the picture was made, as the file itself tells"
modaverse gallery show "$(ls "$out"/*-text-to-image.png | tail -n 1)"

echo
echo "== made in $out"
ls -l "$out"
