namespace Runtime.Hardening.Hook.Tests;

/// <summary>The command line of an update in the spellings of runc and crun.</summary>
public sealed class UpdateArgumentsTests
{
    [Theory]
    [InlineData("--root /r update --resources - c1", "-", "--root /r update --resources F c1")]
    [InlineData("update --resources=- c1", "-", "update --resources=F c1")]
    [InlineData("update -resources /x c1", "/x", "update --resources F c1")]
    [InlineData("update -resources=/x c1", "/x", "update --resources=F c1")]
    [InlineData("update -r - c1", "-", "update -r F c1")]
    [InlineData("update -r=/x c1", "/x", "update --resources=F c1")]   // to crun the file would be called =/x
    [InlineData("update -r/x c1", "/x", "update -rF c1")]
    [InlineData("update --res /x c1", "/x", "update --resources F c1")]
    [InlineData("update c1 --resources /x", "/x", "update c1 --resources F")]
    [InlineData("update --resources /a -r /b --memory 5 c1", "/b", "update --resources /a -r F --memory 5 c1")]
    [InlineData("update --resources=a=b c1", "a=b", "update --resources=F c1")]
    public void TheFileThatCountsIsFoundAndCanBeReplaced(string line, string file, string replaced)
    {
        RuntimeArguments arguments = RuntimeArguments.Parse(line.Split(' '));
        UpdateArguments update = UpdateArguments.Parse(arguments);
        Assert.Equal((file, null), (update.File, update.UnknownFlag));
        Assert.Equal(["c1"], update.Ids);
        Assert.Equal(replaced, string.Join(' ', update.WithFile(arguments.All, "F")));
    }

    [Theory]
    [InlineData("update --memory 5 --pids-limit=-1 c1", "memory", "5")]
    [InlineData("update --memory 5 --pids-limit=-1 c1", "pids-limit", "-1")]
    [InlineData("update -pids-limit 7 c1", "pids-limit", "7")]
    [InlineData("update --pids 7 c1", "pids-limit", "7")]
    [InlineData("update --memory 5 --memory 6 c1", "memory", "6")]
    [InlineData("update --memory-swap -1 c1", "memory", null)]
    [InlineData("update -- c1", "memory", null)]
    public void FlagsHaveTheirLastValue(string line, string flag, string? value)
    {
        UpdateArguments update = Parse(line);
        Assert.Equal(value, update[flag]);
        Assert.Equal(["c1"], update.Ids);
    }

    [Theory]
    [InlineData("update --cpus 5 c1", "--cpus", "5 c1")]
    [InlineData("update --mem 5 c1", "--mem", "5 c1")]   // neither runtime knows which one is meant
    [InlineData("update --newflag=5 c1", null, "c1")]
    [InlineData("update --cpus=5 c1", "--cpus=5", "c1")]   // the beginning of two flags
    [InlineData("update --mem=5 c1", "--mem=5", "c1")]
    [InlineData("update --program-name x c1", null, "c1")]
    [InlineData("update c1 c2", null, "c1 c2")]
    [InlineData("update --help", null, "")]
    public void WhatCannotBeToldApartIsSeen(string line, string? flag, string ids)
    {
        UpdateArguments update = Parse(line);
        Assert.Equal((flag, ids), (update.UnknownFlag, string.Join(' ', update.Ids)));
    }

    private static UpdateArguments Parse(string line)
    {
        RuntimeArguments arguments = RuntimeArguments.Parse(line.Split(' '));
        Assert.Equal(RuntimeVerb.Update, arguments.Verb);
        return UpdateArguments.Parse(arguments);
    }
}
