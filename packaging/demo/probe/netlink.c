#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Each of these configures only a network namespace: a new one where that can be had, the container's own otherwise. */
struct request {
    char bytes[512];
    size_t length;
};

static struct nlmsghdr *begin(struct request *request, int type, int flags, const void *head, size_t size)
{
    struct nlmsghdr *message = (struct nlmsghdr *)(request->bytes + request->length);
    message->nlmsg_type = (unsigned short)type;
    message->nlmsg_flags = (unsigned short)(NLM_F_REQUEST | flags);
    message->nlmsg_len = (unsigned int)NLMSG_LENGTH(size);
    memcpy(NLMSG_DATA(message), head, size);
    request->length += NLMSG_ALIGN(message->nlmsg_len);
    return message;
}

static void add_text(struct request *request, struct nlmsghdr *message, int type, const char *text)
{
    struct nlattr *attribute = (struct nlattr *)(request->bytes + request->length);
    attribute->nla_type = (unsigned short)type;
    attribute->nla_len = (unsigned short)(NLA_HDRLEN + strlen(text) + 1);
    memcpy((char *)attribute + NLA_HDRLEN, text, strlen(text) + 1);
    message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + NLA_ALIGN(attribute->nla_len);
    request->length += NLA_ALIGN(attribute->nla_len);
}

/* 0 when the kernel acknowledged, its error otherwise. */
static int ask(int protocol, const struct request *request)
{
    char answer[1024];
    struct timeval patience = { .tv_sec = 10 };
    int end = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (end < 0) {
        return errno == EPROTONOSUPPORT ? not_here("this kernel does not speak that over netlink") : errno;
    }
    setsockopt(end, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t got = send(end, request->bytes, request->length, 0) < 0 ? -1 : recv(end, answer, sizeof answer, 0);
    if (got < 0) {
        int error = errno;
        close(end);
        return error;
    }
    close(end);
    for (struct nlmsghdr *message = (struct nlmsghdr *)answer; NLMSG_OK(message, (size_t)got); message = NLMSG_NEXT(message, got)) {
        if (message->nlmsg_type == NLMSG_ERROR) {
            int error = -((struct nlmsgerr *)NLMSG_DATA(message))->error;
            return error == EOPNOTSUPP ? not_here("this kernel does not know that request") : error;
        }
    }
    return not_here("no answer over netlink");
}

static int change_table(int change)
{
    struct request request = { .length = 0 };
    struct nfgenmsg batch = { .version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES) };
    struct nfgenmsg table = { .nfgen_family = AF_INET, .version = NFNETLINK_V0 };
    begin(&request, NFNL_MSG_BATCH_BEGIN, 0, &batch, sizeof batch);
    struct nlmsghdr *message = begin(&request, NFNL_SUBSYS_NFTABLES << 8 | change, NLM_F_ACK, &table, sizeof table);
    add_text(&request, message, NFTA_TABLE_NAME, "hardening-probe");
    begin(&request, NFNL_MSG_BATCH_END, 0, &batch, sizeof batch);
    return ask(NETLINK_NETFILTER, &request);
}

int attack_nftables(void)
{
    int borrowed = own_network();
    int result = change_table(NFT_MSG_NEWTABLE);
    if (result == 0 && borrowed != 0) {
        change_table(NFT_MSG_DELTABLE);
    }
    return result;
}

/* A queueing discipline on the loopback device: where packet classifiers are hung up. */
static int change_queue(int change, int flags)
{
    struct request request = { .length = 0 };
    struct tcmsg queue = { .tcm_family = AF_UNSPEC, .tcm_ifindex = 1, .tcm_parent = TC_H_ROOT };
    struct nlmsghdr *message = begin(&request, change, NLM_F_ACK | flags, &queue, sizeof queue);
    add_text(&request, message, TCA_KIND, "pfifo");
    return ask(NETLINK_ROUTE, &request);
}

int attack_traffic_control(void)
{
    int borrowed = own_network();
    int result = change_queue(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
    if (result == 0 && borrowed != 0) {
        change_queue(RTM_DELQDISC, 0);
    }
    return result;
}

/* Empties the table of IPsec associations, which is empty in a container. */
int attack_xfrm(void)
{
    struct request request = { .length = 0 };
    struct xfrm_usersa_flush all = { .proto = 0 };
    (void)own_network();
    begin(&request, XFRM_MSG_FLUSHSA, NLM_F_ACK, &all, sizeof all);
    return ask(NETLINK_XFRM, &request);
}
