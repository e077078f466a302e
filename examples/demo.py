"""Jobs of two vendors start, run and end as one kind of thing. `make demo` runs this against the built-in sandbox."""

from __future__ import annotations

import asyncio

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from unijob import Account, Cron, Job, JobClient, JobRef, JobState, Schedule
from unijob.sandbox import Sandbox

SPEED = 15  # the sandbox's clock runs this many times faster
STYLES = {
    JobState.SUCCEEDED: "green",
    JobState.PARTIAL: "yellow",
    JobState.FAILED: "red",
    JobState.CANCELLED: "magenta",
}

console = Console(highlight=False)
if not console.is_terminal:
    console.width = 150  # a log has no edge to wrap at


def script(sandbox: Sandbox) -> None:
    """Say how the jobs that are started next will live: items, seconds of the sandbox's time, and end."""
    sandbox.script("mka1:feedback_export", items=120, duration=90)
    sandbox.script("mka1:file_batch", items=40, duration=100)
    sandbox.script("mka1:file_batch", items=25, duration=300)
    sandbox.script("mka1:eval_run", items=100, duration=120, outcome="partial")
    sandbox.script("mka1:eval_run", items=30, duration=60, outcome="failed")
    sandbox.script("gradient:indexing_job", items=3, duration=110)
    sandbox.script("gradient:indexing_job", items=4, duration=75, outcome="partial")


async def start_all(client: JobClient) -> list[Job]:
    """Start a job of every kind; only the arguments tell the vendors apart."""
    return [
        await client.start("mka1:feedback_export"),
        await client.start("mka1:file_batch", vector_store_id="vs_handbook", file_ids=["file_1", "file_2"]),
        await client.start("mka1:file_batch", vector_store_id="vs_archive", file_ids=["file_3"]),
        await client.start("mka1:eval_run", suite_id="eval_suite_mmlu", models=["meetkai/model-a"]),
        await client.start("mka1:eval_run", suite_id="eval_suite_gsm", models=["meetkai/model-b"]),
        await client.start("gradient:indexing_job", knowledge_base_uuid="20cd8434-6ea1-11f0-bf8f-4e013e2ddde4"),
        await client.start("gradient:indexing_job", knowledge_base_uuid="6a4f2a6e-7d0b-11f0-bf8f-4e013e2ddde4"),
    ]


async def follow(client: JobClient, job: Job, bars: Progress, bar: TaskID) -> Job:
    """Watch one job to its end, and show each change."""
    async for seen in client.watch(job):
        job = seen
        fraction = job.progress.fraction if job.progress is not None else None
        stage = job.progress.stage if job.progress is not None and job.progress.stage else ""
        done = 1.0 if job.is_terminal else fraction or 0.0
        bars.update(bar, completed=done, state=job.state, style=STYLES.get(job.state, "default"), stage=stage)
        if not console.is_terminal:
            console.print(f"{job.ref}  {job.state}  {items(job)}".rstrip())
    return job


async def cancel_soon(client: JobClient, ref: JobRef) -> None:
    """Cancel a job once it has begun; whoever watches it sees it end."""
    async for job in client.watch(ref):
        if job.state is JobState.RUNNING:
            await client.cancel(ref)
            return


async def watch_all(client: JobClient, jobs: list[Job]) -> list[Job]:
    """Watch all jobs at once: bars in a terminal, a line for each change elsewhere."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=12, complete_style="cyan", finished_style="bright_black"),
        TextColumn("[{task.fields[style]}]{task.fields[state]:<10}[/] {task.fields[stage]:<10}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(cancel_soon(client, jobs[2].ref))
            follows = [tasks.create_task(follow(client, job, bars, add_bar(bars, job))) for job in jobs]
    return [task.result() for task in follows]


def add_bar(bars: Progress, job: Job) -> TaskID:
    """A bar for one job."""
    return bars.add_task(short(job.ref), total=1.0, state=job.state, style="default", stage="")


async def fire_schedule(client: JobClient) -> tuple[JobRef, Job]:
    """Create a schedule, fire it once by hand, and find the run that it made."""
    created = await client.create_schedule(
        "mka1:eval_schedule",
        name="Nightly regression",
        suite_id="eval_suite_mmlu",
        cron="0 3 * * *",
        timezone="US/Pacific",
        run={"models": ["meetkai/model-a"]},
    )
    run = await client.trigger(created.ref)
    if run is None:
        raise RuntimeError(f"{created.ref} was triggered, and made no run")
    return created.ref, run


def show(schedule: Schedule) -> None:
    """Print a schedule with its last run."""
    when = f"{schedule.trigger.expression} in {schedule.trigger.timezone}" if isinstance(schedule.trigger, Cron) else ""
    following = f"{schedule.next_run_at:%Y-%m-%d %H:%M} UTC" if schedule.next_run_at else "never"
    console.print(f"\n{schedule.name}\n  {schedule.ref}")
    console.print(f"  fires at {when}; next {following}")
    console.print(f"  last run {schedule.last_run} {schedule.last_run_state}")


def short(ref: JobRef) -> str:
    """The kind, and the end of the id, which tells jobs apart."""
    return f"{ref.kind}…{str(ref)[-4:]}"


def items(job: Job) -> str:
    """Items completed of all, where the wire counts them."""
    progress = job.progress
    if progress is None or progress.completed is None:
        return ""
    return f"{progress.completed}" if progress.total is None else f"{progress.completed}/{progress.total}"


def table_of(jobs: list[Job]) -> Table:
    """One table for all vendors."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading in ("job", "state", "the vendor's status", "took", "items"):
        table.add_column(heading, overflow="fold")
    for job in jobs:
        state = f"[{STYLES.get(job.state, 'default')}]{job.state}"
        took = "" if job.duration is None else f"{job.duration.total_seconds():.0f}s"
        table.add_row(short(job.ref), state, job.raw_status or "", took, items(job))
    return table


async def main() -> None:
    """Run the whole demonstration."""
    async with Sandbox(seed=7, speed=SPEED) as sandbox:
        script(sandbox)
        accounts = [Account(name, base_url=sandbox.url(name), key=sandbox.token) for name in ("mka1", "gradient")]
        async with JobClient(accounts) as client:
            schedule, run = await fire_schedule(client)
            jobs = await start_all(client)
            console.print(f"Started {len(jobs)} jobs of two vendors, and triggered a schedule.\n")
            ended = await watch_all(client, [*jobs, run])
            console.print()
            console.print(table_of(ended))
            show(await client.schedule(schedule))


if __name__ == "__main__":
    asyncio.run(main())
