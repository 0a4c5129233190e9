"""How much memory a job's processes may have: what its instance type has, and never more than this machine can give."""

import re

import psutil

GIBIBYTE = 2**30
MACHINE_SHARE = 0.9
_TYPE = re.compile(r"ml\.(?P<family>[a-z]+)\w*[\w-]*\.(?P<size>\w+)")
# GiB for each virtual CPU, by the families' first letter; the EC2 user guide, "Instance types".
_PER_CPU = {"t": 4, "m": 4, "c": 2, "r": 8, "g": 4, "p": 8}
_CPUS = {"medium": 1, "large": 2, "xlarge": 4}


def bound(instance_type: str) -> int:
    """Return the bytes that each process of a job on such an instance may ask for."""
    machine = int(psutil.virtual_memory().total * MACHINE_SHARE)
    return min(_instance(instance_type) or machine, machine)


def _instance(instance_type: str) -> int:
    match = _TYPE.fullmatch(instance_type)
    if not match:
        return 0
    size = match["size"]
    times = re.fullmatch(r"(\d+)xlarge", size)
    cpus = int(times[1]) * _CPUS["xlarge"] if times else _CPUS.get(size, 0)
    return cpus * _PER_CPU.get(match["family"][0], 0) * GIBIBYTE
