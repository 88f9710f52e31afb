namespace Runtime.Hardening.Hook;

internal static class Program
{
    private static int Main(string[] args) => HookCommand.Run(args);
}
