"""From a folder of files to an index that agents can search: uploads, a knowledge base, an indexing job.

    python examples/index_folder.py handbook/ --name handbook project_id=… embedding_model_uuid=… region=tor1

The key is in GRADIENT_ACCESS_TOKEN. With GRADIENT_BASE_URL it runs against `unijob sandbox` as well.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from unijob import Job, JobClient

ONLINE = "ONLINE"
PATIENCE = 3600  # seconds for the indexing
HOPELESS = frozenset({"DECOMMISSIONED", "UNHEALTHY"})


async def upload(client: JobClient, files: Sequence[Path]) -> list[dict[str, Any]]:
    """Upload files, each by a link of its own, and give what a knowledge base is told of them."""
    wanted = [{"file_name": file.name, "file_size": str(file.stat().st_size)} for file in files]
    links = await client.call("gradient:genai_create_data_source_file_upload_presigned_urls", files=wanted)
    async with aiohttp.ClientSession(raise_for_status=True) as session:  # the links need no key, and must not get it
        for file, link in zip(files, links.uploads, strict=True):
            async with session.put(link.presigned_url, data=file.read_bytes()):
                print(f"uploaded {file.name}")
    stored = [(link.original_file_name, link.object_key) for link in links.uploads]
    return [{"file_upload_data_source": {"original_file_name": name, "stored_object_key": key}} for name, key in stored]


async def create(client: JobClient, sources: Sequence[dict[str, Any]], pause: float, **settings: Any) -> str:
    """Create a knowledge base, wait until its database is online, and give its id."""
    made = await client.call("gradient:genai_create_knowledge_base", datasources=sources, **settings)
    uuid: str = made.knowledge_base.uuid
    print(f"created knowledge base {uuid}")
    while (found := await client.call("gradient:genai_get_knowledge_base", uuid=uuid)).database_status != ONLINE:
        if found.database_status in HOPELESS:
            raise SystemExit(f"the database of {uuid} is {found.database_status}")
        await asyncio.sleep(pause)
    return uuid


async def index(client: JobClient, files: Sequence[Path], *, pause: float, **settings: Any) -> Job:
    """Walk the whole way, and give the job as it ended."""
    base = await create(client, await upload(client, files), pause, **settings)
    job = await client.start("gradient:indexing_job", knowledge_base_uuid=base)
    print(f"started {job.ref}")  # all that another process needs to go on waiting
    return await client.wait(job, timeout=PATIENCE)


def files_of(folder: Path) -> list[Path]:
    """The files in a folder, by name."""
    found = sorted(file for file in folder.iterdir() if file.is_file())
    if not found:
        raise SystemExit(f"there are no files in {folder}")
    return found


async def main(arguments: Sequence[str] | None = None, *, pause: float = 5.0) -> None:
    """Read the arguments, index, and print what came of each file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--name", required=True, help="what the knowledge base is called")
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE", help="what else the knowledge base is made with")
    given = parser.parse_intermixed_args(arguments)
    settings = dict(setting.split("=", 1) for setting in given.settings)
    async with JobClient() as client:
        job = await index(client, files_of(given.folder), pause=pause, name=given.name, **settings)
        for part in job.parts:
            done = part.progress.completed if part.progress is not None else None
            print(f"{part.id}  {part.state}  {done} indexed")
        print(f"{job.ref}  {job.state}")


if __name__ == "__main__":
    asyncio.run(main())
