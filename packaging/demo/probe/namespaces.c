#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_clone3
#define SYS_clone3 435
#endif

static void write_to(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        (void)!write(file, text, strlen(text));
        close(file);
    }
}

/* A new user namespace gives its creator every capability inside it, so who lacks CAP_SYS_ADMIN tries that, and makes himself
 * its root: many file systems refuse who has no name there. */
static int own(int namespaces)
{
    char user[32], group[32];
    if (unshare(namespaces) == 0) {
        return 0;
    }
    snprintf(user, sizeof user, "0 %u 1", geteuid());
    snprintf(group, sizeof group, "0 %u 1", getegid());
    if (unshare(CLONE_NEWUSER | namespaces) != 0) {
        return -1;
    }
    write_to("/proc/self/setgroups", "deny");
    write_to("/proc/self/uid_map", user);
    write_to("/proc/self/gid_map", group);
    return 0;
}

void own_mounts(void)
{
    (void)own(CLONE_NEWNS);
}

int own_network(void)
{
    return own(CLONE_NEWNET);
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
