"""What MKA1 changed between July and October 2026, listed by hand."""

from __future__ import annotations

from tests.codegen.diff.making import ROOT, spec, told
from unijob_codegen.diff.levels import Direction
from unijob_codegen.diff.messages import message
from unijob_codegen.diff.operations import compare
from unijob_codegen.diff.report import Comparison, report

EXPORT = ("getExportStatus",)
EXPORTS = ("getExportStatus", "startExportFeedback")
RUNS = (
    "cancelEvalRun",
    "createEvalRun",
    "getEvalRun",
    "listEvalRuns",
    "listEvalScheduleRuns",
    "rerunFailedEvalSamples",
    "retryFailedEvalRun",
)
FILES = ("listVectorStoreFilesInBatch",)
BATCHES = ("cancelBatch", "createBatch", "getBatch", "listBatches")
AGENTS = ("createAgentRun", "getAgentRun", "listAgentRuns")
COMPUTE = ("createJob", "getJob", "listJobs", "terminateJob")
CANCEL = "operation added (POST /api/v1/agents/{agent_id}/runs/{run_id}/cancel)"
RESULT, PROGRESS, JOB = "FeedbackExportResult", "FeedbackExportProgress", "FeedbackExport"
REQUIRED, OPTIONAL = "required property", "optional property"

# level, where, what, operations
RESPONSES = [
    ("ERR", f"{RESULT} /properties/outputPath", f"{REQUIRED} `outputPath` renamed to `output_path`", EXPORT),
    (
        "ERR",
        f"{RESULT} /properties/completionsFile",
        f"{REQUIRED} `completionsFile` renamed to `completions_file`",
        EXPORT,
    ),
    ("ERR", f"{RESULT} /properties/responsesFile", f"{REQUIRED} `responsesFile` renamed to `responses_file`", EXPORT),
    ("ERR", f"{RESULT} /properties/recordCount", f"{REQUIRED} `recordCount` renamed to `record_count`", EXPORT),
    (
        "ERR",
        f"{RESULT} /properties/completionFeedbackCount",
        f"{REQUIRED} `completionFeedbackCount` renamed to `completion_feedback_count`",
        EXPORT,
    ),
    (
        "ERR",
        f"{RESULT} /properties/responseFeedbackCount",
        f"{REQUIRED} `responseFeedbackCount` renamed to `response_feedback_count`",
        EXPORT,
    ),
    (
        "ERR",
        f"{RESULT} /properties/exportedAt",
        (
            f"{REQUIRED} `exportedAt` renamed to `exported_at`; "
            "type changed: integer (int64, unix-milliseconds) → string (date-time)"
        ),
        EXPORT,
    ),
    ("ERR", f"{RESULT} /properties/durationMs", f"{REQUIRED} `durationMs` renamed to `duration_ms`", EXPORT),
    ("WARN", f"{JOB} /properties/startTime", f"{OPTIONAL} `startTime` renamed to `start_time`", EXPORT),
    ("WARN", f"{JOB} /properties/closeTime", f"{OPTIONAL} `closeTime` renamed to `close_time`", EXPORT),
    ("WARN", f"{PROGRESS} /properties/recordCount", f"{OPTIONAL} `recordCount` renamed to `record_count`", EXPORTS),
    (
        "WARN",
        f"{PROGRESS} /properties/completionCount",
        f"{OPTIONAL} `completionCount` renamed to `completion_count`",
        EXPORTS,
    ),
    (
        "WARN",
        f"{PROGRESS} /properties/responseCount",
        f"{OPTIONAL} `responseCount` renamed to `response_count`",
        EXPORTS,
    ),
    ("WARN", f"{PROGRESS} /properties/parquetBytes", f"{OPTIONAL} `parquetBytes` renamed to `parquet_bytes`", EXPORTS),
    ("WARN", "FeedbackExportStatus", "enum value `UNKNOWN` added", EXPORTS),
    ("WARN", "VectorStoreFileErrorCode", "enum value `duplicate_file` added", FILES),
    ("INFO", "EvalRun /properties/org_id", f"{REQUIRED} `org_id` added (string)", RUNS),
    ("INFO", "EvalRun /properties/team_id", f"{REQUIRED} `team_id` added (string)", RUNS),
    ("INFO", "EvalRun /properties/agent_name", f"{REQUIRED} `agent_name` added (string or null)", RUNS),
    ("INFO", "EvalRun /properties/agent_version", f"{REQUIRED} `agent_version` added (string or null)", RUNS),
    ("INFO", "EvalRun /properties/agent_effort", f"{REQUIRED} `agent_effort` added (string or null)", RUNS),
    ("INFO", "EvalRun /properties/cost_usd", f"{REQUIRED} `cost_usd` added (number or null)", RUNS),
    ("INFO", "EvalRun /properties/tokens", f"{REQUIRED} `tokens` added (EvalRunTokens)", RUNS),
    *(
        (
            "INFO",
            f"VectorStoreFile /properties/{name}",
            f"{OPTIONAL} `{name}` added (integer (int64) or null)",
            FILES,
        )
        for name in ("chunk_count", "processed_chunk_count", "page_count", "processed_page_count")
    ),
    ("WARN", "AgentRunStatus", "enum value `cancelled` added", AGENTS),
    ("WARN", "AgentRunStatus", "enum value `incomplete` added", AGENTS),
    ("INFO", "Batch /properties/max_concurrency", f"{REQUIRED} `max_concurrency` added (integer (int64))", BATCHES),
    *(
        ("INFO", f"{schema} /properties/{name}", f"{OPTIONAL} `{name}` added ({what})", COMPUTE)
        for schema, name, what in (
            ("ComputeJob", "current_price_usd_hr", "number"),
            ("ComputeJob", "instance_price_usd_hr", "number"),
            ("ComputeJob", "pricing_model", "ComputePricing"),
            ("ComputeJob", "volumes", "array of ComputeVolumeMount"),
            ("ComputeNeeds", "instance_count", "integer"),
            ("ComputeNeeds", "vcpu_count", "integer"),
        )
    ),
    ("INFO", "operation cancelAgentRun", CANCEL, ("cancelAgentRun",)),
]
REQUESTS = [
    ("INFO", "parameter OwnedOnly", "optional parameter `owned_only` (query) added (boolean)", ("listEvalRuns",)),
    (
        "INFO",
        "FileBatchRequest /properties/skip_duplicates",
        f"{OPTIONAL} `skip_duplicates` added (boolean)",
        ("createVectorStoreFileBatch",),
    ),
    ("INFO", "parameter Offset", "optional parameter `offset` (query) added (integer)", ("listAgentRuns",)),
    ("INFO", "AgentRunRequest /properties/stream", f"{OPTIONAL} `stream` added (boolean)", ("createAgentRun",)),
    ("INFO", "BatchEndpoint", "enum value `/v1/responses` added", ("createBatch",)),
    ("INFO", "BatchRequest /properties/max_concurrency", f"{OPTIONAL} `max_concurrency` added (integer)", BATCHES[1:2]),
    *(
        ("INFO", f"{schema} /properties/{name}", f"{OPTIONAL} `{name}` added ({what})", ("createJob",))
        for schema, name, what in (
            ("ComputeCommandContainer", "image_pull_secret", "string"),
            ("ComputeCommandContainer", "registry_credential", "ComputeRegistryCredential"),
            ("ComputeScriptContainer", "image_pull_secret", "string"),
            ("ComputeScriptContainer", "registry_credential", "ComputeRegistryCredential"),
            ("ComputeJobRequest", "volumes", "array of ComputeVolumeMount"),
            ("ComputeNeeds", "instance_count", "integer"),
            ("ComputeNeeds", "vcpu_count", "integer"),
        )
    ),
    ("INFO", "operation cancelAgentRun", CANCEL, ("cancelAgentRun",)),
]

