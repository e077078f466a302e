"""What a model evaluation run leaves: scores, tokens and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from unijob_models.runtime import Unset

if TYPE_CHECKING:
    from unijob.reading import Reading
    from unijob_models.gradient import models


@attrs.frozen(kw_only=True)
class MetricCounts:
    """How many rows passed one metric."""

    name: str | None
    passed: int | None = None
    failed: int | None = None
    skipped: int | None = None


@attrs.frozen(kw_only=True)
class ModelEvaluationUsage:
    """What a run used."""

    candidate_tokens: int | None = None
    judge_tokens: int | None = None
    cost: float | None = None
    currency: str | None = None


@attrs.frozen(kw_only=True)
class ModelEvaluationResult:
    """What an ended run leaves. Lists have none of it."""

    score_percent: float | None = None
    metrics: tuple[MetricCounts, ...] = ()
    usage: ModelEvaluationUsage


def result_of(summary: models.ModelEvaluationSummary | Unset, reading: Reading) -> ModelEvaluationResult | None:
    """Read what a run says that came of it."""
    if isinstance(summary, Unset):
        return None
    return ModelEvaluationResult(
        score_percent=reading.number(summary.overall_score_percent),
        metrics=tuple(
            MetricCounts(
                name=reading.text(metric.metric_name),
                passed=reading.count(metric.pass_count, f"{at}.pass_count"),
                failed=reading.count(metric.fail_count, f"{at}.fail_count"),
                skipped=reading.count(metric.skipped_count, f"{at}.skipped_count"),
            )
            for at, metric in reading.each(summary.metric_summaries, "result_summary.metric_summaries")
        ),
        usage=_usage(summary, reading),
    )


def _usage(summary: models.ModelEvaluationSummary, reading: Reading) -> ModelEvaluationUsage:
    usage = ModelEvaluationUsage()
    if not isinstance(summary.pricing, Unset):
        cost, currency = reading.number(summary.pricing.total_cost), reading.text(summary.pricing.currency)
        usage = attrs.evolve(usage, cost=cost, currency=currency)
    performance = summary.performance_metrics
    if isinstance(performance, Unset) or isinstance(performance.token_usage, Unset):
        return usage
    tokens, at = performance.token_usage, "result_summary.performance_metrics.token_usage"
    return attrs.evolve(
        usage,
        candidate_tokens=reading.count(tokens.total_candidate_tokens, f"{at}.total_candidate_tokens"),
        judge_tokens=reading.count(tokens.total_judge_tokens, f"{at}.total_judge_tokens"),
    )
