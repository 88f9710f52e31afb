/* Attacks that lie in what was asked of the engine. By the time these run the container has started; each proves that the
 * access is really there. */
#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

int attack_run_as_root(void)
{
    return geteuid() == 0 ? 0 : refused("it runs as another user");
}

/* No masks to take away first. */
int attack_privileged(void)
{
    return write_back("/proc/sys/kernel/core_pattern");
}

/* From the host's first process into the host's mount namespace, as nsenter does. */
int attack_host_pid(void)
{
    int mounts = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
    struct stat theirs, ours;
    if (mounts < 0) {
        return errno;
    }
    if (fstat(mounts, &theirs) != 0 || stat("/proc/self/ns/mnt", &ours) != 0) {
        return errno;
    }
    if (theirs.st_ino == ours.st_ino) {
        return refused("process 1 is the container's own");
    }
    return setns(mounts, CLONE_NEWNS) == 0 ? 0 : errno;
}

/* The node's network namespace is known by the name that the caller found outside. */
int attack_host_network(void)
{
    char own[64] = "";
    const char *host = getenv("PROBE_HOST_NETWORK");
    if (host == NULL) {
        return not_here("PROBE_HOST_NETWORK does not say which namespace is the host's");
    }
    if (readlink("/proc/self/ns/net", own, sizeof own - 1) < 0) {
        return errno;
    }
    return strcmp(own, host) == 0 ? 0 : refused("the network namespace is the container's own");
}

/* The first IPC namespace has the same number on every kernel (PROC_IPC_INIT_INO). */
int attack_host_ipc(void)
{
    struct stat own;
    if (stat("/proc/self/ns/ipc", &own) != 0) {
        return errno;
    }
    return own.st_ino == 0xEFFFFFFFUL ? 0 : refused("the IPC namespace is the container's own");
}

/* A new hierarchy of the old kind, without controllers, which vanishes with its mount. Whoever may write its release_agent
 * names a program that the host runs as root. */
int attack_release_agent(void)
{
    own_mounts();
    if (mount("probe", "/tmp", "cgroup", 0, "none,name=hardening-probe") != 0) {
        return errno == ENODEV ? not_here("this kernel has no cgroup v1") : errno;
    }
    int agent = open("/tmp/release_agent", O_WRONLY | O_CLOEXEC);
    int result = agent >= 0 && write(agent, "/probe\n", 7) == 7 ? 0 : errno;
    umount2("/tmp", MNT_DETACH);
    return result;
}

int attack_host_root(void)
{
    return open_and_read(at_host("/etc/shadow"));
}

int attack_host_overlay(void)
{
    return open_and_read(at_host("/shadow"));
}

int attack_host_log(void)
{
    const char *path = at_host("/hardening-probe.log");
    int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) {
        return errno;
    }
    unlink(path);
    return 0;
}

int attack_engine_socket(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (end < 0) {
        return errno;
    }
    strcpy(address.sun_path, at_host("/containerd.sock"));
    return connect(end, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
}

int attack_other_proc(void)
{
    return write_back(at_host("/sys/kernel/core_pattern"));
}

/* How fast the kernel looks for equal pages: a setting of the whole node. */
int attack_second_sysfs(void)
{
    return write_back(at_host("/kernel/mm/ksm/pages_to_scan"));
}

int attack_host_disk(void)
{
    struct stat root, disk;
    if (stat("/", &root) != 0 || stat(at_host(""), &disk) != 0) {
        return errno;
    }
    return root.st_dev != disk.st_dev ? 0 : refused("nothing is mounted there");
}

int attack_host_device(void)
{
    char block[512];
    const char *path = getenv("PROBE_DEVICE");
    int device = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (device < 0) {
        return path != NULL ? errno : not_here("PROBE_DEVICE does not name a device");
    }
    return read(device, block, sizeof block) == sizeof block ? 0 : errno;
}

/* Without pivot_root the host's root lies below the container's, and who may chroot climbs out. */
int attack_no_pivot(void)
{
    struct stat inside, outside;
    int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0 || fstat(root, &inside) != 0 || chroot("/tmp") != 0 || fchdir(root) != 0) {
        return errno;
    }
    for (int i = 0; i < 64; i++) {
        (void)!chdir("..");
    }
    if (chroot(".") != 0 || stat("/", &outside) != 0) {
        return errno;
    }
    return inside.st_ino != outside.st_ino || inside.st_dev != outside.st_dev ? 0 : refused("the container's root is the last one");
}

/* A working directory that the kernel cannot name from our root lies outside of it. */
int attack_leaked_cwd(void)
{
    char path[512] = "";
    if (syscall(SYS_getcwd, path, sizeof path) < 0) {
        return errno == ENOENT ? not_here("the working directory is gone") : errno;
    }
    return path[0] != '/' ? 0 : refused("the working directory is the container's");
}

/* In an image whose /proc is a link the masks would lie elsewhere. */
int attack_proc_symlink(void)
{
    return write_back("/proc/sys/kernel/core_pattern");
}

/* The runtime writes the settings before the container starts, so that it started is the proof. */
int attack_spec_sysctl(void)
{
    return 0;
}
