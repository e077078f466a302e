"""How OpenAI behaves in the sandbox."""

from __future__ import annotations

from unijob.sandbox.vendor import VendorSandbox

from unijob_openai.sandbox import answers, batches, file_batches, fine_tuning

SANDBOX = VendorSandbox(
    handlers={**batches.HANDLERS, **file_batches.HANDLERS, **fine_tuning.HANDLERS},
    lives={
        batches.KIND: batches.LIFE,
        file_batches.KIND: file_batches.LIFE,
        fine_tuning.KIND: fine_tuning.LIFE,
    },
    parents=(file_batches.STORE,),
    error=answers.error,
    invalid=answers.invalid,
    headers=lambda _world, _now: {"openai-version": "2020-10-01"},
    catch_up=lambda _world, _now: None,
)
