/* Attacks that a hardened container must refuse, one sub-command each, tried for real.
 *
 *   probe list              name and description of every attack, separated by a tab
 *   probe NAME              exit 0: the attack succeeded. 1: refused, the errno's name (or how) is printed. 2: cannot be tried here
 *   probe all               every attack of the ordinary kind, one line each: name, succeeded|refused|untried, detail
 *   probe who               exit 0 if the effective user is root
 *   probe status            the lines of /proc/self/status about capabilities, no_new_privs and seccomp
 */
#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum kind {
    ORDINARY,   /* needs nothing but a process in the container */
    AS_USER,    /* to be run as a user other than root */
    BY_EXEC     /* to be run through an exec that asks for more than the container has */
};

static const struct attack {
    const char *name;
    const char *description;
    int (*run)(void);
    enum kind kind;
} attacks[] = {
    { "mount-tmpfs", "mount a file system", attack_mount_tmpfs, ORDINARY },
    { "new-mount-api", "mount by fsopen and fsmount", attack_new_mount_api, ORDINARY },
    { "userns-unshare", "become root of a new user namespace (unshare)", attack_userns_unshare, ORDINARY },
    { "userns-clone", "the same by clone", attack_userns_clone, ORDINARY },
    { "userns-clone3", "the same by clone3, whose flags no filter can read", attack_userns_clone3, ORDINARY },
    { "setns", "join another process's namespace", attack_setns, ORDINARY },
    { "chroot", "change the root folder", attack_chroot, ORDINARY },
    { "mknod", "make a device file", attack_mknod, ORDINARY },
    { "chown", "give a file to another user", attack_chown, ORDINARY },
    { "write-root", "plant a file in the root file system", attack_write_root, ORDINARY },
    { "read-interrupts", "watch the node's interrupts", attack_read_interrupts, ORDINARY },
    { "read-keys", "list the kernel's keys (/proc/keys)", attack_read_keys, ORDINARY },
    { "proc-sys", "open core_pattern for writing", attack_proc_sys, ORDINARY },
    { "sysrq", "open sysrq-trigger for writing", attack_sysrq, ORDINARY },
    { "file-handle", "open a file of the host by its handle", attack_handle, ORDINARY },
    { "keyring", "put a key into the kernel's keyring", attack_keyring, ORDINARY },
    { "ptrace", "take control of another process", attack_ptrace, ORDINARY },
    { "read-memory", "read another process's memory", attack_read_memory, ORDINARY },
    { "low-port", "take a port below 1024", attack_low_port, ORDINARY },
    { "raw-socket", "forge packets (raw IP socket)", attack_raw_socket, ORDINARY },
    { "packet-socket", "listen on the wire (AF_PACKET)", attack_packet_socket, ORDINARY },
    { "kernel-crypto", "reach the kernel's crypto code (AF_ALG)", attack_kernel_crypto, ORDINARY },
    { "bpf", "create a BPF map", attack_bpf, ORDINARY },
    { "perf", "open a performance event", attack_perf, ORDINARY },
    { "userfaultfd", "handle page faults in user space", attack_userfaultfd, ORDINARY },
    { "io-uring", "set up an io_uring", attack_io_uring, ORDINARY },
    { "kernel-log", "read the kernel's log", attack_kernel_log, ORDINARY },
    { "setuid-binary", "become root by a setuid program", attack_setuid_binary, AS_USER },
    { "exec-capabilities", "exec that asks for CAP_SYS_ADMIN, then mount", attack_exec_capabilities, BY_EXEC },
};
enum { COUNT = sizeof attacks / sizeof attacks[0] };

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

/* A masked file can be opened but is empty (it is /dev/null): reading nothing counts as refused. */
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

static const char *errno_name(int error)
{
    const char *name = strerrorname_np(error);
    return name != NULL ? name : "unknown errno";
}

static int tell(const char *prefix, int result)
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

/* A child for each, because a filter may answer with a signal and an attack may leave its process anywhere. */
static void try_in_child(const struct attack *attack)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "%s\t", attack->name);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int code = tell(prefix, attack->run());
        fflush(stdout);
        _exit(code);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        printf("%suntried\tno process: %s\n", prefix, errno_name(errno));
    } else if (WIFSIGNALED(status)) {
        printf("%srefused\tSIG%s\n", prefix, sigabbrev_np(WTERMSIG(status)));
    }
}

static int print_status(void)
{
    char line[256];
    FILE *status = fopen("/proc/self/status", "re");
    if (status == NULL) {
        perror("/proc/self/status");
        return 2;
    }
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "Cap", 3) == 0 || strncmp(line, "NoNewPrivs", 10) == 0 || strncmp(line, "Seccomp", 7) == 0) {
            fputs(line, stdout);
        }
    }
    fclose(status);
    return 0;
}

int main(int argc, char **argv)
{
    const char *command = argc == 2 ? argv[1] : "";
    if (strcmp(command, "who") == 0) {
        return geteuid() == 0 ? 0 : 1;
    }
    if (strcmp(command, "status") == 0) {
        return print_status();
    }
    for (int i = 0; i < COUNT; i++) {
        if (strcmp(command, "list") == 0) {
            printf("%s\t%s\n", attacks[i].name, attacks[i].description);
        } else if (strcmp(command, "all") == 0 && attacks[i].kind == ORDINARY) {
            try_in_child(&attacks[i]);
        } else if (strcmp(command, attacks[i].name) == 0) {
            return tell("", attacks[i].run());
        }
    }
    if (strcmp(command, "list") == 0 || strcmp(command, "all") == 0) {
        return 0;
    }
    fprintf(stderr, "usage: probe list|all|who|status|NAME; 'probe list' names the attacks\n");
    return 2;
}
