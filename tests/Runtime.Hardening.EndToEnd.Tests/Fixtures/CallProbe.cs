using System.Globalization;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>
/// A static program that makes the system calls it reads, one a line, and prints what came of each: <c>e38</c> for an error, <c>s31</c> for a death by signal,
/// <c>r</c> for anything else. It makes them as x86-64 or x32 (64) or as i386 (32), each in a child of its own where it could be fatal.
/// </summary>
public static class CallProbe
{
    private const string Source = """
        #include <signal.h>
        #include <stdio.h>
        #include <sys/wait.h>
        #include <unistd.h>

        long call64(const unsigned long *v);
        long call32(const unsigned long *v);
        /* number, then six arguments */
        __asm__("call64:\n push %rdi\n mov 0(%rdi),%rax\n mov 16(%rdi),%rsi\n mov 24(%rdi),%rdx\n mov 32(%rdi),%r10\n mov 40(%rdi),%r8\n mov 48(%rdi),%r9\n mov 8(%rdi),%rdi\n"
                " syscall\n pop %rdi\n ret\n"
                "call32:\n push %rbx\n push %rbp\n mov 0(%rdi),%rax\n mov 8(%rdi),%rbx\n mov 16(%rdi),%rcx\n mov 24(%rdi),%rdx\n mov 32(%rdi),%rsi\n mov 48(%rdi),%rbp\n mov 40(%rdi),%rdi\n"
                " int $0x80\n pop %rbp\n pop %rbx\n ret\n");

        static void answer(long result)
        {
            if (result < 0 && result > -4096) { printf("e%ld\n", -result); } else { puts("r"); }
        }

        int main(void)
        {
            static char text[1 << 16];
            setvbuf(stdout, text, _IOFBF, sizeof text);
            FILE *calls = fopen("/proof/calls", "r");
            unsigned long v[7];
            int abi, fatal;
            while (calls && fscanf(calls, "%d %d %lu %lu %lu %lu %lu %lu %lu", &fatal, &abi, v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6) == 9) {
                v[0] = (unsigned)v[0];
                if (!fatal) {
                    answer(abi == 32 ? (int)call32(v) : call64(v));
                    continue;
                }
                fflush(stdout);
                pid_t child = fork();
                int status = 0;
                if (child == 0) { _exit((abi == 32 ? (int)call32(v) : call64(v)) < 0 ? 1 : 0); }
                waitpid(child, &status, 0);
                printf(WIFSIGNALED(status) ? "s%d\n" : "x%d\n", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
            }
            return fflush(stdout);
        }
        """;

    /// <summary>Compiles it and writes the calls beside it, into a folder that the container sees as /proof.</summary>
    public static string Write(string folder, IEnumerable<(bool Fatal, int Abi, uint Number, ulong[] Arguments)> calls)
    {
        string source = Path.Combine(folder, "probe.c"), program = Path.Combine(folder, "probe");
        File.WriteAllText(source, Source);
        Command.Run("gcc", ["-O2", "-static", "-o", program, source]).Succeeded();
        File.WriteAllLines(Path.Combine(folder, "calls"), calls.Select(static call =>
            string.Create(CultureInfo.InvariantCulture, $"{(call.Fatal ? 1 : 0)} {call.Abi} {call.Number} {string.Join(' ', call.Arguments)}")));
        return program;
    }
}