# what is said of the kinds, by place; places that are not here touch none
IMPACT = {
    **{
        f"{holder} /properties/{old}": f"reads `{old}` ({fields}) as `{new}` in both: nothing to do"
        for holder, old, new, fields in (
            (RESULT, "outputPath", "output_path", "result.output_path"),
            (RESULT, "completionsFile", "completions_file", "result.completions_file"),
            (RESULT, "responsesFile", "responses_file", "result.responses_file"),
            (RESULT, "recordCount", "record_count", "progress, progress.total, result.record_count"),
            (RESULT, "completionFeedbackCount", "completion_feedback_count", "result.completion_feedback_count"),
            (RESULT, "responseFeedbackCount", "response_feedback_count", "result.response_feedback_count"),
            (RESULT, "durationMs", "duration_ms", "result.duration"),
            (JOB, "startTime", "start_time", "started_at"),
            (JOB, "closeTime", "close_time", "finished_at"),
            (PROGRESS, "recordCount", "record_count", "progress.completed"),
        )
    },
    f"{RESULT} /properties/exportedAt": (
        "reads `exportedAt` (result.exported_at): now string (date-time); its adapter reads 2026-10 so: nothing to do"
    ),
    "FeedbackExportStatus": "lists `UNKNOWN` already: state `unknown`",
}


def between() -> Comparison:
    (comparison,) = report(ROOT, "mka1@2026-07", "mka1@2026-10")
    return comparison


def test_every_change_and_no_more() -> None:
    """The diff of the two revisions is this list: places, renames, levels and the operations reached."""
    found = [
        (change.level.name, str(change.place), message(change.finding), tuple(change.operations(direction)))
        for change in between().changes
        for direction in change.levels
    ]
    assert sorted(found) == sorted([*RESPONSES, *REQUESTS])


def test_directions() -> None:
    """Each change is in requests, in responses, or in both, as it is listed above."""
    where = {str(change.place): set(change.levels) for change in between().changes}
    listed: dict[str, set[Direction]] = {}
    for _, place, _, _ in REQUESTS:
        listed.setdefault(place, set()).add(Direction.REQUEST)
    for _, place, _, _ in RESPONSES:
        listed.setdefault(place, set()).add(Direction.RESPONSE)
    assert where == listed


def test_impact() -> None:
    """Each change that a kind reads tells what becomes of its Job; no other does."""
    comparison = between()
    assert comparison.note is None
    found = {
        str(change.place): [impact.text for impact in change.impact] for change in comparison.changes if change.impact
    }
    ours = {place: text for place, text in found.items() if "Agent" not in place}
    assert ours == {place: [f"`mka1:feedback_export` {text}"] for place, text in IMPACT.items()}
    agents = [impact.text for change in comparison.changes for impact in change.impact if "agent_run" in impact.text]
    assert agents == [
        "`mka1:agent_run` lists `cancelled` already: state `cancelled`",
        "`mka1:agent_run` lists `incomplete` already: state `partial`",
        "`mka1:agent_run` could now cancel",
    ]
    assert all(impact.settled for change in comparison.changes for impact in change.impact)


def test_nothing_between_a_spec_and_itself() -> None:
    """A spec has no changes to itself."""
    for path in ("specs/mka1/2026-07.yaml", "specs/mka1/2026-10.yaml", "specs/gradient/2026-08.yaml"):
        assert told(compare(spec(path), spec(path))) == []
