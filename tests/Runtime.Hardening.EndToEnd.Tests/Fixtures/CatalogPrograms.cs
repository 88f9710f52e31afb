using System.Globalization;
using System.Text.Json.Nodes;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>What runs in the containers that try the shipped seccomp profiles: programs, and the answers to calls that harm nothing.</summary>
public sealed class CatalogPrograms : IDisposable
{
    // Threads, children, sockets over loopback, a garbage collection.
    private const string Jvm = """
        import java.net.*; import java.net.http.*; import java.util.*; import java.util.concurrent.*;
        public class CatalogJvm {
            public static void main(String[] arguments) throws Exception {
                ExecutorService threads = Executors.newFixedThreadPool(4);
                List<Future<Integer>> sums = new ArrayList<>();
                for (int i = 0; i < 8; i++) sums.add(threads.submit(() -> { int sum = 0; for (int j = 0; j < 400; j++) sum += new byte[100000].length; return sum; }));
                for (Future<Integer> sum : sums) sum.get();
                threads.shutdown();
                System.gc();
                var server = com.sun.net.httpserver.HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
                server.createContext("/", exchange -> { exchange.sendResponseHeaders(200, 5); exchange.getResponseBody().write("works".getBytes()); exchange.close(); });
                server.start();
                URI here = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
                System.out.println(HttpClient.newHttpClient().send(HttpRequest.newBuilder(here).build(), HttpResponse.BodyHandlers.ofString()).body());
                if (new ProcessBuilder("/bin/true").start().waitFor() != 0 || !NetworkInterface.getNetworkInterfaces().hasMoreElements()) System.exit(1);
                System.exit(0);
            }
        }
        """;

    private const string Node = """
        const { Worker, isMainThread } = require('worker_threads'), http = require('http'), fs = require('fs'), os = require('os');
        if (isMainThread) (async () => {
          await Promise.all([1, 2, 3].map(() => new Promise((done, failed) => new Worker(__filename).on('exit', done).on('error', failed))));
          const server = http.createServer((_, answer) => answer.end('works'));
          await new Promise(done => server.listen(0, '127.0.0.1', done));
          const body = await new Promise(done => http.get({ host: '127.0.0.1', port: server.address().port }, answer => answer.on('data', done)));
          server.close();
          fs.watch('/tmp').close();
          os.networkInterfaces();
          new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
          require('child_process').execFileSync('/bin/true');
          console.log(body.toString());
        })();
        else { let kept = []; for (let i = 0; i < 100000; i++) kept.push({ i }); }
        """;

    private const string Worker = """
        import asyncio, multiprocessing, os, sqlite3, socket, subprocess, tempfile, threading
        from multiprocessing import shared_memory

        def square(x):
            return x * x

        async def talk():
            server = await asyncio.start_server(lambda reader, writer: writer.close(), '127.0.0.1', 0)
            reader, writer = await asyncio.open_connection('127.0.0.1', server.sockets[0].getsockname()[1])
            await reader.read()
            writer.close()
            server.close()

        if __name__ == '__main__':
            with multiprocessing.Pool(2) as pool:
                assert pool.map(square, range(4)) == [0, 1, 4, 9]
            memory = shared_memory.SharedMemory(create=True, size=100)
            memory.close()
            memory.unlink()
            asyncio.run(talk())
            folder = tempfile.mkdtemp()
            database = sqlite3.connect(folder + '/a.db')
            database.execute('create table t(a)')
            database.commit()
            os.mkfifo(folder + '/fifo')
            thread = threading.Thread(target=subprocess.run, args=(['true'],), kwargs={'check': True})
            thread.start()
            thread.join()
            socket.getaddrinfo('localhost', 80)
            socket.if_nameindex()
            print('works')
        """;

    private const string Web = """
        set -e
        mkdir -p /tmp/web/html && echo works > /tmp/web/html/index.html
        cat > /tmp/web/conf <<'X'
        user nobody nogroup;
        worker_processes 2;
        pid /tmp/web/pid;
        error_log /tmp/web/error;
        thread_pool default threads=2;
        events { worker_connections 64; }
        http {
          access_log off; sendfile on; aio threads; gzip on;
          client_body_temp_path /tmp/web/1; proxy_temp_path /tmp/web/2; fastcgi_temp_path /tmp/web/3; uwsgi_temp_path /tmp/web/4; scgi_temp_path /tmp/web/5;
          server {
            listen 127.0.0.1:8080;
            root /tmp/web/html;
            location /proxied/ { proxy_pass http://127.0.0.1:8080/; }
          }
        }
        X
        nginx -e /tmp/web/error -c /tmp/web/conf
        busybox wget -q -O - http://127.0.0.1:8080/
        busybox wget -q -O - http://127.0.0.1:8080/proxied/
        nginx -e /tmp/web/error -c /tmp/web/conf -s quit
        """;

