"""What lies where on a node: the table by which a path of the node is judged, with its sources.

A path is what it lies in, and what lies below it. What the table does not hold is unknown, not harmless.

Sources: the file hierarchy standard (FHS 3.0), hier(7), systemd.unit(5), cron(8), at(1), sysfs(5), proc_sys(5);
https://kubernetes.io/docs/reference/node/kubelet-files/ and
https://kubernetes.io/docs/setup/production-environment/container-runtimes/; of the distributions
https://docs.k3s.io/cli/server, https://docs.rke2.io/reference/server_config,
https://docs.k0sproject.io/stable/configuration/, https://microk8s.io/docs/ref-launch-config,
https://minikube.sigs.k8s.io/docs/handbook/, https://kops.sigs.k8s.io/; of agents of clouds
https://cloudinit.readthedocs.io/en/latest/explanation/instancedata.html,
https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-technical-details.html and
https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux.
"""

from __future__ import annotations

ROOT = "pod-hostpath-root"
SOCKET = "pod-hostpath-runtime-socket"
KUBELET = "pod-hostpath-kubelet"
CREDENTIALS = "pod-hostpath-cloud-creds"
KERNEL = "pod-hostpath-proc-sys"
DEVICES = "pod-hostpath-sys"
LOGS = "pod-hostpath-var-log"
POD_LOGS = "pod-hostpath-pod-logs"
STATE = "pod-hostpath-cluster-state"
SYSTEM = "pod-hostpath-system"
PROGRAMS = "pod-hostpath-programs"
UNKNOWN = "pod-hostpath-unknown"

