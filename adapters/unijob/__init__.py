"""unijob: one job client for every AI platform's long-running jobs."""
