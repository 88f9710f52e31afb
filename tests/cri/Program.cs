using Grpc.Core;
using Runtime.Hardening.Cri;

const string Usage =
    """
    usage: hardening-cri [--address SOCKET] version
           hardening-cri [--address SOCKET] run [POD-OPTION...] --image IMAGE [--user UID] -- COMMAND...   prints SANDBOX CONTAINER
           hardening-cri [--address SOCKET] exec CONTAINER COMMAND...                                      ends with the command's exit code
           hardening-cri [--address SOCKET] state CONTAINER | list | stop CONTAINER | remove-pod SANDBOX
    Acts on an engine's Container Runtime Interface as a kubelet does. Pods share the node's network.
    POD-OPTION: --namespace NAME, --pod NAME, --name CONTAINER-NAME, --handler RUNTIME-HANDLER,
                --systemd (the pod's cgroup is a slice, as a kubelet with the systemd driver gives it), --seccomp (the engine's default profile)
    SOCKET: /run/containerd/containerd.sock unless told otherwise. Exit code 2: wrong use, or the engine refused (its words are on stderr).
    """;

var options = new Dictionary<string, string>(StringComparer.Ordinal);
List<string> words = [], command = [];
string[] flags = ["--systemd", "--seccomp"];
string[] known = ["--address", "--namespace", "--pod", "--name", "--handler", "--image", "--user"];
for (int i = 0; i < args.Length; i++)
{
    // Behind the first two words everything is the command's own.
    if (args[i] == "--" || words is ["exec", _])
    {
        command.AddRange(args[(args[i] == "--" ? i + 1 : i)..]);
        break;
    }

    if (flags.Contains(args[i]))
    {
        options[args[i]] = "";
    }
    else if (known.Contains(args[i]) && i + 1 < args.Length)
    {
        options[args[i]] = args[++i];
    }
    else if (args[i].StartsWith('-'))
    {
        return Wrong($"unknown option '{args[i]}', or no value behind it");
    }
    else
    {
        words.Add(args[i]);
    }
}

using var client = new CriClient(options.GetValueOrDefault("--address", "/run/containerd/containerd.sock"));
try
{
    switch (words)
    {
        case ["version"]:
            Console.WriteLine(await client.VersionAsync());
            return 0;
        case ["run"] when options.ContainsKey("--image") && command.Count > 0:
            return await RunAsync();
        case ["exec", var container] when command.Count > 0:
            ExecResult result = await client.ExecAsync(container, command);
            Console.Out.Write(result.Output);
            Console.Error.Write(result.Error);
            return result.ExitCode;
        case ["state", var container]:
            (string state, int exitCode) = await client.StateAsync(container);
            Console.WriteLine($"{state} {exitCode}");
            return 0;
        case ["list"]:
            foreach ((string id, string sandbox, string name) in await client.ListAsync())
            {
                Console.WriteLine($"{sandbox} {id} {name}");
            }

            return 0;
        case ["stop", var container]:
            await client.StopContainerAsync(container, 10);
            return 0;
        case ["remove-pod", var sandbox]:
            await client.RemovePodAsync(sandbox);
            return 0;
        default:
            return Wrong(words.Count == 0 ? "no command" : $"'{string.Join(' ', words)}' is no command, or lacks something");
    }
}
catch (RpcException e)
{
    await Console.Error.WriteLineAsync($"hardening-cri: {string.Join(' ', words)}: {e.Status.StatusCode}: {e.Status.Detail}");
    return 2;
}

async Task<int> RunAsync()
{
    var pod = new PodRequest(options.GetValueOrDefault("--namespace", "default"), options.GetValueOrDefault("--pod", "pod"))
    {
        Handler = options.GetValueOrDefault("--handler", ""),
    };
    if (options.ContainsKey("--systemd"))
    {
        pod = pod with { CgroupParent = PodRequest.BestEffortSlice(pod.Uid) };
    }

    var container = new ContainerRequest(options.GetValueOrDefault("--name", "main"), options["--image"], command)
    {
        User = options.TryGetValue("--user", out string? user) ? long.Parse(user) : null,
        DefaultSeccomp = options.ContainsKey("--seccomp"),
    };
    string sandbox = await client.RunPodAsync(pod);
    try
    {
        Console.WriteLine($"{sandbox} {await client.RunContainerAsync(pod, sandbox, container)}");
        return 0;
    }
    catch (RpcException)
    {
        await client.RemovePodAsync(sandbox);
        throw;
    }
}

static int Wrong(string what)
{
    Console.Error.WriteLine($"hardening-cri: {what}.\n{Usage}");
    return 2;
}
