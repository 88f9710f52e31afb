using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using Runtime.Hardening.Collector.Settings;

namespace Runtime.Hardening.Collector;

/// <summary>From what was typed to a running daemon.</summary>
internal static class Start
{
    private const int Fine = 0, CouldNot = 2;

    /// <summary>Runs the daemon, or once. 0: fine; 2: it could not, and stderr says why.</summary>
    internal static async Task<int> RunAsync(string? file, bool once, CancellationToken cancellation)
    {
        try
        {
            CollectorSettings settings = CollectorSettingsReader.Read(
                CollectorSettingsReader.Locate(file, Environment.GetEnvironmentVariable), Environment.GetEnvironmentVariable,
                CollectorSettingsReader.IsNamed(file, Environment.GetEnvironmentVariable));
            OtlpSettings otlp = OtlpSettings.Read(Environment.GetEnvironmentVariable);
            HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "hardeningd" });
            // Before AddSystemd, which makes the console write what the journal wants when systemd is our parent.
            builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true);
            builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
            builder.Services.AddSystemd();
            SelfTelemetry.Add(builder, otlp);
            builder.Services.AddSingleton(services => new Daemon(settings, otlp, services.GetRequiredService<ILoggerFactory>().CreateLogger("hardeningd")));
            builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
            if (!once)
            {
                builder.Services.AddSingleton<DaemonService>();
                builder.Services.AddHostedService(known => known.GetRequiredService<DaemonService>());
                AddWatchdog(builder.Services);
            }

            using IHost host = builder.Build();
            if (once)
            {
                ILogger logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("hardeningd");
                return await OneShot.RunAsync(host.Services.GetRequiredService<Daemon>(), settings, logger, cancellation) ? Fine : CouldNot;
            }

            DaemonService service = host.Services.GetRequiredService<DaemonService>();
            await host.RunAsync(cancellation);
            // The host logs why a service failed, stops, and calls that a success; systemd restarts only what ends with an error.
            return service.ExecuteTask is { IsFaulted: true } ? CouldNot : Fine;
        }
        catch (SettingsException e)
        {
            foreach (string mistake in e.Mistakes)
            {
                await Console.Error.WriteLineAsync($"hardeningd: {mistake}");
            }

            return CouldNot;
        }
        catch (OperationCanceledException) when (once)
        {
            await Console.Error.WriteLineAsync("hardeningd: stopped, or not done within 30 s, before everything was read and sent.");
            return CouldNot;
        }
    }

    // AddSystemd registers a notifier only under systemd.
    private static void AddWatchdog(IServiceCollection services)
    {
        if (SystemdHelpers.IsSystemdService() && Watchdog.Period(Environment.GetEnvironmentVariable) is { } period)
        {
            services.AddHostedService(known => new Watchdog(known.GetRequiredService<ISystemdNotifier>(), known.GetRequiredService<Daemon>().Inbox, period));
        }
    }
}
