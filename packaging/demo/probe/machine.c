#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#ifdef __x86_64__
#include <sys/io.h>
#endif

/* Far more segments than the kernel takes, so it answers EINVAL to whoever may ask. */
int attack_kexec_load(void)
{
#ifdef SYS_kexec_load
    return door(syscall(SYS_kexec_load, 0UL, 100000UL, NULL, 0UL));
#else
    return not_here("no kexec_load on this architecture");
#endif
}

int attack_kexec_file_load(void)
{
#ifdef SYS_kexec_file_load
    return door(syscall(SYS_kexec_file_load, -1, -1, 0UL, NULL, ~0UL));
#else
    return not_here("no kexec_file_load on this architecture");
#endif
}

/* A module of one letter: ENOEXEC to whoever may load one. */
int attack_init_module(void)
{
    return door(syscall(SYS_init_module, "x", 1UL, ""));
}

int attack_finit_module(void)
{
    return door(syscall(SYS_finit_module, -1, "", 0));
}

int attack_delete_module(void)
{
    return door(syscall(SYS_delete_module, "no_such_module_of_the_probe", O_NONBLOCK));
}

/* Wrong magic numbers: EINVAL to whoever may reboot. */
int attack_reboot(void)
{
    return door(syscall(SYS_reboot, 0, 0, 0, NULL));
}

/* To what it shows at this moment. */
int attack_set_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return clock_settime(CLOCK_REALTIME, &now) == 0 ? 0 : errno;
}

/* Port 0x80 is where firmware writes its progress: nothing is connected to it. Asked for, never used. */
int attack_io_ports(void)
{
#ifdef __x86_64__
    return ioperm(0x80, 1, 1) == 0 ? 0 : errno;
#else
    return not_here("only x86 has I/O ports");
#endif
}

int attack_swap(void)
{
    return door(swapon("/no-such-file-of-the-probe", 0));
}

/* Writes a record of every process of the node into a file of ours; off again at once. */
int attack_accounting(void)
{
    char path[] = "/dev/shm/probe-XXXXXX";
    if (mkstemp(path) < 0) {
        return not_here("/dev/shm is not writable");
    }
    int result = acct(path) == 0 ? 0 : errno;
    if (result == 0) {
        (void)!acct(NULL);
    }
    unlink(path);
    return result;
}

/* A real-time process starves everything else on its processor; this one ends at once. */
int attack_real_time(void)
{
    struct sched_param highest = { .sched_priority = 1 };
    return sched_setscheduler(0, SCHED_FIFO, &highest) == 0 ? 0 : errno;
}

int attack_raise_limits(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return errno;
    }
    files.rlim_max += 1;
    return setrlimit(RLIMIT_NOFILE, &files) == 0 ? 0 : errno;
}
