namespace Runtime.Hardening.Authoring.Store;

/// <summary>One writer of the store at a time: a locked file, which the kernel lets go of whatever happens to us.</summary>
internal sealed class StoreLock : IDisposable
{
    private const string FileName = ".lock";
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(20);

    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <summary>Waits for the lock.</summary>
    /// <exception cref="StoreException">Somebody else held it all the time.</exception>
    public static StoreLock Take(string store, TimeSpan patience)
    {
        string path = Path.Combine(store, FileName);
        long start = Environment.TickCount64;
        while (true)
        {
            try
            {
                // FileShare.None is flock(LOCK_EX | LOCK_NB) on Linux.
                return new StoreLock(new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }));
            }
            catch (IOException) when (Environment.TickCount64 - start < patience.TotalMilliseconds)
            {
                Thread.Sleep(s_pollEvery);
            }
            catch (IOException e)
            {
                throw new StoreException($"Another hardenctl has been changing {store} for {patience.TotalSeconds:0} s ({e.Message}). Wait for it, or look with 'fuser {path}'.");
            }
        }
    }

    public void Dispose() => _file.Dispose();
}
