"""Console, systemd notification, state folder, worker threads, backoff and the clock."""