_HELD: dict[str, str] = {
    # The sockets of container runtimes and of what starts services for others.
    SOCKET: """
        /run/docker.sock /run/dockershim.sock /run/cri-dockerd.sock /run/containerd/containerd.sock /run/crio/crio.sock
        /run/podman /run/k3s/containerd /run/k0s /run/buildkit /run/nri /pipe
        /var/snap/microk8s/common/run /var/snap/docker
    """,
    # Credentials of kubelets, tokens and secrets of the pods of the node, manifests of static pods.
    KUBELET: """
        /var/lib/kubelet /etc/kubernetes /var/lib/rancher/k3s/agent /var/lib/rancher/rke2/agent /var/lib/k0s/kubelet
        /var/lib/minikube /etc/srv/kubernetes /srv/kubernetes /var/lib/kube-proxy /var/lib/kubernetes
        /var/snap/microk8s/common/var/lib/kubelet /etc/origin /k
    """,
    # What machines keep of their own identity: user data with tokens to join, keys of agents.
    CREDENTIALS: """
        /var/lib/cloud /run/cloud-init /var/lib/amazon /var/lib/waagent /var/lib/google /etc/ssl/private
        /etc/pki/tls/private /etc/letsencrypt /etc/google_instance_id /etc/krb5.keytab /var/lib/sss /run/secrets
    """,
    # The cluster's database with every secret, and the keys it signs with.
    STATE: """
        /etc/rancher /etc/etcd /var/lib/etcd /var/lib/etcd2 /var/lib/k0s /var/lib/minikube/etcd /var/lib/minikube/certs
        /var/lib/rancher/k3s/server /var/lib/rancher/rke2/server /mnt/master-vol /var/etcd
        /var/snap/microk8s/current /var/snap/microk8s/common/certs
    """,
    # Who logs in, and what is started when: users, keys, jobs, services.
    SYSTEM: """
        /etc/anacrontab /etc/at.allow /etc/cron.allow /etc/cron.d /etc/cron.daily /etc/cron.hourly
        /etc/cron.monthly /etc/cron.weekly /etc/crontab /etc/group /etc/gshadow /etc/inittab /etc/ld.so.preload
        /etc/nsswitch.conf /etc/pam.d /etc/passwd /etc/polkit-1 /etc/security /etc/selinux /etc/shadow /etc/ssh
        /etc/sudoers /etc/sudoers.d /etc/systemd /etc/xdg /var/cron /var/spool/anacron
        /var/spool/at /var/spool/cron /var/spool/incron /run/dbus /Windows /ProgramData /Users
    """,
    # What the node runs, loads or obeys: who writes there runs code on it. Reading gives nothing away.
    PROGRAMS: """
        /bin /boot /etc/alternatives /etc/apt /etc/bash.bashrc /etc/binfmt.d /etc/cni /etc/containerd /etc/containers
        /etc/crictl.yaml /etc/crio /etc/default /etc/docker /etc/dracut.conf.d /etc/environment /etc/init.d
        /etc/initramfs-tools /etc/kernel /etc/ld.so.conf /etc/ld.so.conf.d /etc/logrotate.conf /etc/logrotate.d
        /etc/modprobe.d /etc/modules /etc/modules-load.d /etc/NetworkManager /etc/network /etc/nvidia-container-runtime
        /etc/profile /etc/profile.d /etc/rc.d /etc/rc.local /etc/sysctl.conf /etc/sysctl.d /etc/sysconfig
        /etc/tmpfiles.d /etc/udev /etc/update-motd.d /etc/yum.repos.d /home/kubernetes /lib /lib32 /lib64 /opt/bin
        /opt/cni /opt/containerd /opt/nvidia /run/containerd /run/crio /run/k3s /run/systemd /run/udev /run/initramfs
        /sbin /snap /usr/bin /usr/lib /usr/lib32 /usr/lib64 /usr/libexec /usr/local/bin /usr/local/lib /usr/local/sbin
        /usr/sbin /usr/src /var/lib/containerd /var/lib/containers /var/lib/docker /var/lib/dkms /var/lib/rancher
        /var/lib/snapd /var/lib/systemd /var/lib/toolbox /var/lib/apt /var/lib/dpkg /var/lib/rpm
        /var/snap/microk8s/common /etc/kata-containers /opt/kata
    """,
    KERNEL: "/proc/sys /proc/sysrq-trigger",
    # Writing sets what the kernel starts (uevent_helper), and how devices behave.
    DEVICES: "/sys",
    POD_LOGS: "/var/log/pods /var/log/containers",
    # Known, and not enough to take the node over; what it is enough for nobody here weighs.
    UNKNOWN: "/sys/fs/bpf /proc/sys/net",
}
# Folders of folders: who has one of these has the system, whatever else of it the table holds.
FOLDERS: dict[str, str] = {
    "/": ROOT,
    "/run": SOCKET,
    "/run/containerd": SOCKET,
    "/run/crio": SOCKET,
    "/proc/sys/kernel": KERNEL,
    "/var/log": LOGS,
    **dict.fromkeys(
        ("/etc", "/home", "/var", "/var/lib", "/proc", "/dev", "/boot", "/usr", "/bin", "/sbin", "/lib", "/root"),
        SYSTEM,
    ),
}
# What lies there is data of one program, or known to everybody. Of a folder above, the longest path counts.
_HARMLESS = """
    /data /media /mnt /opt/local-path-provisioner /srv /etc/ca-certificates /etc/ca-certificates.conf /etc/fstab
    /etc/host.conf /etc/hostname /etc/hosts /etc/localtime /etc/lsb-release /etc/machine-id /etc/mtab /etc/os-release
    /etc/pki/ca-trust /etc/pki/tls/certs /etc/protocols /etc/redhat-release /etc/resolv.conf /etc/services
    /etc/ssl/certs /etc/timezone /proc/cgroups /proc/cpuinfo /proc/diskstats /proc/filesystems /proc/loadavg
    /proc/meminfo /proc/mounts /proc/net /proc/stat /proc/swaps /proc/uptime /proc/version /proc/vmstat
    /sys/block /sys/bus/pci /sys/class /sys/devices /sys/fs/cgroup /sys/firmware /usr/share /var/lib/docker/containers
    /var/lib/rancher/k3s/storage /var/local-path-provisioner /var/log /var/openebs /dev/shm /dev/dri /dev/fuse
    /dev/kvm /dev/null /dev/net/tun /dev/urandom /usr/local/share/ca-certificates /run/flannel /run/xtables.lock
"""

LOCATIONS: dict[str, str | None] = {
    **dict.fromkeys(_HARMLESS.split(), None),
    **{path: kind for kind, paths in _HELD.items() for path in paths.split()},
}
"""Path → the knowledge's name for what lies there and below; ``None`` for what gives nothing away."""
