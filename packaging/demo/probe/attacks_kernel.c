#define _GNU_SOURCE
#include "attacks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_alg.h>
#include <linux/if_ether.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The container's first process: not our descendant, and of the same user. */
static const int VICTIM = 1;

int attack_keyring(void)
{
    return syscall(SYS_add_key, "user", "probe", "x", 1UL, -2 /* the process's own keyring */) >= 0 ? 0 : errno;
}

int attack_ptrace(void)
{
    if (ptrace(PTRACE_SEIZE, VICTIM, NULL, NULL) != 0) {
        return errno;
    }
    return 0;   /* the end of this process detaches */
}

int attack_read_memory(void)
{
    char line[128], stolen[16];
    unsigned long start;
    FILE *maps = fopen("/proc/1/maps", "re");
    if (maps == NULL) {
        return errno;
    }
    int known = fgets(line, sizeof line, maps) != NULL && sscanf(line, "%lx-", &start) == 1;
    fclose(maps);
    if (!known) {
        return not_here("/proc/1/maps is empty");
    }
    struct iovec here = { stolen, sizeof stolen }, there = { (void *)start, sizeof stolen };
    return process_vm_readv(VICTIM, &here, 1, &there, 1, 0) > 0 ? 0 : errno;
}

/* A port that only root may take. Pointless where the container's own sysctl opens it to everybody. */
int attack_low_port(void)
{
    int first_free = 1024;
    FILE *setting = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");
    if (setting != NULL) {
        if (fscanf(setting, "%d", &first_free) != 1) {
            first_free = 1024;
        }
        fclose(setting);
    }
    if (first_free <= 87) {
        return not_here("net.ipv4.ip_unprivileged_port_start opens this port to every user");
    }
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(87), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0) {
        return errno;
    }
    return bind(server, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
}

int attack_raw_socket(void)
{
    return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP) >= 0 ? 0 : errno;
}

int attack_packet_socket(void)
{
    return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)) >= 0 ? 0 : errno;
}

int attack_kernel_crypto(void)
{
    struct sockaddr_alg algorithm = { .salg_family = AF_ALG, .salg_type = "hash", .salg_name = "sha256" };
    int crypto = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (crypto < 0) {
        return errno;
    }
    return bind(crypto, (struct sockaddr *)&algorithm, sizeof algorithm) == 0 ? 0 : errno;
}

int attack_bpf(void)
{
    union bpf_attr map;
    memset(&map, 0, sizeof map);
    map.map_type = BPF_MAP_TYPE_ARRAY;
    map.key_size = 4;
    map.value_size = 8;
    map.max_entries = 1;
    return syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map) >= 0 ? 0 : errno;
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
