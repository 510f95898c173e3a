"""transformers.Trainer with the loss of plans, small checkpoints, and errors with a hint."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from modaverse.errors import TrainingError
from modaverse_training.alignment.checkpoints import discard_from, guarded, last_good
from modaverse_training.alignment.objective import plan_loss

__all__ = ["AlignmentTrainer"]

Keep = Callable[[Path, Mapping[str, torch.Tensor] | None], None]
Restore = Callable[[Path], None]


class AlignmentTrainer(Trainer):  # type: ignore[misc]
    """Trains what of the model requires a gradient.

    Args:
        model: The multimodal model, with its adapter.
        args: As transformers has them; the order of the data is the data set's own.
        data: Sequences, or rows, in the order in which they are learned from.
        validation: Those that are measured on; None for none.
        collate: Makes a batch of them.
        keep: Writes adapter and projections to a folder, from a gathered state or the model's own.
        restore: Reads them back.
        attention: Implementation that the model computes attention with.
        projection_rate: Highest rate of the projections; 0 for that of all.
        callbacks: Told of every step.
    """

    # Every loss here is a sum over the tokens of the whole step, divided by their number.
    loss_is_scaled_for_ga = True
    control: Any

    def __init__(
        self,
        model: torch.nn.Module,
        args: TrainingArguments,
        *,
        data: Dataset[Any],
        validation: Dataset[Any] | None,
        collate: Callable[..., dict[str, torch.Tensor]],
        keep: Keep,
        restore: Restore,
        attention: str,
        projection_rate: float,
        callbacks: list[TrainerCallback],
    ) -> None:
        super().__init__(
            model,
            args,
            data_collator=collate,
            train_dataset=data,
            eval_dataset=validation,
            callbacks=callbacks,
        )
        self.remove_callback(PrinterCallback)  # the callbacks tell already
        self.model_accepts_loss_kwargs = True  # so that the tokens of the whole step are counted
        self._loss_shifts_labels = True
        self._keep = keep
        self._restore = restore
        self._attention = attention
        self._projection_rate = projection_rate
        self._head: torch.nn.Module = model.get_output_embeddings()  # type: ignore[operator]

    def create_optimizer(self, model: Any = None) -> Any:
        """As transformers makes it, with the projections' own rate if they have one."""
        optimizer = super().create_optimizer(model)
        parts = getattr(self.model, "projections", None)
        if not self._projection_rate or parts is None:
            return optimizer
        own = {id(parameter) for parameter in parts.parameters()}
        for group in list(optimizer.param_groups):
            apart = [value for value in group["params"] if id(value) in own]
            group["params"] = [value for value in group["params"] if id(value) not in own]
            if apart:
                rate = {"params": apart, "lr": self._projection_rate}
                optimizer.add_param_group({**group, **rate})
        return optimizer

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> torch.Tensor:
        """The share of a micro-batch in the mean loss a token of its step, float32 [].

        Raises:
            TrainingError: The loss is no number.
        """
        total, tokens = plan_loss(model, self._head, inputs, attention=self._attention)
        if not torch.isfinite(total):
            raise self._diverged(f"the loss became {total.item()}")
        items = tokens if num_items_in_batch is None else num_items_in_batch
        # Gradients are averaged over the processes; this one's tokens are a part of the whole.
        share: torch.Tensor = total / items * self.accelerator.num_processes
        return share

    def evaluate(
        self,
        eval_dataset: Dataset[Any] | None = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> dict[str, float]:
        """The mean loss a token of the validation data, however it is cut into batches.

        Raises:
            TrainingError: It is no number.
        """
        started = time.perf_counter()
        model = self.model_wrapped
        model.eval()
        sums = torch.zeros(2, dtype=torch.float64, device=self.args.device)  # loss, tokens
        with torch.no_grad():
            for batch in self.get_eval_dataloader(eval_dataset):
                with self.compute_loss_context_manager():
                    total, tokens = plan_loss(
                        model, self._head, self._prepare_inputs(batch), attention=self._attention
                    )
                sums += torch.stack([total.double(), tokens.double()])
        model.train()
        whole = self.accelerator.reduce(sums, "sum").tolist()
        if not math.isfinite(whole[0]):
            raise self._diverged(f"the loss on the rows that are measured on became {whole[0]}")
        metrics = {
            f"{metric_key_prefix}_loss": whole[0] / max(whole[1], 1.0),
            f"{metric_key_prefix}_tokens": whole[1],
            f"{metric_key_prefix}_seconds": round(time.perf_counter() - started, 3),
        }
        self.log(metrics)
        handler, control = self.callback_handler, self.control
        self.control = handler.on_evaluate(self.args, self.state, control, metrics)
        return metrics

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Write what is trained, if it is made of numbers.

        Raises:
            TrainingError: It is not.
        """
        learned = (value for value in self.model.parameters() if value.requires_grad)
        if not all(bool(torch.isfinite(value).all()) for value in learned):
            raise self._diverged("what is trained is no number any more")
        super().save_model(output_dir, _internal_call)

    def _save_checkpoint(self, model: torch.nn.Module, trial: Any) -> None:
        folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        with guarded(folder):
            super()._save_checkpoint(model, trial)

    def _save(
        self, output_dir: str | None = None, state_dict: Mapping[str, torch.Tensor] | None = None
    ) -> None:
        """Only what is trained; the frozen weights lie where they were taken from."""
        folder = Path(output_dir or self.args.output_dir)
        folder.mkdir(parents=True, exist_ok=True)
        self._keep(folder, state_dict)

    def _load_from_checkpoint(
        self, resume_from_checkpoint: str, model: torch.nn.Module | None = None
    ) -> None:
        if self.is_fsdp_enabled:
            super()._load_from_checkpoint(resume_from_checkpoint, model)
        else:
            self._restore(Path(resume_from_checkpoint))

    def _diverged(self, what: str) -> TrainingError:
        """The error of a run that lost its numbers; what the last step wrote is deleted.

        Who would go on from there would come to the same.
        """
        run, step = Path(self.args.output_dir), self.state.global_step
        if self.is_world_process_zero():
            discard_from(run, step)
        good = last_good(run)
        hint = "lower training.learning_rate or raise training.warmup, and begin anew: --restart"
        if good:
            hint += f", or with model.start={good} and another out="
        kept = f"{good.name} is kept" if good else "no checkpoint is kept"
        return TrainingError(f"{what} after step {step}; {kept}", hint=hint)
