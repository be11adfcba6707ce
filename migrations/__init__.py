"""Own every table: the only place that creates, changes or drops one."""
