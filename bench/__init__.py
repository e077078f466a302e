"""What `make bench` measures. Ratios are taken in one run, since machines are shared and noisy."""
