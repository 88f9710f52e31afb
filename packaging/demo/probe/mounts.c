#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#define SYS_fsopen 430
#define SYS_fsconfig 431
#define SYS_fsmount 432
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

/* Spelled out, because libc's and the kernel's headers disagree on which of them has them. */
enum { CLONE_TREE = 1, MOVE_FROM_EMPTY_PATH = 4, CREATE = 6 };
struct mount_change { uint64_t set, clear, propagation, user_namespace; };

/* Open for writing is enough of an answer: what stands in it is tried by core-pattern. */
static int can_write(const char *path)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    return file >= 0 ? 0 : errno;
}

int attack_mount_tmpfs(void)
{
    own_mounts();
    return mount("probe", "/tmp", "tmpfs", 0, NULL) == 0 ? 0 : errno;
}

int attack_new_mount_api(void)
{
    own_mounts();
    long context = syscall(SYS_fsopen, "tmpfs", 0);
    if (context < 0) {
        return errno;
    }
    if (syscall(SYS_fsconfig, context, CREATE, NULL, NULL, 0) < 0) {
        return errno;
    }
    return syscall(SYS_fsmount, context, 0, 0) >= 0 ? 0 : errno;
}

int attack_overlay_mount(void)
{
    own_mounts();
    if (mount("probe", "/tmp", "tmpfs", 0, NULL) != 0) {
        return errno;
    }
    if (mkdir("/tmp/low", 0755) != 0 || mkdir("/tmp/up", 0755) != 0 || mkdir("/tmp/work", 0755) != 0) {
        return errno;
    }
    if (mount("probe", "/tmp", "overlay", 0, "lowerdir=/tmp/low,upperdir=/tmp/up,workdir=/tmp/work") != 0) {
        return errno == ENODEV ? not_here("this kernel has no overlayfs") : errno;
    }
    return 0;
}

/* A bind mount takes /proc without the masks that lie on it. */
int attack_bind_unmasked(void)
{
    own_mounts();
    if (mount("/proc", "/tmp", NULL, MS_BIND, NULL) != 0) {
        return errno;
    }
    return can_write("/tmp/sys/kernel/core_pattern");
}

/* The same by the new calls. */
int attack_open_tree(void)
{
    own_mounts();
    long tree = syscall(SYS_open_tree, AT_FDCWD, "/proc", CLONE_TREE);
    if (tree < 0) {
        return errno;
    }
    if (syscall(SYS_move_mount, tree, "", AT_FDCWD, "/tmp", MOVE_FROM_EMPTY_PATH) != 0) {
        return errno;
    }
    return can_write("/tmp/sys/kernel/core_pattern");
}

int attack_mount_setattr(void)
{
    struct mount_change writable = { .clear = 1 /* MOUNT_ATTR_RDONLY */ };
    own_mounts();
    if (syscall(SYS_mount_setattr, AT_FDCWD, "/proc/sys", 0, &writable, sizeof writable) != 0) {
        return errno;
    }
    return can_write("/proc/sys/kernel/core_pattern");
}

int attack_remount_writable(void)
{
    own_mounts();
    if (mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL) != 0) {
        return errno;
    }
    return can_write("/proc/sys/kernel/core_pattern");
}

/* What engines mask is a mount on top of it. */
int attack_unmount_mask(void)
{
    struct stat masked, below;
    own_mounts();
    if (stat("/proc/keys", &masked) != 0) {
        return errno == ENOENT ? not_here("this kernel has no /proc/keys") : errno;
    }
    if (umount2("/proc/keys", MNT_DETACH) != 0) {
        return errno == EINVAL && !S_ISCHR(masked.st_mode) ? not_here("/proc/keys is not masked") : errno;
    }
    return stat("/proc/keys", &below) == 0 && !S_ISCHR(below.st_mode) ? 0 : refused("the mask is still there");
}

/* A new view of /proc has no masks; the kernel refuses it only to those who are root of a user namespace. */
int attack_fresh_proc(void)
{
    own_mounts();
    if (mount("probe", "/tmp", "proc", 0, NULL) != 0) {
        return errno;
    }
    return can_write("/tmp/sys/kernel/core_pattern");
}

int attack_pivot_root(void)
{
    own_mounts();
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("probe", "/tmp", "tmpfs", 0, NULL) != 0 || chdir("/tmp") != 0) {
        return errno;
    }
    return syscall(SYS_pivot_root, ".", ".") == 0 ? 0 : errno;
}

/* The limits of a container are files of its own cgroup, which is mounted read-only for it. */
int attack_cgroup_limits(void)
{
    static const char *limits[] = { "memory.max", "pids.max", "cpu.max" };
    char line[256], group[256] = "/", path[600];
    FILE *mine = fopen("/proc/self/cgroup", "re");
    while (mine != NULL && fgets(line, sizeof line, mine) != NULL) {
        if (strncmp(line, "0::", 3) == 0) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(group, sizeof group, "%s", line + 3);
        }
    }
    own_mounts();
    if (mount("probe", "/tmp", "cgroup2", 0, NULL) != 0) {
        return errno == ENODEV ? not_here("this kernel has no cgroup v2") : errno;
    }
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "/tmp%s/%s", group, limits[i]);
        if (access(path, F_OK) == 0) {
            return write_back(path);
        }
    }
    return not_here("the container's cgroup has no limits");
}
