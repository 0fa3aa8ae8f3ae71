"""A Slurm of one node for the tests: munged, slurmctld and slurmd, gone with their folder.

They listen on loopback, run as whoever runs the tests and do that account's jobs alone. Without
cgroups, which a container may lack, a job's processes are told by their parents.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
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
MailProg=/bin/true
KillWait=1
NodeName=here NodeHostname={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=4096
PartitionName=cpu Nodes=here Default=YES MaxTime=INFINITE State=UP
"""


def programs() -> str | None:
    """A PATH on which all of Slurm is, its daemons among it; None without them."""
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
    return path if all(shutil.which(name, path=path) for name in PROGRAMS) else None


class Cluster:
    """A running Slurm: the environment in which its commands find it."""

    def __init__(self, home: Path, path: str) -> None:
        self.home = home
        self.env = {"PATH": path, "SLURM_CONF": str(home / "slurm.conf")}

    def __call__(self, *command: str) -> str:
        """What a command of Slurm's says."""
        env = os.environ | self.env
        return subprocess.run(
            command, env=env, check=True, capture_output=True, text=True, timeout=60
        ).stdout.strip()

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for something to be so. Raises AssertionError, with the logs, after a minute."""
        end = time.monotonic() + 60
        while not true():
            assert time.monotonic() < end, "".join(
                f"\n{path.name}:\n{path.read_text('utf-8')[-2000:]}"
                for path in self.home.glob("*.log")
            )
            time.sleep(0.05)

    def kill_a_rank(self) -> None:
        """Wait for a process of datatrove's in a task, and end it with SIGKILL."""

        def killed() -> bool:
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    words = path.read_bytes().split(b"\0")
                    own = f"SLURM_CONF={self.env['SLURM_CONF']}".encode()
                    if (
                        any(word.endswith(b"launch_pickled_pipeline") for word in words[:2])
                        and own in path.with_name("environ").read_bytes()
                    ):
                        os.kill(int(path.parent.name), signal.SIGKILL)
                        return True
            return False

        self.until(killed)

    def drained(self) -> None:
        """Wait until no job waits or runs."""
        self.until(lambda: not self("squeue", "--noheader"))


@contextlib.contextmanager
def running() -> Iterator[Cluster]:
    """Run a Slurm for the length of a `with` block."""
    path = programs()
    assert path
    with (
        tempfile.TemporaryDirectory(prefix="onrecord-slurm-") as name,
        contextlib.ExitStack() as on,
    ):
        home = Path(name)  # short: the names of sockets are
        for folder in ("munge", "state", "spool"):
            (home / folder).mkdir(mode=0o700)
        key = home / "munge" / "key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(128))
        with contextlib.ExitStack() as held:
            ears = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
            ports = [ear.getsockname()[1] for ear in ears]
        conf = CONF.format(
            home=home,
            host=socket.gethostname().partition(".")[0],
            user=pwd.getpwuid(os.geteuid()).pw_name,
            ports=ports,
        )
        (home / "slurm.conf").write_text(conf, "utf-8")
        cluster = Cluster(home, path)

        def start(*command: str) -> None:
            with (home / f"{command[0]}.out.log").open("wb") as out:
                env = os.environ | cluster.env
                process = subprocess.Popen(command, cwd=home, env=env, stdout=out, stderr=out)
            on.callback(process.wait, 60)
            on.callback(process.terminate)

        munge = home / "munge"
        start(
            *("munged", "--foreground", f"--key-file={key}", f"--socket={munge / 'socket'}"),
            *(f"--{what}-file={munge / what}" for what in ("pid", "log", "seed")),
            "--force",  # without it the socket's folder must be open to all
        )
        cluster.until((munge / "socket").exists)
        start("slurmctld", "-D")
        start("slurmd", "-D")

        def idle() -> bool:
            with contextlib.suppress(subprocess.CalledProcessError):
                return cluster("sinfo", "--noheader", "--format=%T") == "idle"
            return False  # it does not answer yet

        cluster.until(idle)
        yield cluster