    private const string Redis = """
        set -e
        ln -s "$(command -v redis-check-rdb)" /tmp/redis-server
        /tmp/redis-server --port 0 --unixsocket /tmp/redis --dir /tmp --daemonize yes --appendonly yes --io-threads 2 > /dev/null
        n=0; until redis-cli -s /tmp/redis ping > /dev/null 2>&1; do n=$((n + 1)); [ "$n" -lt 50 ]; sleep 0.1; done
        redis-cli -s /tmp/redis set it works > /dev/null
        redis-cli -s /tmp/redis bgsave > /dev/null
        redis-cli -s /tmp/redis get it
        redis-cli -s /tmp/redis shutdown
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hardening-test-catalog-").FullName;

    public CatalogPrograms()
    {
        foreach ((string name, string text) in (ReadOnlySpan<(string, string)>)
            [("CatalogJvm.java", Jvm), ("catalog-node.js", Node), ("catalog-worker.py", Worker), ("catalog-web.sh", Web), ("catalog-redis.sh", Redis)])
        {
            File.WriteAllText(Path.Combine(_folder, name), text + "\n");
        }

        PauseProgram.Build(Path.Combine(_folder, "pause"));
        string source = Path.Combine(Published.Repository, "tests/Runtime.Hardening.EndToEnd.Tests/Fixtures/calls.c");
        Command.Run("gcc", ["-std=gnu11", "-O2", "-static", "-s", "-o", Path.Combine(_folder, "calls"), source]).Succeeded();
        using Installation node = new Installation().Apply(Policies.Elsewhere);
        WithoutProfile = AnswersOf(node, static spec => Alone(spec, noNewPrivileges: true),
        [
            "add_key", "adjtimex", "chroot", "clone3", "get_mempolicy", "int80", "io_setup", "mbind", "memfd_create", "mincore", "mkdir", "mknod-fifo", "mknod-socket", "mq_open", "msgget",
            "personality", "process_vm_readv", "ptrace", "sched_setscheduler", "semget", "setns", "shmget", "socket-alg", "socket-inet", "socket-netlink-generic", "socket-netlink-route",
            "socket-unix", "tee", "unshare", "vmsplice",
        ]);
    }

    /// <summary>The files for a container.</summary>
    public string[] Files => Directory.GetFiles(_folder);

    /// <summary>What calls are answered in a container without any filter.</summary>
    public IReadOnlyDictionary<string, int> WithoutProfile { get; }

    /// <summary>Whether this machine's kernel lets 32-bit programs run at all.</summary>
    public bool HasThirtyTwoBitPrograms => WithoutProfile["int80"] == 0;

    /// <summary>A node whose one policy asks for one profile and nothing else.</summary>
    public static Installation Demanding(string profile) => new Installation().Apply($$"""
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: catalogue }
        spec: { seccomp: { profile: {{profile}} } }
        """);

    /// <summary>Describes a container to which the engine gives no filter.</summary>
    public static void Alone(JsonNode spec, bool noNewPrivileges, string capability = "")
    {
        spec["linux"]!.AsObject().Remove("seccomp");
        spec["process"]!["noNewPrivileges"] = noNewPrivileges;
        foreach (string set in capability.Length > 0 ? (string[])["bounding", "effective", "permitted"] : [])
        {
            spec["process"]!["capabilities"]![set]!.AsArray().Add(capability);
        }
    }

    /// <summary>What calls are answered to an exec, in a container with one profile.</summary>
    public Dictionary<string, int> AnswersUnder(string profile, bool noNewPrivileges, string[] names)
    {
        using Installation node = Demanding(profile);
        return AnswersOf(node, spec => Alone(spec, noNewPrivileges), names);
    }

    /// <summary>What calls are answered to an exec.</summary>
    public Dictionary<string, int> AnswersOf(Installation node, Action<JsonNode> change, params string[] names)
    {
        using var container = new MachineContainer(node, change, ["/pause"], Files);
        container.RunDetached().Succeeded();
        return container.Exec(["/calls", .. names]).Succeeded().Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' '))
            .ToDictionary(static pair => pair[0], static pair => int.Parse(pair[1], CultureInfo.InvariantCulture));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
