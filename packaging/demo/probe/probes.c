/* Attacks that a hardened container must refuse, one sub-command each, tried for real.
 *
 *   probe list              name, description, reference and kind of every attack, separated by tabs
 *   probe NAME              exit 0: the attack succeeded. 1: refused, the errno's name (or how) is printed. 2: cannot be tried here
 *   probe all               every attack that needs nothing but a process in the container, one line each: name,
 *                           succeeded|refused|untried, detail
 *   probe kind KIND         the same for the attacks of one kind (see `probe list`), in a process that was started that way
 *   probe each NAME...      the same for the attacks that are named
 *   probe stay              as `probe all`, then waits: for the first process of a container that others join afterwards
 *   probe who               exit 0 if the effective user is root
 *   probe status            the lines of /proc/self/status about capabilities, no_new_privs and seccomp
 */
#define _GNU_SOURCE
#include "attacks.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const kinds[] = {
    [INSIDE] = "inside", [AS_USER] = "user", [BY_EXEC] = "exec", [JOINING] = "joining", [BY_REQUEST] = "request"
};

/* A child for each, because a filter may answer with a signal and an attack may leave its process anywhere. */
static void try_in_child(const struct attack *attack)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "%s\t", attack->name);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        attack_name = attack->name;
        int code = tell(prefix, attack->run());
        fflush(stdout);
        _exit(code);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        printf("%suntried\tno process: %s\n", prefix, strerrorname_np(errno));
    } else if (WIFSIGNALED(status)) {
        printf("%srefused\tSIG%s\n", prefix, sigabbrev_np(WTERMSIG(status)));
    }
}

static void try_kind(enum kind kind)
{
    for (int i = 0; i < attack_count; i++) {
        if (attacks[i].kind == kind) {
            try_in_child(&attacks[i]);
        }
    }
    fflush(stdout);
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

/* The first process of a container also buries its orphans. */
static _Noreturn void stay(void)
{
    try_kind(INSIDE);
    puts("done");
    fflush(stdout);
    for (;;) {
        if (waitpid(-1, NULL, 0) < 0) {
            sleep(1);
        }
    }
}

static const struct attack *find(const char *name)
{
    for (int i = 0; i < attack_count; i++) {
        if (strcmp(name, attacks[i].name) == 0) {
            return &attacks[i];
        }
    }
    fprintf(stderr, "probe: no attack '%s'\nusage: probe list|all|stay|kind KIND|each NAME...|who|status|NAME; 'probe list' names the attacks\n", name);
    exit(2);
}

int main(int argc, char **argv)
{
    const char *command = argc >= 2 ? argv[1] : "";
    if (strcmp(command, "who") == 0) {
        return geteuid() == 0 ? 0 : 1;
    }
    if (strcmp(command, "status") == 0) {
        return print_status();
    }
    if (strcmp(command, "list") == 0) {
        for (int i = 0; i < attack_count; i++) {
            printf("%s\t%s\t%s\t%s\n", attacks[i].name, attacks[i].description, attacks[i].reference, kinds[attacks[i].kind]);
        }
        return 0;
    }
    if (strcmp(command, "stay") == 0) {
        stay();
    }
    if (strcmp(command, "all") == 0) {
        try_kind(INSIDE);
        return 0;
    }
    for (int kind = INSIDE; argc == 3 && strcmp(command, "kind") == 0 && kind <= BY_REQUEST; kind++) {
        if (strcmp(argv[2], kinds[kind]) == 0) {
            try_kind((enum kind)kind);
            return 0;
        }
    }
    if (strcmp(command, "each") == 0) {
        for (int i = 2; i < argc; i++) {
            try_in_child(find(argv[i]));
        }
        return 0;
    }
    const struct attack *one = find(command);
    attack_name = one->name;
    return tell("", one->run());
}
