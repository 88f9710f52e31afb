#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *attack_name = "";
static const char *reason = "";

int not_here(const char *why)
{
    reason = why;
    return NOT_HERE;
}

int refused(const char *how)
{
    reason = how;
    return REFUSED;
}

static const char *errno_name(int error)
{
    const char *name = strerrorname_np(error);
    return name != NULL ? name : "unknown errno";
}

int tell(const char *prefix, int result)
{
    if (result == NOT_HERE) {
        printf("%suntried\t%s\n", prefix, reason);
        return 2;
    }
    if (result == 0) {
        printf("%ssucceeded\t-\n", prefix);
        return 0;
    }
    printf("%srefused\t%s\n", prefix, result == REFUSED ? reason : errno_name(result));
    return 1;
}

/* Where doing the real thing would take the machine down, the call is given nonsense: EPERM, EACCES and ENOSYS come from
 * whoever guards the door, any other error from the code behind it. */
int door(long result)
{
    if (result >= 0) {
        return 0;
    }
    return errno == EPERM || errno == EACCES || errno == ENOSYS ? errno : 0;
}

int open_and_read(const char *path)
{
    char text[64];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return errno == ENOENT ? not_here("this kernel has no such file") : errno;
    }
    ssize_t got = read(file, text, sizeof text);
    return got > 0 ? 0 : got == 0 ? refused("masked: the file is empty") : errno;
}

int write_back(const char *path)
{
    char text[256];
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        return errno == ENOENT ? not_here("this kernel has no such file") : errno;
    }
    ssize_t got = read(file, text, sizeof text);
    if (got <= 0) {
        return got == 0 ? refused("masked: the file is empty") : errno;
    }
    return pwrite(file, text, (size_t)got, 0) == got ? 0 : errno;
}

const char *at_host(const char *path)
{
    static char place[256];
    snprintf(place, sizeof place, "/host/%s%s", attack_name, path);
    return place;
}
