"""A Slurm of one node for the tests: munged, slurmctld and slurmd on loopback, gone with its folder.

One account runs all three, and the jobs are its own. A process is told by its parent, since a
container has no cgroups to give.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol", "scancel")
CONF = """
ClusterName=onrecord
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={home}/munge/socket
CredType=cred/munge
StateSaveLocation={home}/state
SlurmdSpoolDir={home}/spool
SlurmctldPidFile={home}/slurmctld.pid
SlurmdPidFile={home}/slurmd.pid
SlurmctldLogFile={home}/slurmctld.log
SlurmdLogFile={home}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0,bf_interval=1
ReturnToService=2
MailProg=/bin/true
KillWait=1
NodeName=here NodeHostname={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory}
PartitionName=cpu Nodes=here Default=YES MaxTime=INFINITE State=UP
"""


def programs() -> str | None:
    """A PATH on which Slurm is; None without it."""
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
    return path if all(shutil.which(name, path=path) for name in PROGRAMS) else None


@contextlib.contextmanager
def running() -> Iterator[dict[str, str]]:
    """Run a Slurm for the length of a `with` block: gives the environment of its commands."""
    path = programs()
    assert path
    with tempfile.TemporaryDirectory(prefix="onrecord-slurm-") as name, contextlib.ExitStack() as on:
        home = Path(name)
        for folder in ("munge", "state", "spool"):
            (home / folder).mkdir(mode=0o700)
        key = home / "munge" / "key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        with contextlib.ExitStack() as held:
            ears = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
            ports = [ear.getsockname()[1] for ear in ears]
        text = CONF.format(
            home=home,
            host=socket.gethostname().partition(".")[0],
            ports=ports,
            user=pwd.getpwuid(os.geteuid()).pw_name,
            cpus=2,
            memory=4096,
        )
        (home / "slurm.conf").write_text(text, "utf-8")
        env = {"PATH": path, "SLURM_CONF": str(home / "slurm.conf")}

        def start(*command: str) -> None:
            with (home / f"{command[0]}.out").open("wb") as out:
                process = subprocess.Popen(
                    command, cwd=home, env=os.environ | env, stdout=out, stderr=out
                )
            on.callback(process.wait, 30)
            on.callback(process.terminate)

        files = {"key": "key", "socket": "socket", "pid": "pid", "log": "log", "seed": "seed"}
        start(
            *("munged", "--foreground", "--force", "--num-threads=2"),
            f"--key-file={key}",
            f"--socket={home}/munge/socket",
            f"--pid-file={home}/munge/pid",
            f"--log-file={home}/munge/log",
            f"--seed-file={home}/munge/seed",
        )
        until((home / "munge" / "socket").exists, home)
        start("slurmctld", "-D", "-i")
        start("slurmd", "-D")

        def idle() -> bool:
            told = subprocess.run(
                ["sinfo", "--noheader", "--format=%T"],
                env=os.environ | env,
                capture_output=True,
                text=True,
                check=False,
            )
            return told.stdout.strip() == "idle"

        until(idle, home)
        yield env


def until(true: object, home: Path) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "".join(
            f"\n{path.name}:\n{path.read_text('utf-8')[-2000:]}" for path in home.glob("*.log")
        )
        time.sleep(0.05)
