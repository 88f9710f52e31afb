using System.Text;
using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Cgroups;

/// <summary>The grammar of a cgroup file.</summary>
internal enum FileFormat { Single, CpuMax, Flat, Pressure, Io }

/// <summary>Values that other metrics are computed from.</summary>
internal enum Ingredient { None, MemoryCurrent, MemoryMax, InactiveFile, WorkingSet, PageFaults, MajorPageFaults }

/// <summary>What becomes of one key of a file.</summary>
/// <param name="Key">The key; empty in files of one value.</param>
/// <param name="Series">Where the value goes; null if it is an ingredient only.</param>
/// <param name="Scale">What a unit of the file is in the metric's unit: 1e-6 for microseconds in seconds.</param>
/// <param name="Ingredient">Kept for a computed metric.</param>
internal sealed record CgroupValue(byte[] Key, Series? Series, double Scale = 1, Ingredient Ingredient = Ingredient.None);

/// <summary>A metric that is computed from several keys; there is no point unless all of them are there, and none is below 0.</summary>
/// <param name="Series">Where the value goes.</param>
/// <param name="Terms">What is added (1) and taken away (-1).</param>
/// <param name="Ingredient">Kept for those after it.</param>
internal sealed record ComputedValue(Series Series, (Ingredient Ingredient, int Sign)[] Terms, Ingredient Ingredient = Ingredient.None);

/// <summary>One file of a cgroup directory and what is taken from it.</summary>
internal sealed class CgroupFile(string name, FileFormat format, params CgroupValue[] values)
{
    internal string Name { get; } = name;

    internal byte[] NullTerminatedName { get; } = Encoding.UTF8.GetBytes(name + '\0');

    internal FileFormat Format { get; } = format;

    internal CgroupValue[] Values { get; } = values;
}
