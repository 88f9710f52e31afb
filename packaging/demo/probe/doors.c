#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

int attack_add_key(void)
{
    return syscall(SYS_add_key, "user", "probe", "x", 1UL, KEY_SPEC_PROCESS_KEYRING) >= 0 ? 0 : errno;
}

/* There is no such key: ENOKEY is the kernel's answer after it has searched, and the search is the door. */
int attack_request_key(void)
{
    return syscall(SYS_request_key, "user", "hardening-probe", NULL, 0) >= 0 || errno == ENOKEY ? 0 : errno;
}

int attack_keyctl(void)
{
    return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "hardening-probe") >= 0 ? 0 : errno;
}

int attack_bpf_map(void)
{
    union bpf_attr map;
    memset(&map, 0, sizeof map);
    map.map_type = BPF_MAP_TYPE_ARRAY;
    map.key_size = 4;
    map.value_size = 8;
    map.max_entries = 1;
    return syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map) >= 0 ? 0 : errno;
}

/* The smallest program: return 0. What counts is that the verifier looks at what we wrote. */
int attack_bpf_program(void)
{
    static const struct bpf_insn program[] = {
        { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
        { .code = BPF_JMP | BPF_EXIT },
    };
    union bpf_attr load;
    memset(&load, 0, sizeof load);
    load.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
    load.insns = (uint64_t)(uintptr_t)program;
    load.insn_cnt = sizeof program / sizeof program[0];
    load.license = (uint64_t)(uintptr_t)"Apache-2.0";
    return syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load) >= 0 ? 0 : errno;
}

int attack_perf(void)
{
    struct perf_event_attr event = { .type = PERF_TYPE_SOFTWARE, .size = sizeof event, .config = PERF_COUNT_SW_CPU_CLOCK,
        .disabled = 1, .exclude_kernel = 1, .exclude_hv = 1 };
    return syscall(SYS_perf_event_open, &event, 0, -1, -1, 0UL) >= 0 ? 0 : errno;
}

int attack_userfaultfd(void)
{
    return syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY) >= 0 ? 0 : errno;
}

int attack_io_uring(void)
{
    struct io_uring_params parameters;
    memset(&parameters, 0, sizeof parameters);
    return syscall(SYS_io_uring_setup, 1U, &parameters) >= 0 ? 0 : errno;
}

int attack_kernel_log(void)
{
    char last[256];
    return klogctl(3 /* read without clearing */, last, sizeof last) >= 0 ? 0 : errno;
}

int attack_modify_ldt(void)
{
#ifdef SYS_modify_ldt
    char table[16];
    return syscall(SYS_modify_ldt, 0 /* read */, table, sizeof table) >= 0 ? 0 : errno;
#else
    return not_here("only x86 has descriptor tables");
#endif
}

/* Every program that is started from here on would lie at the same addresses, with data that can be executed. */
int attack_personality(void)
{
    if (personality(ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC) < 0) {
        return errno;
    }
    return (personality(0xffffffff) & ADDR_NO_RANDOMIZE) != 0 ? 0 : refused("the kernel did not take it");
}

/* Types a letter into a terminal that is not our own, as an engine's terminal is when it is handed in. */
int attack_terminal_inject(void)
{
    int engine = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (engine < 0 || unlockpt(engine) != 0) {
        return not_here("no terminal to be had");
    }
    const char *name = ptsname(engine);
    int terminal = name != NULL ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    if (terminal < 0) {
        return not_here("no terminal to be had");
    }
    return ioctl(terminal, TIOCSTI, "x") == 0 ? 0 : errno;
}
