namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>A program that does what the pause programs of Kubernetes do.</summary>
public static class PauseProgram
{
    // Process 1 of a pod: ends on SIGINT and SIGTERM, reaps whatever is left to it, sleeps. At the start it leaves itself somebody to reap.
    private const string Source = """
        #include <signal.h>
        #include <stdlib.h>
        #include <sys/wait.h>
        #include <unistd.h>
        static void end(int signal) { (void)signal; exit(0); }
        static void reap(int signal) { (void)signal; while (waitpid(-1, NULL, WNOHANG) > 0) { } }
        int main(void)
        {
            struct sigaction ending = { .sa_handler = end }, reaping = { .sa_handler = reap, .sa_flags = SA_NOCLDSTOP };
            if (sigaction(SIGINT, &ending, NULL) != 0 || sigaction(SIGTERM, &ending, NULL) != 0 || sigaction(SIGCHLD, &reaping, NULL) != 0) { return 3; }
            if (fork() == 0) { if (fork() == 0) { usleep(200000); } _exit(0); }
            for (;;) { pause(); }
        }
        """;

    /// <summary>Compiles it.</summary>
    /// <param name="path">Where to.</param>
    public static void Build(string path)
    {
        string source = path + ".c";
        File.WriteAllText(source, Source);
        Command.Run("gcc", ["-O2", "-static", "-o", path, source]).Succeeded();
    }
}
