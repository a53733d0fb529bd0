"""The keys by which the engine is told of a container, where occ has no word of its own.

The keys of the create call (Docker Engine API 1.47, ContainerCreate: Config and HostConfig),
without those that belong to another key of the config, to Windows, or to a single attached run.
`KernelMemory` and `KernelMemoryTCP` are of API 1.41 and before, `EndpointsConfig` is what stands
below NetworkingConfig. `Binds` and `Mounts` are for what `volumes` and `mounts` have no word for
(propagation, SELinux labels, a folder within a volume), `ExposedPorts` for ports that are exposed
and not published.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

EngineKind: TypeAlias = Literal["bool", "int", "str", "list", "dict"]

# Beside the image: the container's own process.
CONFIG_KEYS: Final[Mapping[str, EngineKind]] = {
    "Domainname": "str",
    "ExposedPorts": "dict",
    "Healthcheck": "dict",
    "Hostname": "str",
    "MacAddress": "str",
    "NetworkDisabled": "bool",
    "OpenStdin": "bool",
    "Shell": "list",
    "StdinOnce": "bool",
    "StopSignal": "str",
    "Tty": "bool",
    "WorkingDir": "str",
}

# Under HostConfig: what the host gives it.
HOST_KEYS: Final[Mapping[str, EngineKind]] = {
    "Annotations": "dict",
    "Binds": "list",
    "BlkioDeviceReadBps": "list",
    "BlkioDeviceReadIOps": "list",
    "BlkioDeviceWriteBps": "list",
    "BlkioDeviceWriteIOps": "list",
    "BlkioWeight": "int",
    "BlkioWeightDevice": "list",
    "CapAdd": "list",
    "CapDrop": "list",
    "Cgroup": "str",
    "CgroupParent": "str",
    "CgroupnsMode": "str",
    "CpuPeriod": "int",
    "CpuQuota": "int",
    "CpuRealtimePeriod": "int",
    "CpuRealtimeRuntime": "int",
    "CpuShares": "int",
    "CpusetCpus": "str",
    "CpusetMems": "str",
    "DeviceCgroupRules": "list",
    "DeviceRequests": "list",
    "Devices": "list",
    "Dns": "list",
    "DnsOptions": "list",
    "DnsSearch": "list",
    "ExtraHosts": "list",
    "GroupAdd": "list",
    "Init": "bool",
    "IpcMode": "str",
    "KernelMemory": "int",
    "KernelMemoryTCP": "int",
    "Links": "list",
    "LogConfig": "dict",
    "MaskedPaths": "list",
    "MemoryReservation": "int",
    "MemorySwap": "int",
    "MemorySwappiness": "int",
    "Mounts": "list",
    "OomKillDisable": "bool",
    "OomScoreAdj": "int",
    "PidMode": "str",
    "Privileged": "bool",
    "ReadonlyPaths": "list",
    "ReadonlyRootfs": "bool",
    "Runtime": "str",
    "SecurityOpt": "list",
    "ShmSize": "int",
    "StorageOpt": "dict",
    "Sysctls": "dict",
    "Tmpfs": "dict",
    "UTSMode": "str",
    "Ulimits": "list",
    "UsernsMode": "str",
    "VolumeDriver": "str",
    "VolumesFrom": "list",
}

# Beside the two: how it stands in each network, by the network's name.
NETWORK_KEYS: Final[Mapping[str, EngineKind]] = {"EndpointsConfig": "dict"}

ENGINE_KEYS: Final[Mapping[str, EngineKind]] = {**CONFIG_KEYS, **HOST_KEYS, **NETWORK_KEYS}
