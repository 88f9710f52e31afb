#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_fsopen
#define SYS_fsopen 430
#define SYS_fsconfig 431
#define SYS_fsmount 432
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif

/* A new user namespace gives its creator every capability inside it, so an attacker who lacks CAP_SYS_ADMIN tries this
 * first. Failure is no answer yet: the call that follows gives it. */
static void take_namespaces(void)
{
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
        (void)unshare(CLONE_NEWNS);
    }
}

int attack_mount_tmpfs(void)
{
    take_namespaces();
    return mount("probe", "/tmp", "tmpfs", 0, NULL) == 0 ? 0 : errno;
}

int attack_new_mount_api(void)
{
    take_namespaces();
    long context = syscall(SYS_fsopen, "tmpfs", 0);
    if (context < 0) {
        return errno;
    }
    if (syscall(SYS_fsconfig, context, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0) < 0) {
        return errno;
    }
    return syscall(SYS_fsmount, context, 0, 0) >= 0 ? 0 : errno;
}

int attack_userns_unshare(void)
{
    return unshare(CLONE_NEWUSER) == 0 ? 0 : errno;
}

static int child_result(long child)
{
    if (child < 0) {
        return errno;
    }
    if (child == 0) {
        _exit(0);
    }
    return waitpid((pid_t)child, NULL, 0) == child ? 0 : errno;
}

int attack_userns_clone(void)
{
    return child_result(syscall(SYS_clone, (unsigned long)(CLONE_NEWUSER | SIGCHLD), 0, 0, 0, 0));
}

int attack_userns_clone3(void)
{
    struct clone_args arguments = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
    return child_result(syscall(SYS_clone3, &arguments, sizeof arguments));
}

/* Joins a namespace made by another process of ours: the kernel allows that to the owner of its user namespace. */
int attack_setns(void)
{
    int ready[2];
    char byte, path[64];
    if (pipe(ready) != 0) {
        return not_here("no pipe");
    }
    pid_t other = fork();
    if (other == 0) {
        (void)!unshare(CLONE_NEWUSER | CLONE_NEWUTS);
        if (write(ready[1], "x", 1) == 1) {
            pause();
        }
        _exit(0);
    }
    if (other < 0 || read(ready[0], &byte, 1) != 1) {
        return not_here("no second process");
    }
    snprintf(path, sizeof path, "/proc/%d/ns/user", (int)other);
    int handle = open(path, O_RDONLY | O_CLOEXEC);
    int result = handle < 0 ? errno : setns(handle, CLONE_NEWUSER) == 0 ? 0 : errno;
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    return result;
}

int attack_chroot(void)
{
    return chroot("/tmp") == 0 ? 0 : errno;
}

/* In /dev, a tmpfs of the container, so that a read-only root file system does not answer for CAP_MKNOD. */
int attack_mknod(void)
{
    const char *path = "/dev/probe-device";
    if (mknod(path, S_IFCHR | 0600, makedev(1, 5)) != 0) {
        return errno;
    }
    unlink(path);
    return 0;
}

int attack_chown(void)
{
    char path[] = "/dev/shm/probe-XXXXXX";
    int file = mkstemp(path);
    if (file < 0) {
        return not_here("/dev/shm is not writable");
    }
    int result = fchown(file, 12345, 12345) == 0 ? 0 : errno;
    unlink(path);
    return result;
}

int attack_write_root(void)
{
    const char *path = "/usr/probe-implant";
    int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
    if (file < 0) {
        return errno;
    }
    unlink(path);
    return 0;
}

/* Timing of interrupts leaks what other programs of the node do, key strokes among it. */
int attack_read_interrupts(void)
{
    return open_and_read("/proc/interrupts");
}

int attack_read_keys(void)
{
    return open_and_read("/proc/keys");
}

/* Opened for writing, never written: core_pattern names a program that the host runs as root. */
int attack_proc_sys(void)
{
    return open("/proc/sys/kernel/core_pattern", O_WRONLY | O_CLOEXEC) >= 0 ? 0 : errno;
}

int attack_sysrq(void)
{
    return open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC) >= 0 ? 0 : errno;
}

/* The "shocker" way out: handles name files of the whole file system, not of the container's view of it. */
int attack_handle(void)
{
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } name = { .handle = { .handle_bytes = MAX_HANDLE_SZ } };
    int mount_id;
    int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0 || name_to_handle_at(AT_FDCWD, "/", &name.handle, &mount_id, 0) != 0) {
        return errno == EPERM || errno == ENOSYS ? errno : not_here("the root file system gives no handles");
    }
    return open_by_handle_at(root, &name.handle, O_RDONLY) >= 0 ? 0 : errno;
}

/* Run as an ordinary user. The copy of this program with the setuid bit answers with its effective user. */
int attack_setuid_binary(void)
{
    if (geteuid() == 0) {
        return not_here("already root: run this one as another user");
    }
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/probe-setuid", "probe-setuid", "who", (char *)NULL);
        _exit(127);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) == 127) {
        return not_here("/bin/probe-setuid could not be run");
    }
    return WEXITSTATUS(status) == 0 ? 0 : refused("no_new_privs: the effective user stays the same");
}

/* Run through an exec that asks the runtime for CAP_SYS_ADMIN: no detour by a user namespace here. */
int attack_exec_capabilities(void)
{
    if (unshare(CLONE_NEWNS) != 0) {
        return errno;
    }
    return mount("probe", "/tmp", "tmpfs", 0, NULL) == 0 ? 0 : errno;
}
