#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

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

/* A file of our own in a tmpfs that every container has; the name is gone at once. */
static int own_file(mode_t mode, char path[static 32])
{
    char name[] = "/dev/shm/probe-XXXXXX";
    int file = mkstemp(name);
    if (file >= 0) {
        (void)!fchmod(file, mode);
        for (size_t i = 0; i < sizeof name; i++) {
            path[i] = name[i];
        }
    }
    return file;
}

int attack_chown(void)
{
    char path[32];
    int file = own_file(0600, path);
    if (file < 0) {
        return not_here("/dev/shm is not writable");
    }
    int result = fchown(file, 12345, 12345) == 0 ? 0 : errno;
    unlink(path);
    return result;
}

/* Root's right to read what its owner has forbidden to everybody is a capability. */
int attack_read_any_file(void)
{
    char path[32];
    int file = own_file(0, path);
    if (file < 0) {
        return not_here("/dev/shm is not writable");
    }
    int result = open(path, O_RDONLY | O_CLOEXEC) >= 0 ? 0 : errno;
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

/* Handles name files of the whole file system, not of the container's view of it. Where the root gives none, any other
 * file system does for the proof that the door is open. */
int attack_handle(void)
{
    static const char *places[] = { "/", "/etc/hosts", "/dev/shm" };
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } name;
    int mount_id;
    for (int i = 0; i < 3; i++) {
        name.handle.handle_bytes = MAX_HANDLE_SZ;
        int place = open(places[i], O_RDONLY | O_CLOEXEC);
        if (place < 0) {
            continue;
        }
        if (name_to_handle_at(AT_FDCWD, places[i], &name.handle, &mount_id, 0) == 0) {
            return open_by_handle_at(place, &name.handle, O_RDONLY) >= 0 ? 0 : errno;
        }
        if (errno == EPERM || errno == ENOSYS) {
            return errno;
        }
        close(place);
    }
    return not_here("no file system here gives handles");
}

int attack_fanotify(void)
{
    int watch = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC, O_RDONLY);
    if (watch < 0) {
        return errno;
    }
    return fanotify_mark(watch, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN, AT_FDCWD, "/") == 0 ? 0 : errno;
}
