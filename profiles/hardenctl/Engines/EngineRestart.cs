namespace Runtime.Hardening.Cli.Engines;

/// <summary>Restarts an engine through systemd. Containers live in shims of their own and go on running.</summary>
internal static class EngineRestart
{
    public static void Containerd()
    {
        if (!Directory.Exists("/run/systemd/system") || Programs.Find("systemctl") is not { } systemctl)
        {
            throw EngineException.Failed("--restart: systemd does not run here, so hardenctl does not know how containerd was started. The file is written: restart containerd the way you started it.");
        }

        (int exitCode, _, string error) = Programs.Run(systemctl, "restart", "containerd.service");
        if (exitCode != 0)
        {
            throw EngineException.Failed($"`systemctl restart containerd.service` failed with exit code {exitCode}: {error.Trim()}. The file is written and containerd accepted it when asked; `journalctl -u containerd` has its reasons.");
        }
    }
}
