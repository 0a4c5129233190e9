"""What a training container tells its code: files, `SM_*` variables and arguments.

Sources: sagemaker-training-toolkit (`environment.py`, `params.py`, `mapping.py`) and SDK v3's `sm_drivers`.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime.container import Container

LEADER = "algo-1"
MASTER_PORT = "7777"
_OWN_PREFIX = "sagemaker_"
# What a tuning job adds to the hyperparameters of its training jobs; the toolkit keeps it from the user's program.
_TUNING_METRIC = "_tuning_objective_metric"
_INPUT = "/opt/ml/input"


@dataclass(frozen=True)
class Program:
    """What to run in a training job.

    Args:
        command: program and arguments.
        environment: the `SM_*` variables.
        python: the Python that runs it; None is the cloud's own.
    """

    command: list[str]
    environment: dict[str, str]
    python: Path | None = None


def decode(hyperparameters: dict[str, str]) -> dict[str, Any]:
    """Return hyperparameters as values: each is JSON, or else the text itself."""
    values: dict[str, Any] = {}
    for name, text in hyperparameters.items():
        try:
            values[name] = json.loads(text)
        except ValueError:
            values[name] = text
    return values


def hosts(job: dict[str, Any]) -> list[str]:
    """Return the names of a training job's hosts; the first is the leader."""
    resources = job.get("ResourceConfig", {})
    groups = resources.get("InstanceGroups") or [{"InstanceCount": resources.get("InstanceCount") or 1}]
    count = sum(int(group["InstanceCount"]) for group in groups)
    return [f"algo-{number}" for number in range(1, max(count, 1) + 1)]


def resource_config(job: dict[str, Any], host: str = LEADER) -> dict[str, Any]:
    """Return the content of `resourceconfig.json` of one host of a training job."""
    names = hosts(job)
    instance = job.get("ResourceConfig", {}).get("InstanceType", "ml.m5.large")
    return {
        "current_host": host,
        "current_instance_type": instance,
        "current_group_name": "homogeneousCluster",
        "hosts": names,
        "instance_groups": [{"instance_group_name": "homogeneousCluster", "instance_type": instance, "hosts": names}],
        "network_interface_name": "lo",
    }


def write_configuration(job: dict[str, Any], container: Container, host: str = LEADER) -> None:
    """Write the files below `input/config`."""
    container.write_json(f"{_INPUT}/config/hyperparameters.json", job.get("HyperParameters", {}))
    container.write_json(f"{_INPUT}/config/resourceconfig.json", resource_config(job, host))
    container.write_json(f"{_INPUT}/config/inputdataconfig.json", channel_config(job))


def channel_config(job: dict[str, Any]) -> dict[str, Any]:
    """Return the content of `inputdataconfig.json`."""
    return {
        channel["ChannelName"]: {
            "ContentType": channel.get("ContentType", ""),
            "TrainingInputMode": channel.get("InputMode", "File"),
            "S3DistributionType": channel["DataSource"].get("S3DataSource", {}).get("S3DataDistributionType", "")
            or "FullyReplicated",
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        }
        for channel in job.get("InputDataConfig", [])
    }


def variables(job: dict[str, Any], container: Container, host: str = LEADER) -> dict[str, str]:
    """Return the variables that both script mode and SDK v3's drivers give."""
    values = decode(job.get("HyperParameters", {}))
    own = {name: value for name, value in values.items() if not name.startswith(_OWN_PREFIX) and name != _TUNING_METRIC}
    channels = [channel["ChannelName"] for channel in job.get("InputDataConfig", [])]
    resources = resource_config(job, host)
    environment = {
        "TRAINING_JOB_NAME": job["TrainingJobName"],
        "TRAINING_JOB_ARN": job["TrainingJobArn"],
        "SM_MODEL_DIR": "/opt/ml/model",
        "SM_INPUT_DIR": _INPUT,
        "SM_INPUT_CONFIG_DIR": f"{_INPUT}/config",
        "SM_OUTPUT_DIR": "/opt/ml/output",
        "SM_OUTPUT_DATA_DIR": "/opt/ml/output/data",
        "SM_OUTPUT_FAILURE": "/opt/ml/output/failure",
        "SM_CHANNELS": json.dumps(sorted(channels)),
        "SM_HPS": json.dumps(own, sort_keys=True),
        "SM_HOSTS": json.dumps(resources["hosts"]),
        "SM_CURRENT_HOST": resources["current_host"],
        "SM_HOST_COUNT": str(len(resources["hosts"])),
        "SM_CURRENT_HOST_RANK": str(resources["hosts"].index(host)),
        # All hosts are this machine, whose names for them nobody could look up.
        "SM_MASTER_ADDR": "127.0.0.1",
        "SM_MASTER_PORT": MASTER_PORT,
        "SM_CURRENT_INSTANCE_TYPE": resources["current_instance_type"],
        "SM_CURRENT_INSTANCE_GROUP": resources["current_group_name"],
        "SM_NETWORK_INTERFACE_NAME": resources["network_interface_name"],
        "SM_RESOURCE_CONFIG": json.dumps(resources),
        "SM_INPUT_DATA_CONFIG": json.dumps(channel_config(job)),
        "SM_NUM_CPUS": str(os.cpu_count() or 1),
        "SM_NUM_GPUS": "0",
        "SM_NUM_NEURONS": "0",
        "SM_LOG_LEVEL": str(values.get("sagemaker_container_log_level", 20)),
    }
    for channel in channels:
        environment[f"SM_CHANNEL_{channel.upper()}"] = f"{_INPUT}/data/{channel}"
    for name, value in own.items():
        environment[f"SM_HP_{name.upper()}"] = _text(value)
    return container.rewrite_all(environment)


