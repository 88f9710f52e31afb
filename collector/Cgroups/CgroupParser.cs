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
        foreach (ComputedValue value in CgroupTable.Computed)
        {
            if (TrySum(value.Terms, out long sum))
            {
                Keep(value.Ingredient, sum);
                batch.Add(value.Series, sum);
            }
        }
    }

    // The kernel updates files at different moments, so a part can be larger than the whole for a while.
    private bool TrySum((Ingredient Ingredient, int Sign)[] terms, out long sum)
    {
        sum = 0;
        foreach ((Ingredient ingredient, int sign) in terms)
        {
            if (_ingredients[(int)ingredient] is not { } known)
            {
                return false;
            }

            sum += sign * known;
        }

        sum = Math.Max(0, sum);
        return true;
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

        Keep(value.Ingredient, known);
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

    private void Keep(Ingredient ingredient, long value)
    {
        if (ingredient != Ingredient.None)
        {
            _ingredients[(int)ingredient] = value;
        }
    }
}
