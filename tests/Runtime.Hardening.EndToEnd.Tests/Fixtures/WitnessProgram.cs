namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>
/// A program for the runtime's place that writes down everything it inherited. Called with <c>--odd</c> it first makes everything as unusual as a caller
/// can, and then becomes the program that is named behind that.
/// </summary>
public static class WitnessProgram
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <dirent.h>
        #include <fcntl.h>
        #include <sched.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/personality.h>
        #include <sys/prctl.h>
        #include <sys/resource.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <unistd.h>

        extern char **environ;

        static int make_odd(char **program)
        {
            static const int blocked[] = { SIGUSR1, SIGTERM, SIGCHLD, 40 }, ignored[] = { SIGHUP, SIGUSR2, SIGTTOU, 45 };
            struct itimerval later = { { 0, 0 }, { 3600, 0 } };
            struct sched_param batch = { 0 };
            sigset_t mask;
            cpu_set_t first;
            struct rlimit few = { 100, 200 }, none = { 0, 0 };
            sigemptyset(&mask);
            for (int i = 0; i < 4; i++) { sigaddset(&mask, blocked[i]); signal(ignored[i], SIG_IGN); }
            sigprocmask(SIG_BLOCK, &mask, NULL);
            raise(SIGUSR1);
            CPU_ZERO(&first); CPU_SET(0, &first);
            sched_setaffinity(0, sizeof first, &first);
            sched_setscheduler(0, SCHED_BATCH, &batch);
            setpriority(PRIO_PROCESS, 0, 7);
            syscall(SYS_ioprio_set, 1, 0, (3 << 13));
            setitimer(ITIMER_REAL, &later, NULL);
            setrlimit(RLIMIT_NOFILE, &few); setrlimit(RLIMIT_CORE, &none);
            umask(0137);
            prctl(PR_SET_PDEATHSIG, SIGKILL); prctl(PR_SET_TIMERSLACK, 123456); prctl(PR_SET_CHILD_SUBREAPER, 1); prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
            personality(ADDR_NO_RANDOMIZE | UNAME26);
            int file = open("/etc/passwd", O_RDONLY); lseek(file, 5, SEEK_SET); dup2(file, 9); fcntl(9, F_SETFD, 0); close(file);
            file = open("/dev/null", O_WRONLY | O_APPEND); dup2(file, 63); close(file);
            close(0);
            execv(program[0], program);
            return 3;
        }

        static void print_file(FILE *to, const char *path, const char *lines)
        {
            char line[4096];
            FILE *from = fopen(path, "re");
            while (from != NULL && fgets(line, sizeof line, from) != NULL) {
                char name[64] = "", wanted[70];
                sscanf(line, "%60[^:]", name);
                snprintf(wanted, sizeof wanted, " %s ", name);
                if (lines == NULL || strstr(lines, wanted) != NULL) { fprintf(to, "%s: %s", path, line); }
            }
            if (from != NULL) { fclose(from); }
        }

        int main(int argc, char **argv)
        {
            if (argc > 2 && strcmp(argv[1], "--odd") == 0) { return make_odd(argv + 2); }
            // Everything about descriptors comes first: those that are opened here are not inherited.
            static int flags[256], own[256]; static long at[256]; static char where[256][512];
            for (int fd = 0; fd < 256; fd++) {
                char link[64];
                flags[fd] = fcntl(fd, F_GETFL); own[fd] = fcntl(fd, F_GETFD);
                if (flags[fd] < 0) { continue; }
                at[fd] = lseek(fd, 0, SEEK_CUR);
                snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
                if (readlink(link, where[fd], sizeof where[fd] - 1) < 0) { where[fd][0] = 0; }
            }
            const char *path = getenv("WITNESS");
            if (path == NULL) { return 4; }
            FILE *to = fopen(path, "we");
            if (to == NULL) { return 5; }
            for (int fd = 0; fd < 256; fd++) {
                if (flags[fd] >= 0) { fprintf(to, "fd %d: %s, flags %o, own %d, at %ld\n", fd, strncmp(where[fd], "/tmp", 4) == 0 ? "its own output" : where[fd], flags[fd], own[fd], at[fd]); }
            }
            for (int i = 0; i < argc; i++) { fprintf(to, "argument %d: <%s>\n", i, argv[i]); }
            for (char **variable = environ; *variable != NULL; variable++) { fprintf(to, "variable %s\n", *variable); }
            for (int number = 1; number < 65; number++) {
                struct sigaction action;
                if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL) { fprintf(to, "signal %d: %s\n", number, action.sa_handler == SIG_IGN ? "ignored" : "handled"); }
            }
            print_file(to, "/proc/self/status", " Umask State Uid Gid Groups SigPnd ShdPnd SigBlk SigIgn SigCgt CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp Cpus_allowed Mems_allowed Threads NSsid TracerPid THP_enabled ");
            print_file(to, "/proc/self/limits", NULL);
            print_file(to, "/proc/self/oom_score_adj", NULL);
            print_file(to, "/proc/self/coredump_filter", NULL);
            print_file(to, "/proc/self/cgroup", NULL);
            print_file(to, "/proc/self/timerslack_ns", NULL);
            print_file(to, "/proc/self/loginuid", NULL);
            print_file(to, "/proc/self/personality", NULL);
            struct itimerval left; int death = 0, reaper = 0; char folder[4096];
            getitimer(ITIMER_REAL, &left);
            prctl(PR_GET_PDEATHSIG, &death); prctl(PR_GET_CHILD_SUBREAPER, &reaper);
            fprintf(to, "timer %d, death signal %d, subreaper %d, slack %d, dumpable %d, keepcaps %d, securebits %d, thp off %d\n", left.it_value.tv_sec > 0, death, reaper,
                prctl(PR_GET_TIMERSLACK), prctl(PR_GET_DUMPABLE), prctl(PR_GET_KEEPCAPS), prctl(PR_GET_SECUREBITS), prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
            fprintf(to, "priority %d, scheduler %d, io priority %ld, personality %x\n", getpriority(PRIO_PROCESS, 0), sched_getscheduler(0), syscall(SYS_ioprio_get, 1, 0), personality(0xffffffff));
            fprintf(to, "folder %s\n", getcwd(folder, sizeof folder));
            return fclose(to) == 0 ? 0 : 6;
        }
        """;

    /// <summary>Compiles it into a folder and gives its path.</summary>
    public static string Build(string folder)
    {
        string source = Path.Combine(folder, "witness.c"), program = Path.Combine(folder, "witness-program");
        File.WriteAllText(source, Source);
        Command.Run("gcc", ["-O2", "-static", "-o", program, source]).Succeeded();
        return program;
    }
}