def script_mode(job: dict[str, Any], container: Container, host: str = LEADER, python: Path | None = None) -> Program:
    """Return what the toolkit runs: the user's program, its hyperparameters as sorted arguments.

    Args:
        job: a training job whose hyperparameters name `sagemaker_program`.
        container: its folder; the code is in `/opt/ml/code`.
        host: which of the job's hosts runs it.
        python: what runs it.
    """
    values = decode(job.get("HyperParameters", {}))
    program = str(values["sagemaker_program"])
    own = {name: value for name, value in values.items() if not name.startswith(_OWN_PREFIX) and name != _TUNING_METRIC}
    arguments = [container.rewrite(word) for word in _arguments(own)]
    environment = variables(job, container, host)
    extra = {
        "SM_USER_ARGS": json.dumps(arguments),
        "SM_USER_ENTRY_POINT": program,
        "SM_MODULE_NAME": program.removesuffix(".py"),
        "SM_MODULE_DIR": str(values.get("sagemaker_submit_directory", "")),
        "SM_FRAMEWORK_MODULE": str(values.get("sagemaker_container_module", "")),
        "SM_FRAMEWORK_PARAMS": json.dumps({k: v for k, v in values.items() if k.startswith(_OWN_PREFIX)}),
        "SM_OUTPUT_INTERMEDIATE_DIR": container.rewrite("/opt/ml/output/intermediate"),
        "PYTHONPATH": str(container.path("/opt/ml/code")),
    }
    environment |= extra
    environment["SM_TRAINING_ENV"] = json.dumps(_training_env(environment, own, values))
    command = ["python", program] if program.endswith(".py") else ["/bin/sh", "-c", f'./"{program}" "$@"', program]
    return Program([*command, *arguments], environment, python)


def _training_env(environment: dict[str, str], own: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    channels = json.loads(environment["SM_CHANNELS"])
    return {
        "channel_input_dirs": {name: environment[f"SM_CHANNEL_{name.upper()}"] for name in channels},
        "current_host": environment["SM_CURRENT_HOST"],
        "hosts": json.loads(environment["SM_HOSTS"]),
        "hyperparameters": own,
        "additional_framework_parameters": {k: v for k, v in values.items() if k.startswith(_OWN_PREFIX)},
        "input_config_dir": environment["SM_INPUT_CONFIG_DIR"],
        "input_data_config": json.loads(environment["SM_INPUT_DATA_CONFIG"]),
        "input_dir": environment["SM_INPUT_DIR"],
        "is_master": environment["SM_CURRENT_HOST"] == LEADER,
        "job_name": environment["TRAINING_JOB_NAME"],
        "log_level": int(environment["SM_LOG_LEVEL"]),
        "master_hostname": LEADER,
        "model_dir": environment["SM_MODEL_DIR"],
        "module_dir": environment["SM_MODULE_DIR"],
        "module_name": environment["SM_MODULE_NAME"],
        "network_interface_name": environment["SM_NETWORK_INTERFACE_NAME"],
        "num_cpus": int(environment["SM_NUM_CPUS"]),
        "num_gpus": 0,
        "output_data_dir": environment["SM_OUTPUT_DATA_DIR"],
        "output_dir": environment["SM_OUTPUT_DIR"],
        "output_intermediate_dir": environment["SM_OUTPUT_INTERMEDIATE_DIR"],
        "resource_config": json.loads(environment["SM_RESOURCE_CONFIG"]),
        "user_entry_point": environment["SM_USER_ENTRY_POINT"],
    }


def _arguments(values: dict[str, Any]) -> list[str]:
    words: list[str] = []
    for name in sorted(values):
        words += [f"-{name}" if len(name) == 1 else f"--{name}", _text(values[name])]
    return words


def _text(value: Any) -> str:
    """Return a value as the toolkit writes it into variables and arguments."""
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, (list, dict)) else str(value)
