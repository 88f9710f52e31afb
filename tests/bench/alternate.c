// Times two commands in turn, so that whatever the machine does meanwhile hits both, and prints the medians and their ratio.
//
//   alternate RUNS TEMPLATE TARGET -- command-a ... -- command-b ...
//
// Before each run TARGET is made anew from TEMPLATE, outside the measured time; "-" for both leaves that out.
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static char *bytes;
static size_t length;

static void fail(const char *what)
{
    perror(what);
    exit(2);
}

static void load(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &status) != 0)
        fail(path);
    length = (size_t)status.st_size;
    bytes = malloc(length);
    if (read(fd, bytes, length) != (ssize_t)length)
        fail(path);
    close(fd);
}

static void restore(const char *path)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
        fail(path);
    close(fd);
}

static double run(char **command)
{
    struct timespec from, to;
    pid_t pid;
    int status;
    clock_gettime(CLOCK_MONOTONIC, &from);
    if (posix_spawn(&pid, command[0], NULL, NULL, command, environ) != 0)
        fail(command[0]);
    if (waitpid(pid, &status, 0) != pid)
        fail("waitpid");
    clock_gettime(CLOCK_MONOTONIC, &to);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "%s ended with status %x\n", command[0], status);
        exit(2);
    }
    return (to.tv_sec - from.tv_sec) * 1e6 + (to.tv_nsec - from.tv_nsec) / 1e3;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    if (argc < 7) {
        fprintf(stderr, "usage: alternate RUNS TEMPLATE TARGET -- command-a ... -- command-b ...\n");
        return 2;
    }
    int runs = atoi(argv[1]);
    const char *target = strcmp(argv[3], "-") == 0 ? NULL : argv[3];
    if (target)
        load(argv[2]);
    char **a = argv + 5, **b = NULL;
    for (int i = 5; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            argv[i] = NULL;
            b = argv + i + 1;
        }
    }
    if (!b || !*b)
        return 2;
    double *first = malloc(sizeof(double) * (size_t)runs), *second = malloc(sizeof(double) * (size_t)runs);
    for (int i = -20; i < runs; i++) {   // twenty rounds to warm up the page cache
        double x, y;
        if (target)
            restore(target);
        x = run(a);
        if (target)
            restore(target);
        y = run(b);
        if (i >= 0) {
            first[i] = x;
            second[i] = y;
        }
    }
    qsort(first, (size_t)runs, sizeof(double), ascending);
    qsort(second, (size_t)runs, sizeof(double), ascending);
    printf("%.0f %.0f %.2f\n", first[runs / 2], second[runs / 2], second[runs / 2] / first[runs / 2]);
    return 0;
}
