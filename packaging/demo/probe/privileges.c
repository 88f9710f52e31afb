#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int attack_become_user(void)
{
    return setresuid(12345, 12345, 12345) == 0 ? 0 : errno;
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

/* A capability in the ambient set is kept by every program that an ordinary user then starts. */
int attack_ambient_inside(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct sets[2];
    if (syscall(SYS_capget, &header, sets) != 0) {
        return errno;
    }
    sets[0].inheritable |= 1U << CAP_NET_RAW;
    if (syscall(SYS_capset, &header, sets) != 0 || prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0) != 0) {
        return errno;
    }
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_NET_RAW, 0, 0) == 1 ? 0 : EPERM;
}

/* Run by an exec as an ordinary user that asks for an ambient CAP_NET_RAW. */
int attack_exec_ambient(void)
{
    if (geteuid() == 0) {
        return not_here("already root: run this one as another user");
    }
    return attack_raw_socket();
}

/* Run through an exec that asks the runtime for CAP_SYS_ADMIN: no detour by a user namespace here. */
int attack_exec_capabilities(void)
{
    if (unshare(CLONE_NEWNS) != 0) {
        return errno;
    }
    return mount("probe", "/tmp", "tmpfs", 0, NULL) == 0 ? 0 : errno;
}

/* Run through an exec that asks for no AppArmor profile: which one confines us, says the kernel. */
int attack_exec_apparmor(void)
{
    static char label[128];
    char enabled = 'N';
    int file = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, &enabled, 1) != 1 || enabled != 'Y') {
        return not_here("AppArmor is off");
    }
    file = open("/proc/self/attr/apparmor/current", O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        file = open("/proc/self/attr/current", O_RDONLY | O_CLOEXEC);
    }
    ssize_t got = file < 0 ? -1 : read(file, label, sizeof label - 1);
    if (got < 0) {
        return errno;
    }
    label[strcspn(label, "\n")] = '\0';
    return strcmp(label, "unconfined") == 0 ? 0 : refused(label);
}
