"""Console, systemd notification, worker threads and the clock."""
