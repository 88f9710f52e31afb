// usage: calls NAME...
// Tries system calls that harm nothing, and prints a line "NAME ERRNO" for each (0: it succeeded). The arguments are such that a kernel which lets the call
// through answers something else than EPERM or ENOSYS.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

static long none;
static struct sched_param usual;
static struct timex only_read;
static unsigned char answer[2];
static char page[2 * 4096] __attribute__((aligned(4096)));

static const struct { const char *name; long number; long a[6]; } calls[] = {
    { "add_key", SYS_add_key, { 0 } },                                              // EFAULT
    { "adjtimex", SYS_adjtimex, { (long)&only_read } },
    { "call-of-tomorrow", 9999, { 0 } },
    { "chroot", SYS_chroot, { (long)"/" } },
    { "clone3", SYS_clone3, { 0 } },                                                // EINVAL
    { "get_mempolicy", SYS_get_mempolicy, { 0 } },
    { "io_setup", SYS_io_setup, { 1, (long)&none } },
    { "mbind", SYS_mbind, { 0 } },
    { "memfd_create", SYS_memfd_create, { (long)"calls" } },
    { "mincore", SYS_mincore, { (long)page, 4096, (long)answer } },
    { "mkdir", SYS_mkdir, { (long)"/tmp", 0 } },                                    // EEXIST
    { "mknod-fifo", SYS_mknodat, { AT_FDCWD, (long)"/tmp/calls-fifo", S_IFIFO | 0600 } },
    { "mknod-socket", SYS_mknodat, { AT_FDCWD, (long)"/tmp/calls-socket", S_IFSOCK | 0600 } },
    { "mq_open", SYS_mq_open, { (long)"calls", O_RDONLY } },                        // ENOENT
    { "msgget", SYS_msgget, { IPC_PRIVATE, 0600 } },
    { "personality", SYS_personality, { 0xffffffff } },
    { "process_vm_readv", SYS_process_vm_readv, { 1 } },
    { "ptrace", SYS_ptrace, { 2 } },                                                // ESRCH: no process 0
    { "sched_setscheduler", SYS_sched_setscheduler, { 0, SCHED_OTHER, (long)&usual } },
    { "semget", SYS_semget, { IPC_PRIVATE, 1, 0600 } },
    { "setns", SYS_setns, { -1 } },                                                 // EBADF
    { "shmget", SYS_shmget, { IPC_PRIVATE, 4096, 0600 } },
    { "socket-alg", SYS_socket, { 38, 5 } },
    { "socket-inet", SYS_socket, { 2, 1 } },
    { "socket-netlink-generic", SYS_socket, { 16, 3, 16 } },
    { "socket-netlink-route", SYS_socket, { 16, 3, 0 } },
    { "socket-unix", SYS_socket, { 1, 1 } },
    { "tee", SYS_tee, { -1, -1, 1 } },                                              // EBADF
    { "unshare", SYS_unshare, { 0 } },
    { "vmsplice", SYS_vmsplice, { -1 } },                                           // EBADF
};

// A call through the entry for 32-bit programs. Killed for it: SIGSYS, 31.
static int by_int80(void)
{
#ifdef __x86_64__
    pid_t child = fork();
    if (child == 0) {
        long pid = 20;                                                              // getpid, in that table
        __asm__ volatile("int $0x80" : "+a"(pid) : : "memory");
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
#else
    return 0;
#endif
}

static int try(const char *name)
{
    if (strcmp(name, "int80") == 0) return by_int80();
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const long *a = calls[i].a;
        if (strcmp(name, calls[i].name) == 0) return syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4], a[5]) == -1 ? errno : 0;
    }
    return -1;
}

int main(int count, char **names)
{
    for (int i = 1; i < count; i++) printf("%s %d\n", names[i], try(names[i]));
    return 0;
}
