using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Cgroups;

/// <summary>Turns the bytes of cgroup files into points, by the table.</summary>
internal sealed class CgroupParser
{
    private readonly IoSeries _io = new();
    private readonly long?[] _ingredients = new long?[Enum.GetValues<Ingredient>().Length];

    /// <summary>Forgets the ingredients of the cgroup before.</summary>
    internal void Begin() => Array.Clear(_ingredients);

    /// <summary>Adds the points of one file.</summary>
    /// <exception cref="CgroupFormatException">The file is not of its format; points before the bad line stay.</exception>
    internal void Parse(CgroupFile file, ReadOnlySpan<byte> text, MetricBatch batch)
    {
        switch (file.Format)
        {
            case FileFormat.Single:
                Add(file.Values[0], SingleValueReader.Read(text), batch);
                break;
            case FileFormat.CpuMax:
                if (SingleValueReader.ReadCpuMax(text) is { } processors)
                {
                    batch.Add(file.Values[0].Series!, processors);
                }

                break;
            case FileFormat.Flat:
                ParseFlat(file.Values, text, batch);
                break;
            case FileFormat.Pressure:
                ParsePressure(file.Values, text, batch);
                break;
            case FileFormat.Io:
                ParseIo(text, batch);
                break;
        }
    }

    /// <summary>Adds the metrics that are computed from several files.</summary>
    internal void Finish(MetricBatch batch)
    {
        if (Get(Ingredient.MemoryCurrent) is { } current && Get(Ingredient.InactiveFile) is { } inactive)
        {
            long workingSet = Math.Max(0, current - inactive);
            batch.Add(CgroupTable.WorkingSetSeries, workingSet);
            if (Get(Ingredient.MemoryMax) is { } limit)
            {
                batch.Add(CgroupTable.AvailableSeries, Math.Max(0, limit - workingSet));
            }
        }

        if (Get(Ingredient.PageFaults) is { } all && Get(Ingredient.MajorPageFaults) is { } major)
        {
            batch.Add(CgroupTable.MinorFaults, Math.Max(0, all - major)); // pgfault counts major faults too
        }
    }

    private void ParseFlat(CgroupValue[] values, ReadOnlySpan<byte> text, MetricBatch batch)
    {
        var reader = new FlatKeyedReader(text);
        int next = 0;
        while (reader.TryReadNext(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            // The table has the kernel's order, so most keys are found at the first look; a key may feed two series in a row.
            int found = Find(values, key, next);
            while (found >= 0 && found < values.Length && key.SequenceEqual(values[found].Key))
            {
                Add(values[found], Number.Parse(value), batch);
                next = ++found;
            }
        }
    }

    private static int Find(CgroupValue[] values, ReadOnlySpan<byte> key, int start)
    {
        for (int i = 0; i < values.Length; i++)
        {
            int at = (start + i) % values.Length;
            if (key.SequenceEqual(values[at].Key))
            {
                return at;
            }
        }

        return -1;
    }

    private static void ParsePressure(CgroupValue[] values, ReadOnlySpan<byte> text, MetricBatch batch)
    {
        var reader = new NestedKeyedReader(text);
        while (reader.TryReadLine(out ReadOnlySpan<byte> type))
        {
            int at = Find(values, type, 0);
            while (at >= 0 && reader.TryReadPair(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
            {
                if (key.SequenceEqual("total"u8))
                {
                    batch.Add(values[at].Series!, Number.Parse(value) * values[at].Scale);
                }
            }
        }
    }

    private void ParseIo(ReadOnlySpan<byte> text, MetricBatch batch)
    {
        var reader = new NestedKeyedReader(text);
        while (reader.TryReadLine(out ReadOnlySpan<byte> device))
        {
            (byte[] Key, Series Series)[]? series = null;
            while (reader.TryReadPair(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
            {
                series ??= _io.Of(device);
                foreach ((byte[] name, Series target) in series)
                {
                    if (key.SequenceEqual(name))
                    {
                        batch.Add(target, Number.Parse(value));
                    }
                }
            }
        }
    }

    private void Add(CgroupValue value, long? number, MetricBatch batch)
    {
        if (number is not { } known)
        {
            return; // "max": there is no limit, so there is no point
        }

        _ingredients[(int)value.Ingredient] = known;
        if (value.Series is { } series)
        {
            if (value.Scale == 1)
            {
                batch.Add(series, known);
            }
            else
            {
                batch.Add(series, known * value.Scale);
            }
        }
    }

    private long? Get(Ingredient ingredient) => _ingredients[(int)ingredient];
}
