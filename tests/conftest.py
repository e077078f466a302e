"""Settings that all tests share."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

# A job in a shell's background begins with Ctrl-C ignored, and so do its children: tests of Ctrl-C need it back.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "fast", derandomize=True, max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough",
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "10_000")),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # it says more of the machine than of the strategies
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
