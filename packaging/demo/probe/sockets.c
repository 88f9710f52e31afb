#define _GNU_SOURCE
#include "attacks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_alg.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef AF_TIPC
#define AF_TIPC 30
#endif
#ifndef AF_VSOCK
#define AF_VSOCK 40
#endif

static int open_socket(int family, int type, int protocol)
{
    int end = socket(family, type | SOCK_CLOEXEC, protocol);
    return end >= 0 ? 0 : errno == EAFNOSUPPORT ? not_here("this kernel has no such sockets") : errno;
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
    return open_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

int attack_packet_socket(void)
{
    return open_socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
}

/* AppArmor and seccomp answer EAFNOSUPPORT for some families themselves, so a socket that cannot be opened is never "not here"
 * for the two below: the bare container tells whether the kernel has them. */
int attack_kernel_crypto(void)
{
    struct sockaddr_alg algorithm = { .salg_family = AF_ALG, .salg_type = "hash", .salg_name = "sha256" };
    int crypto = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (crypto < 0) {
        return errno;
    }
    return bind(crypto, (struct sockaddr *)&algorithm, sizeof algorithm) == 0 ? 0 : errno;
}

int attack_vsock(void)
{
    return socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 ? 0 : errno;
}

/* A protocol that hardly anybody uses: the kernel loads its module for whoever asks. */
int attack_tipc(void)
{
    return socket(AF_TIPC, SOCK_RDM | SOCK_CLOEXEC, 0) >= 0 ? 0 : errno;
}

/* The old firewall's tables, by socket options. In a network namespace of one's own every user may ask. */
int attack_iptables(void)
{
    struct { char name[32]; unsigned int numbers[13]; } table = { .name = "filter" };
    socklen_t size = sizeof table;
    (void)own_network();
    int end = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (end < 0) {
        return errno;
    }
    if (getsockopt(end, IPPROTO_IP, 64 /* IPT_SO_GET_INFO */, &table, &size) == 0) {
        return 0;
    }
    return errno == ENOPROTOOPT ? not_here("this kernel has no ip_tables") : errno;
}
