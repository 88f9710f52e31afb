using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Tests.Spec;

public sealed class SmallTypesTests
{
    [Fact]
    public void CapabilitiesHaveTheKernelsNumbers()
    {
        Assert.Equal(41, CapabilitySet.KnownNames.Length);
        foreach ((string name, int number) in ((string, int)[])[("CAP_CHOWN", 0), ("CAP_SYS_ADMIN", 21), ("CAP_AUDIT_WRITE", 29), ("CAP_CHECKPOINT_RESTORE", 40)])
        {
            Assert.True(CapabilitySet.TryParse(name, out CapabilitySet capability));
            Assert.Equal(1UL << number, capability.Bits);
        }
    }

    [Theory]
    [InlineData("cap_chown")]
    [InlineData("CHOWN")]
    [InlineData("CAP_OF_TOMORROW")]
    [InlineData("")]
    public void OtherSpellingsAreNoCapability(string name) => Assert.False(CapabilitySet.TryParse(name, out _));

    // What crun 1.8 started a process with, for each of these names.
    [Theory]
    [InlineData("CAP_SYS_ADMIN", 21)]
    [InlineData("cap_sys_admin", 21)]
    [InlineData("CAP_sys_admin", 21)]
    [InlineData("21", 21)]
    [InlineData("0x15", 21)]
    [InlineData("0X15", 21)]
    [InlineData("025", 21)]
    [InlineData("21x", 21)]
    [InlineData("21,cap_chown", 21)]
    [InlineData("cap_sys_admin ", 21)]
    [InlineData("CAP_SYS_ADMIN-x", 21)]
    [InlineData("0", 0)]
    [InlineData("40", 40)]
    [InlineData("sys_admin", -1)]
    [InlineData(" cap_sys_admin", -1)]
    [InlineData("CAP_SYS_ADMINx", -1)]
    [InlineData("+21", -1)]
    [InlineData("4294967317", -1)]
    [InlineData("18446744073709551637", -1)]
    [InlineData("", -1)]
    public void WhatSomeRuntimeTakesForACapabilityIsReadAsOne(string name, int number)
    {
        Assert.Equal(number >= 0, CapabilitySet.TryRead(name, out CapabilitySet capability));
        Assert.Equal(number < 0 ? 0 : 1UL << number, capability.Bits);
    }

    [Fact]
    public void NamesSurviveARoundTrip()
    {
        CapabilitySet all = CapabilitySet.None;
        foreach (string name in CapabilitySet.All.ToNames())
        {
            Assert.True(CapabilitySet.TryParse(name, out CapabilitySet one));
            all = all.Union(one);
        }

        Assert.Equal(CapabilitySet.All, all);
        Assert.Equal("none", CapabilitySet.None.ToString());
    }

    [Theory]
    [InlineData(10, 20, 30, 40, 10, 20)]
    [InlineData(30, 40, 10, 20, 10, 20)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, 5, 6, 5, 6)]
    [InlineData(50, 50, ulong.MaxValue, 20, 20, 20)]
    public void TheLowerOfTwoLimitsHasASoftOneWithinItsHardOne(ulong soft, ulong hard, ulong otherSoft, ulong otherHard, ulong lowSoft, ulong lowHard)
        => Assert.Equal(new Rlimit("R", lowSoft, lowHard), new Rlimit("R", soft, hard).Min(new Rlimit("R", otherSoft, otherHard)));

    [Fact]
    public void ALimitOfAnotherTypeIsNoBound() => Assert.Throws<ArgumentException>(() => new Rlimit("A", 1, 1).Min(new Rlimit("B", 1, 1)));

    [Fact]
    public void EveryPlaceHasAParentThatIsAnObject()
    {
        for (int i = 1; i < SpecPaths.Count; i++)
        {
            Assert.True(((SpecPath)i).Parent().IsObject());
            Assert.True(((SpecPath)i).Parent() < (SpecPath)i);
        }

        Assert.Equal(Enum.GetValues<SpecPath>().Length, SpecPaths.Count);
        Assert.Equal("process.capabilities.bounding", SpecPath.CapabilitiesBounding.Text());
    }
}
