#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* Takes away what an engine mounts over a file to hide it or to make it read-only. Where that is refused, the attack
 * goes on with the file as it is. */
static void uncover(const char *path)
{
    own_mounts();
    (void)umount2(path, MNT_DETACH);
}

/* Timing of interrupts leaks what other programs of the node do, key strokes among it. */
int attack_read_interrupts(void)
{
    return open_and_read("/proc/interrupts");
}

int attack_read_keys(void)
{
    uncover("/proc/keys");
    return open_and_read("/proc/keys");
}

/* Without the right to see them the kernel prints every address as zeros. */
int attack_kernel_addresses(void)
{
    char line[256];
    int result = refused("masked: the file is empty");
    FILE *symbols = fopen("/proc/kallsyms", "re");
    if (symbols == NULL) {
        return errno == ENOENT ? not_here("this kernel lists no symbols") : errno;
    }
    for (int i = 0; i < 1000 && fgets(line, sizeof line, symbols) != NULL; i++) {
        if (strspn(line, "0") < 16 && strchr(line, ' ') == line + 16) {
            fclose(symbols);
            return 0;
        }
        result = refused("the kernel shows zeros for addresses");
    }
    fclose(symbols);
    return result;
}

int attack_kernel_memory(void)
{
    uncover("/proc/kcore");
    return open_and_read("/proc/kcore");
}

/* Names a program that the host runs as root when anything crashes. */
int attack_core_pattern(void)
{
    uncover("/proc/sys");
    return write_back("/proc/sys/kernel/core_pattern");
}

/* Opened for writing, never written: 'c' would stop the machine, and even 'h' would write on its console. */
int attack_sysrq(void)
{
    uncover("/proc/sysrq-trigger");
    int file = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
    return file >= 0 ? 0 : errno == ENOENT ? not_here("this kernel has no sysrq") : errno;
}

/* Registers an interpreter for files that begin with a magic of ours, for the whole node, and takes it away again. */
int attack_binfmt_misc(void)
{
    const char *rule = ":hardening-probe:M::\\x7fPRBE::/bin/probe:";
    own_mounts();
    if (mount("probe", "/tmp", "binfmt_misc", 0, NULL) != 0) {
        return errno == ENODEV ? not_here("this kernel has no binfmt_misc") : errno;
    }
    int file = open("/tmp/register", O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, rule, strlen(rule)) < 0) {
        return errno;
    }
    file = open("/tmp/hardening-probe", O_WRONLY | O_CLOEXEC);
    return file >= 0 && write(file, "-1", 2) == 2 ? 0 : errno;
}

/* A program that the kernel runs as root at every event of a device. */
int attack_uevent_helper(void)
{
    own_mounts();
    if (mount("probe", "/tmp", "sysfs", 0, NULL) != 0) {
        return errno;
    }
    int file = open("/tmp/kernel/uevent_helper", O_WRONLY | O_CLOEXEC);
    return file >= 0 ? 0 : errno == ENOENT ? not_here("this kernel has no uevent_helper") : errno;
}

int attack_energy_counter(void)
{
    uncover("/sys/devices/virtual/powercap");
    return open_and_read("/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/energy_uj");
}
