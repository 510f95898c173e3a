"""Settings of a run in the words of transformers.TrainingArguments, and what the machine allows."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

from modaverse.errors import BackendMissing, ConfigError
from modaverse_training.alignment.config import AlignmentConfig

__all__ = [
    "accumulation",
    "check_device",
    "check_packages",
    "in_bfloat16",
    "on_cpu",
    "training_arguments",
    "world",
]

_PACKAGES = {"tensorboard": "tensorboard", "wandb": "wandb", "trackio": "trackio"}


def world() -> tuple[int, int]:
    """This process's number and how many there are, as torchrun and accelerate tell it."""
    return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))


def check_packages(config: AlignmentConfig) -> None:
    """See that what the settings ask for is installed, before anything takes long.

    Raises:
        BackendMissing: A package is missing; the hint is the line to type.
    """
    wanted = {f"logging.report_to = {name}": _PACKAGES[name] for name in config.logging.report_to}
    if config.model.quantize != "none":
        wanted[f"model.quantize = {config.model.quantize}"] = "bitsandbytes"
    if config.model.attention == "flash_attention_2":
        wanted["model.attention = flash_attention_2"] = "flash_attn"
    for setting, package in wanted.items():
        if find_spec(package) is None:
            pip = package.replace("_", "-")
            raise BackendMissing(f"{setting} needs the package {pip!r}", hint=f"pip install {pip}")


def check_device(config: AlignmentConfig) -> None:
    """See that there is the GPU that the settings ask for, before anything is read.

    Raises:
        ConfigError: There is none, or it is not to be used.
    """
    quantize = config.model.quantize
    if quantize != "none" and on_cpu(config):
        why = "training.device is cpu" if config.training.device == "cpu" else "there is none here"
        raise ConfigError(
            f"model.quantize = {quantize} needs a GPU, and {why}",
            hint="leave it out on a CPU: model.quantize=none, with a smaller model if need be",
        )


def on_cpu(config: AlignmentConfig) -> bool:
    """Whether the run computes on the CPU."""
    import torch

    return config.training.device == "cpu" or not torch.accelerator.is_available()


def in_bfloat16(config: AlignmentConfig) -> bool:
    """Whether the run computes in bfloat16; by itself only where that is faster."""
    import torch

    from modaverse_training.precision import FAST_BFLOAT16

    if config.training.precision != "auto":
        return config.training.precision == "bfloat16"
    if on_cpu(config):
        return FAST_BFLOAT16
    return not torch.cuda.is_available() or torch.cuda.is_bf16_supported()


def accumulation(config: AlignmentConfig, processes: int) -> int:
    """Micro-batches of one process that make a step.

    Raises:
        ConfigError: The batch cannot be cut so.
    """
    batch, micro = config.training.batch, config.training.micro_batch
    if batch % (micro * processes):
        raise ConfigError(
            f"training.batch is {batch}; {processes} processes with training.micro_batch = {micro} "
            f"need a multiple of {micro * processes}",
            hint="lower training.micro_batch, or change training.batch",
        )
    return batch // (micro * processes)


def training_arguments(config: AlignmentConfig, *, steps: int, measured: bool) -> Any:
    """What transformers' Trainer is told.

    Args:
        config: The settings.
        steps: Of the whole run.
        measured: Whether there are rows to measure on.

    Raises:
        ConfigError: It knows no such optimizer, or the device no such precision.
    """
    try:
        return _arguments(config, steps, measured=measured)
    except ValueError as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(
            f"transformers refuses the settings of the training: {reason}",
            hint="look at training.optimizer, training.precision and training.device",
        ) from error


def _arguments(config: AlignmentConfig, steps: int, *, measured: bool) -> Any:
    from transformers import TrainingArguments

    training, logging = config.training, config.logging
    _, processes = world()
    often = measured and logging.evaluate_every > 0
    return TrainingArguments(
        output_dir=str(config.out),
        max_steps=steps,
        per_device_train_batch_size=training.micro_batch,
        per_device_eval_batch_size=training.micro_batch,
        gradient_accumulation_steps=accumulation(config, processes),
        learning_rate=training.learning_rate,
        lr_scheduler_type=training.schedule
        if training.schedule != "constant"
        else "constant_with_warmup",
        warmup_steps=training.warmup if training.warmup > 0 else 0,
        optim=training.optimizer,
        weight_decay=training.weight_decay,
        max_grad_norm=training.clip,
        bf16=in_bfloat16(config),
        logging_steps=logging.every,
        logging_first_step=True,
        logging_nan_inf_filter=False,  # a loss that is no number is an error, not a gap
        eval_strategy="steps" if often else "no",
        eval_steps=logging.evaluate_every if often else None,
        save_strategy="steps",
        save_steps=config.saving.every,
        save_total_limit=config.saving.keep,
        seed=config.seed,
        data_seed=config.seed,
        train_sampling_strategy="sequential",  # the schedule has mixed the rows already
        use_cpu=on_cpu(config),
        report_to=list(logging.report_to) or "none",
        project=logging.project,
        run_name=config.out.name,
        disable_tqdm=True,
        remove_unused_columns=False,
        label_names=["labels"],
        ddp_find_unused_parameters=False,
        dataloader_num_workers=training.workers,
        dataloader_pin_memory=not on_cpu(config),
    )
