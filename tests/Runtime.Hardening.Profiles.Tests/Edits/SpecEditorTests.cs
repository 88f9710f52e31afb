using System.Text;
using System.Text.Json;
using CsCheck;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Spec;
using Runtime.Hardening.Profiles.Tests.Inputs;

namespace Runtime.Hardening.Profiles.Tests.Edits;

public sealed class SpecEditorTests
{
    private static readonly SpecPath[] s_editable =
    [
        SpecPath.CapabilitiesBounding, SpecPath.CapabilitiesEffective, SpecPath.CapabilitiesAmbient, SpecPath.NoNewPrivileges, SpecPath.AppArmorProfile,
        SpecPath.Rlimits, SpecPath.RootReadonly, SpecPath.Hostname, SpecPath.Seccomp, SpecPath.MaskedPaths, SpecPath.ReadonlyPaths, SpecPath.ResourcesDevices,
    ];

    private static readonly string[] s_values = ["true", "[]", "{\"a\":[\"}\"]}", "\"\\u00e9\"", "null", "[ 1 , 2 ]", "18446744073709551615"];

    [Fact]
    public void NeverLosesAByte() => Gen.UInt.Sample(
        seed =>
        {
            var random = new System.Random((int)(seed >> 1));
            byte[] source = new SpecMaker(random).Spec();
            ContainerSpec spec = ContainerSpec.Parse(source);
            var edits = new EditList();
            foreach (SpecPath path in s_editable.Where(path => spec.Has(path.Parent()) && random.Next(3) > 0))
            {
                edits.Add(Edit(path, s_values[random.Next(s_values.Length)]));
            }

            (byte[] output, AppliedEdit[] applied) = SpecEditor.Apply(spec, edits);
            AssertOutsideIsUntouched(source, output, applied);
            Assert.Equal(source, SpecEditor.Revert(output, applied));
            ContainerSpec edited = ContainerSpec.Parse(output);
            using JsonDocument valid = JsonDocument.Parse(output);
            for (int i = 0; i < SpecPaths.Count; i++)
            {
                var path = (SpecPath)i;
                SpecEdit? edit = edits.Edits.FirstOrDefault(edit => edit.Path == path);
                if (edit is not null)
                {
                    Assert.Equal(Encoding.UTF8.GetString(edit.Json.Span), Encoding.UTF8.GetString(edited.Raw(path)));
                }
                else if (!path.IsObject())
                {
                    Assert.Equal(Encoding.UTF8.GetString(spec.Raw(path)), Encoding.UTF8.GetString(edited.Raw(path)));
                }
            }
        },
        iter: 10_000);

    [Theory]
    [InlineData("""{"process":{}}""", """{"process":{"noNewPrivileges":true}}""")]
    [InlineData("""{"process":{ }}""", """{"process":{"noNewPrivileges":true }}""")]
    [InlineData("""{"process":{"a":1}}""", """{"process":{"noNewPrivileges":true,"a":1}}""")]
    [InlineData("""{"process":{"noNewPrivileges": false , "b":2.50}}""", """{"process":{"noNewPrivileges": true , "b":2.50}}""")]
    [InlineData("""{"process":{"noNewPrivileges":null}} tail""", """{"process":{"noNewPrivileges":true}} tail""")]
    public void AnEditIsOneSplice(string before, string after)
    {
        var edits = new EditList();
        edits.Add(Edit(SpecPath.NoNewPrivileges, "true"));
        Assert.Equal(after, Encoding.UTF8.GetString(SpecEditor.Apply(ContainerSpec.Parse(Encoding.UTF8.GetBytes(before)), edits).Bytes));
    }

    [Fact]
    public void AMemberOfAnObjectThatIsNotThereIsRefused()
    {
        var edits = new EditList();
        edits.Add(Edit(SpecPath.RootReadonly, "true"));
        string message = Assert.Throws<SpecFormatException>(() => SpecEditor.Apply(ContainerSpec.Parse("{\"root\":null}"u8.ToArray()), edits)).Message;
        Assert.Equal("root.readonly cannot be set, because the spec has no root.", message);
    }

    [Fact]
    public void TwoWishesForOnePlaceAreRefused()
    {
        var edits = new EditList();
        edits.Add(Edit(SpecPath.Hostname, "\"a\""));
        edits.Add(Edit(SpecPath.NoNewPrivileges, "true"));
        Assert.Throws<InvalidOperationException>(() => edits.Add(Edit(SpecPath.Hostname, "\"b\"")));
        Assert.Equal([SpecPath.NoNewPrivileges, SpecPath.Hostname], edits.Edits.Select(static edit => edit.Path));
    }

    [Theory]
    [InlineData(5, 6)]
    [InlineData(11, 0)]
    [InlineData(0, -1)]
    [InlineData(int.MaxValue, 1)]
    public void EditsThatDoNotFitTheFileAreRefused(int at, int length)
        => Assert.Throws<HardeningFormatException>(() => SpecEditor.Revert(new byte[10], [new AppliedEdit(at, length, new byte[1])]));

    [Fact]
    public void EditsThatOverlapAreRefused()
        => Assert.Throws<HardeningFormatException>(() => SpecEditor.Revert(new byte[10], [new AppliedEdit(2, 4, default), new AppliedEdit(5, 1, default)]));

    // Computed without Revert: what is left of both files when the edits are cut out must be the same bytes.
    private static void AssertOutsideIsUntouched(byte[] source, byte[] output, AppliedEdit[] applied)
    {
        int read = 0, written = 0;
        foreach (AppliedEdit edit in applied)
        {
            int kept = edit.At - written;
            Assert.True(source.AsSpan(read, kept).SequenceEqual(output.AsSpan(written, kept)));
            read += kept;
            Assert.True(source.AsSpan(read, edit.Original.Length).SequenceEqual(edit.Original.Span));
            read += edit.Original.Length;
            written = edit.At + edit.Length;
        }

        Assert.True(source.AsSpan(read).SequenceEqual(output.AsSpan(written)));
    }

    private static SpecEdit Edit(SpecPath path, string json) => new(path, Encoding.UTF8.GetBytes(json), RuleId.Seccomp, "p", "", "");
}
