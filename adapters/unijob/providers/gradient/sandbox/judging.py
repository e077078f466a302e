"""The life of a model evaluation run: the model answers every row of a dataset, then another judges the answers."""

from __future__ import annotations

from typing import Any

from unijob.providers.gradient.sandbox import evaluations
from unijob.sandbox.clock import rfc3339
from unijob.sandbox.timeline import Moment, Plan, moment
from unijob.sandbox.world import Record, World

KIND = "gradient:model_evaluation_run"
_SHOWN = ("candidate_model_uuid", "candidate_model_source", "judge_model_uuid", "dataset_uuid")
_DETAILS = ("candidate_inference_config", "eval_preset_uuid", "star_metric")
_TOKENS_IN, _TOKENS_OUT = 210, 190


class Judging:
    """One run, to be looked at at any instant.

    Args:
        record: the run.
        world: what it lives in.
    """

    def __init__(self, record: Record, world: World) -> None:
        self.record = record
        self._ids = world.ids
        script = record.script
        self._rows: int = script["items"]
        # Every row is worked on twice: once by each model.
        self._plan = Plan(
            created_at=record.created_at,
            outcome=script["outcome"],
            items=2 * self._rows,
            queued=script["queued"],
            duration=script["duration"],
            cancelling=script["cancelling"],
            failed_items=None if script["failed_items"] is None else min(script["failed_items"], self._rows),
        )

    def moment(self, now: float) -> Moment:
        """Where it stands."""
        return moment(self._plan, self.record.events, now)

    def summary(self, now: float) -> dict[str, Any]:
        """The run in short, as lists have it."""
        found = self.moment(now)
        answered, judged = self._done(found)
        data = self.record.data
        return {
            "eval_run_uuid": self.record.id,
            "name": data["name"],
            "status": f"MODEL_EVALUATION_RUN_{evaluations.status(found, is_judging=answered == self._rows)}",
            **{name: data[name] for name in _SHOWN},
            "candidate_model_name": data.get("candidate_model_name", self._name("candidate_model_uuid")),
            "judge_model_name": self._name("judge_model_uuid"),
            "dataset_name": self._name("dataset_uuid"),
            "progress": {
                "candidate_rows_evaluated": answered,
                "judge_rows_evaluated": judged,
                "total_rows": self._rows,
            },
            "created_at": rfc3339(self.record.created_at),
        }

    def view(self, now: float) -> dict[str, Any]:
        """The whole run."""
        found = self.moment(now)
        data = self.record.data
        view = {
            **self.summary(now),
            **{name: data[name] for name in _DETAILS if name in data},
            "metrics": [{"metric_uuid": self._ids.uuid_of("metric"), "metric_name": evaluations.METRIC}],
            **evaluations.times(found, "created_at", "completed_at"),
        }
        if found.outcome in {"partial", "failed"}:
            view["error_description"] = self.record.script["message"]
        if found.outcome in {"succeeded", "partial"}:
            view["result_summary"] = self._summed_up(found)
        return view

    def rows(self, now: float) -> list[dict[str, Any]]:
        """What came of the rows that are judged by now."""
        _, judged = self._done(self.moment(now))
        return [self._row(place) for place in range(judged)]

    def _row(self, place: int) -> dict[str, Any]:
        metric = self._ids.uuid_of("metric")
        return {
            "candidate_model_uuid": self.record.data["candidate_model_uuid"],
            "input": f"question {place + 1}",
            "ground_truth": f"answer {place + 1}",
            "output": f"answer {place + 1}" if self._passes(place) else "no idea",
            "metric_results": [evaluations.result(metric, evaluations.METRIC, 100.0 if self._passes(place) else 0.0)],
        }

    def _passes(self, place: int) -> bool:
        return self._ids.number_of(1, 10, "row", self.record.id, place) > 1

    def _done(self, found: Moment) -> tuple[int, int]:
        """Rows answered, and rows judged."""
        done = found.completed + found.failed
        return min(done, self._rows), max(0, done - self._rows - found.failed)

    def _name(self, of: str) -> str:
        return f"{of.removesuffix('_uuid').replace('_', ' ')} {self._ids.of(of, self.record.data[of])[:6]}"

    def _summed_up(self, found: Moment) -> dict[str, Any]:
        answered, judged = self._done(found)
        passed = sum(self._passes(place) for place in range(judged))
        share = 100.0 * passed / self._rows
        metric = {
            "metric_uuid": self._ids.uuid_of("metric"),
            "metric_name": evaluations.METRIC,
            "pass_count": passed,
            "fail_count": judged - passed,
            "skipped_count": self._rows - judged,
            "pass_percent": share,
        }
        tokens = {
            "total_candidate_input_tokens": answered * _TOKENS_IN,
            "total_candidate_output_tokens": answered * _TOKENS_OUT,
            "total_candidate_tokens": answered * (_TOKENS_IN + _TOKENS_OUT),
            "total_judge_tokens": judged * (_TOKENS_IN + _TOKENS_OUT),
        }
        return {
            "overall_score_percent": share,
            "metric_summaries": [metric],
            "performance_metrics": {"token_usage": {name: str(count) for name, count in tokens.items()}},
            "pricing": {"currency": "USD", "total_cost": round((answered + judged) * 0.0004, 6)},
            "total_duration_seconds": int((found.ended_at or 0) - (found.started_at or 0)),
        }
