namespace Runtime.Hardening.Seccomp.Tests.Proof;

/// <summary>How much was proven.</summary>
internal sealed class Counts
{
    public long Profiles, Refused, Calls, Comparisons, Skipped;

    /// <summary>By answer: yes, no, cannot prove.</summary>
    public readonly long[] Answers = new long[3];

    public void Print(string what) => Proofs.Note(
        $"{what}: {Profiles:N0} filters like the model in {Calls:N0} calls ({Refused:N0} pairs that libseccomp refuses left out); isTighter: {Answers[0]:N0} yes, {Answers[1]:N0} no, " +
        $"{Answers[2]:N0} not proven; relations: {Comparisons:N0} calls compared, {Skipped:N0} uncertain ones left out");

    /// <summary>Fails where so much was left open that the rest says little: random profiles are mostly oddities, and still.</summary>
    public void AssertIsMostlyProven()
    {
        Assert.True(Skipped * 33 <= Comparisons, $"{Skipped} of {Comparisons} calls were too uncertain to be compared, expected at most 3 %");
        Assert.True(Answers[2] * 5 <= Answers.Sum(), $"isTighter could not prove {Answers[2]} of {Answers.Sum()}, expected at most a fifth");
    }
}
