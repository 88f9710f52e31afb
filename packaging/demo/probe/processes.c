#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif

/* The container's first process: not our descendant, and of the same user. */
static const int VICTIM = 1;

/* The end of its stack, where the name of its program stands and nothing ever changes. 0 where the list may not be read. */
static uint64_t quiet_place(int *error)
{
    char line[256];
    unsigned long start, end;
    FILE *maps = fopen("/proc/1/maps", "re");
    if (maps == NULL) {
        *error = errno;
        return 0;
    }
    errno = 0;
    while (fgets(line, sizeof line, maps) != NULL) {
        if (strstr(line, "[stack]") != NULL && sscanf(line, "%lx-%lx", &start, &end) == 2) {
            fclose(maps);
            return end - 16;
        }
    }
    *error = errno != 0 ? errno : not_here("/proc/1/maps shows no stack");
    fclose(maps);
    return 0;
}

int attack_ptrace(void)
{
    /* The end of this process detaches. */
    return ptrace(PTRACE_SEIZE, VICTIM, NULL, NULL) == 0 ? 0 : errno;
}

int attack_read_memory(void)
{
    char stolen[16];
    int error;
    uint64_t place = quiet_place(&error);
    if (place == 0) {
        return error;
    }
    struct iovec here = { stolen, sizeof stolen }, there = { (void *)place, sizeof stolen };
    return process_vm_readv(VICTIM, &here, 1, &there, 1, 0) > 0 ? 0 : errno;
}

/* Writes what stands there already. */
int attack_write_memory(void)
{
    char same[16];
    int error;
    uint64_t place = quiet_place(&error);
    if (place == 0) {
        return error;
    }
    struct iovec here = { same, sizeof same }, there = { (void *)place, sizeof same };
    if (process_vm_readv(VICTIM, &here, 1, &there, 1, 0) != sizeof same) {
        return errno;
    }
    return process_vm_writev(VICTIM, &here, 1, &there, 1, 0) == sizeof same ? 0 : errno;
}

/* The same through a file, which no filter of system calls can tell from any other file. */
int attack_proc_mem(void)
{
    char same[16];
    int error;
    uint64_t place = quiet_place(&error);
    if (place == 0) {
        return error;
    }
    int memory = open("/proc/1/mem", O_RDWR | O_CLOEXEC);
    if (memory < 0 || pread(memory, same, sizeof same, (off_t)place) != sizeof same) {
        return errno;
    }
    return pwrite(memory, same, sizeof same, (off_t)place) == sizeof same ? 0 : errno;
}

int attack_pidfd_getfd(void)
{
    long victim = syscall(SYS_pidfd_open, VICTIM, 0);
    if (victim < 0) {
        return errno;
    }
    return syscall(SYS_pidfd_getfd, victim, 0, 0) >= 0 ? 0 : errno;
}

int attack_kcmp(void)
{
    return syscall(SYS_kcmp, getpid(), VICTIM, KCMP_FS, 0UL, 0UL) >= 0 ? 0 : errno;
}

int attack_process_madvise(void)
{
    int error;
    uint64_t place = quiet_place(&error);
    if (place == 0) {
        return error;
    }
    struct iovec page = { (void *)(place & ~4095UL), 4096 };
    long victim = syscall(SYS_pidfd_open, VICTIM, 0);
    if (victim < 0) {
        return errno;
    }
    return syscall(SYS_process_madvise, victim, &page, 1UL, 20 /* MADV_COLD */, 0) >= 0 ? 0 : errno;
}
