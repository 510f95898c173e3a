"""Rebuilds the whole nano suite from nothing: `python -m modaverse_training.nano`.

Every step is a command of its own, printed before it runs. A step that is done is not done again,
and a training that was killed goes on from its last checkpoint. What the steps need of the system
is looked for before the first of them.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from modaverse.errors import BackendMissing
from modaverse_tools.pipeline import WEIGHTS
from modaverse_training.nano import instruments, scenes, wordnet

ROOM = "modaverse_training.nano"
SENSES = Path(__file__).with_name("senses.toml")  # the data of seeing and hearing


@dataclass(frozen=True)
class Step:
    """One command of the build: its name, its module with the package's name, its arguments."""

    name: str
    module: str
    arguments: tuple[str, ...]


def steps(work: Path, weights: Path) -> tuple[Step, ...]:
    """The build in order.

    Args:
        work: Folder for data and resumable states.
        weights: Where the finished weights go.
    """
    text, sketch, picture = work / "text", work / "sketch", work / "image"
    video, audio, finer = work / "video", work / "audio", work / "upscaler"
    heard_of = f"--weights {weights / 'audio'} --known {audio / 'captions.txt'}"
    pretraining = "--steps 100000 --share 0.6 --request-weight 0.03"
    base, one, two = work / "lm", work / "lm-one", work / "lm-two"
    further = f"{pretraining} --hard --rate 0.002 --minutes 70 --cool 22 --init {base / 'model'}"
    often = "--often seen=0.7 about=0.5 measured=0.1 edited=0.12"
    lora = f"--batch 8 --share 0.6 --rate 0.0005 --steps 4000 --minutes 7 {often}"
    pictures = f"--text {text} --sketch {sketch} --image {picture} --video {video}"
    judge, heard = work / "judge", work / "audio-judge"
    rows, run = work / "senses-data", work / "senses"
    later = work / "senses-further"
    more = work / "eyes-further"
    sharper = f"--minutes 48 --seed 6004 --init {weights / 'vision'}"
    seeing = f"model.vision={weights / 'vision'} model.vision_tokens=4 model.max_frames=4"
    hearing = f"model.audio={weights / 'hearing'} model.audio_tokens=4"
    trained = json.dumps([str(rows / name) for name in ("train.jsonl", "handed.jsonl")])
    learning = f"'data.train={trained}' data.validation={rows / 'validation.jsonl'}"
    small = "training.batch=4 training.micro_batch=4 data.validation_share=0"
    sensing = f"model.language={weights / 'lm'} {seeing} {hearing} {learning} {small}"
    anew = "training.captions=1500 training.epochs=3"
    captions = "training.captioned=30000 training.captions=2000"
    steps = "training.steps=4000 training.projection_rate=1e-4"
    onward = f"model.start={run} {captions} {steps} seed=32"
    lines = f"""
    text          text_encoder      --out {text} --minutes 20
    sketch        sketch            --text {text} --out {sketch} --minutes 15
    image         image             --text {text} --sketch {sketch} --out {picture} --minutes 60
    video         video             --text {text} --sketch {sketch} --out {video} --minutes 60
    ship-pictures export            {pictures} --out {weights}
    upscaler      upscaler          --out {finer} --weights {weights} --ship {weights / "upscaler"}
    layers        layers            --out {work / "layers"} --minutes 33 --ship {weights / "layers"}
    sounds        synthesis         --out {audio} --count 10000
    audio         audio             --text {text} --out {audio} --rows 10000 --minutes 90
    ship-audio    audio             --text {text} --out {audio} --ship {weights / "audio"}
    lm            lm.pretrain       --out {base} {pretraining} --minutes 240 --cool 60
    lm-one        lm.pretrain       {further} --out {one} --seed 101
    lm-two        lm.pretrain       {further} --out {two} --seed 102
    align-one     lm.align          {lora} --base {one / "model"} --out {one / "aligned"} --seed 111
    align-two     lm.align          {lora} --base {two / "model"} --out {two / "aligned"} --seed 112
    average       lm.average        {one / "aligned"} {two / "aligned"} --out {weights / "lm"}
    eyes          eyes              --out {work / "eyes"} --minutes 56 --ship {weights / "vision"}
    eyes-further  eyes              --out {more} {sharper} --ship {weights / "vision"}
    ears          ears              --out {work / "ears"} --minutes 13 --ship {weights / "hearing"}
    senses-data   modaverse         data build {SENSES} --out {rows} --quiet
    handed        handed            --data {rows}
    senses-train  modaverse         train nano out={run} {sensing} {anew}
    senses-more   modaverse         train nano out={later} {sensing} {onward}
    senses        senses            --run {later} --weights {weights}
    judge         image_classifier  train --out {judge}
    judge-image   image_classifier  judge --out {judge} --weights {weights}
    judge-video   image_classifier  judge --out {judge} --weights {weights} --video
    judge-audio   audio_classifier  --out {heard} {heard_of}
    judge-edits   edits             --judge {judge} --weights {weights}
    """
    split = (shlex.split(line) for line in lines.strip().splitlines())
    return tuple(Step(name, _whole(module), tuple(given)) for name, module, *given in split)


def _whole(module: str) -> str:
    """A module's whole name: of the command line, or of a file here."""
    return module if module == "modaverse" else f"{ROOM}.{module}"


def missing() -> tuple[str, ...]:
    """The Debian packages that the steps need and that are not here."""
    needed = {
        "fonts-noto-color-emoji": scenes.FONT.is_file(),
        "wordnet-base": (wordnet.FOLDER / "data.noun").is_file(),
        "fluidsynth": shutil.which("fluidsynth") is not None,
        "fluid-soundfont-gm": instruments.FONT.is_file(),
    }
    return tuple(package for package, here in needed.items() if not here)


def check() -> None:
    """See that everything is there before hours of training begin.

    Raises:
        BackendMissing: Packages are missing; it names all of them at once.
    """
    if absent := missing():
        told = f"the build needs what is not installed: {', '.join(absent)}"
        raise BackendMissing(told, hint=f"sudo apt-get install {' '.join(absent)}")


def main() -> int:
    """Run the steps that are not done; 0, or 1 if something that they need is not installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("nano-work"), help="data and states")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="where the weights go")
    parser.add_argument("--list", action="store_true", help="print the commands and run nothing")
    options = parser.parse_args()
    try:
        if not options.list:
            check()
    except BackendMissing as error:
        print(error, file=sys.stderr)
        return 1
    for step in steps(options.work, options.weights):
        command = ["-m", step.module, *step.arguments]
        mark = options.work / f"{step.name}.done"
        told = f"python {shlex.join(command)}"
        print(f"done: {told}" if mark.exists() else told, flush=True)
        if options.list or mark.exists():
            continue
        options.work.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, *command], check=True)
        mark.touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
