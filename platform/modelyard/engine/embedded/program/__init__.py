"""Running a Pulumi program: its configuration, its process, and what it loads."""
