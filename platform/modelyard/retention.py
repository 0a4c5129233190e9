"""How long CloudWatch keeps logs."""

from typing import Literal

# The steps that CloudWatch Logs takes, but for those nobody asks for; source: PutRetentionPolicy.
RetentionDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653]
