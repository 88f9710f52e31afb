using System.Text.Json.Nodes;
using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.AppArmor.Kernel;
using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Profiles;

namespace Runtime.Hardening.Authoring.Tests.AppArmor;

/// <summary>From a policy that names a profile to the generation that names one exact version of it and holds its text.</summary>
public sealed class GenerationTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly List<string> _prepared = [];
    private readonly PolicyStore _store;
    private bool _refuse;

    public GenerationTests()
    {
        _store = new PolicyStore(_folder["store"], _folder["state"], TimeProvider.System) { Prepare = Prepare };
        Directory.CreateDirectory(_folder["state"]);
        _folder.Write("policies/p.yaml", Lint.Policy("p", "  apparmor: {profile: hardened-x}"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AGenerationNamesAndHoldsTheVersionThatThePolicyMeantWhenItWasApplied()
    {
        Assert.SkipUnless(Environment.UserName == "root", "the store belongs to root");
        string first = Apply("/a"), second = Apply("/b");
        Assert.NotEqual(first, second);
        Assert.Equal(second, VersionIn(_store.CurrentGeneration()!));
        Assert.Equal([second], [.. _store.CurrentGeneration()!.AppArmorTexts().Select(text => text.Name)]);
        Assert.Contains("\"/b\" rk,", _store.CurrentGeneration()!.AppArmorTexts()[0].Text, StringComparison.Ordinal);
        Assert.Equal(first, VersionIn(_store.Rollback(null)));
        Assert.Contains("\"/a\" rk,", _store.CurrentGeneration()!.AppArmorTexts()[0].Text, StringComparison.Ordinal);
        // Before each switch, with the generation that is about to be in force.
        Assert.Equal([$"none then {first}", $"{first} then {second}", $"{second} then {first}"], _prepared);
        Assert.Equal([first, second], AppArmorNeeds.Find(_store, _folder["state"]).Names!.Order(StringComparer.Ordinal).OrderBy(name => name == second));
    }

    [Fact]
    public void WhatCannotBePreparedIsNotPutInForceAndLeavesNoGeneration()
    {
        Assert.SkipUnless(Environment.UserName == "root", "the store belongs to root");
        string first = Apply("/a");
        _refuse = true;
        Assert.Throws<StoreException>(() => Apply("/b"));
        Assert.Equal(first, VersionIn(Assert.Single(_store.Generations())));
        Assert.Equal(first, VersionIn(_store.CurrentGeneration()!));
        Assert.Throws<StoreException>(() => _store.Rollback(1));
    }

    [Fact]
    public void ATextThatWasChangedInAGenerationIsNeverLoaded()
    {
        Assert.SkipUnless(Environment.UserName == "root", "the store belongs to root");
        string version = Apply("/a");
        GenerationFolder current = _store.CurrentGeneration()!;
        string text = Path.Combine(current.Path, "apparmor", version);
        File.WriteAllText(text, File.ReadAllText(text).Replace("\"/a\" rk", "\"/**\" rk", StringComparison.Ordinal));
        Assert.Contains("is damaged", Assert.Throws<HardeningFormatException>(current.AppArmorTexts).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AVersionThatARecordNamesIsNeededAndARecordThatCannotBeReadMakesAllOfThemSo()
    {
        Assert.SkipUnless(Environment.UserName == "root", "the store belongs to root");
        string version = Apply("/a");
        _folder.Write("state/c1-1.json", """{"v":1,"id":"c1","ceiling":{"apparmorProfile":"own//&hardened-y-00000001"}}""");
        _folder.Write("state/c2-1.json", """{"v":1,"id":"c2"}""");
        AppArmorNeeds needs = AppArmorNeeds.Find(_store, _folder["state"]);
        Assert.Equal([version, "hardened-y-00000001"], needs.Names!.Order(StringComparer.Ordinal));
        Assert.Equal(["c1"], needs.Containers!["hardened-y-00000001"]);
        _folder.Write("state/c3-1.json", "{");
        Assert.Null(AppArmorNeeds.Find(_store, _folder["state"]).Names);
    }

    [Fact]
    public void StatusShowsEveryVersionThatSomebodyHasOrNeedsAndWhatIsWrongWithIt()
    {
        Assert.SkipUnless(Environment.UserName == "root", "the store belongs to root");
        using FakeKernel kernel = new();
        string older = Apply("/a"), current = Apply("/b");
        kernel.Has(current, "complain");
        kernel.Has("hardened-left-00000001");
        kernel.Runs(9, "hardened-left-00000001 (enforce)");
        LintReport report = new();
        AppArmorSource described = AppArmorSource.LoadNamed(_folder["profiles/apparmor/hardened-x.yaml"], report)!;
        Dictionary<string, ProfileStatus> All(string? inForce)
            => ProfileStatus.All(kernel.Host, [described], AppArmorNeeds.Find(_store, _folder["state"]), inForce, null, kernel.LoadedPath).ToDictionary(status => status.Name);
        Dictionary<string, ProfileStatus> all = All(_store.CurrentGeneration()!.Name);
        Assert.Equal(3, all.Count);
        Assert.Equal((null, (string?)null), (all[older].Mode, all[older].Problem));
        Assert.Equal(("complain", "in complain mode, which denies nothing; 'hardenctl apparmor load' mends it"), (all[current].Mode, all[current].Problem));
        Assert.NotNull(all[current].DescribedIn);
        Assert.Equal([9], all["hardened-left-00000001"].Processes);
        Assert.Null(all["hardened-left-00000001"].Problem);

        // Nobody has its text, and somebody is under it.
        kernel.Has("hardened-left-00000001", "complain");
        Assert.Equal("in complain mode, which denies nothing; no description and no policy in force has its text any more, so create its containers anew", All(_store.CurrentGeneration()!.Name)["hardened-left-00000001"].Problem);
        kernel.Has(current);
        Assert.EndsWith("so its text is not known; 'hardenctl apparmor load' mends it", All(_store.CurrentGeneration()!.Name)[current].Problem, StringComparison.Ordinal);

        // The older generation in force again, and the newer text loaded as it should be.
        kernel.Has(current);
        kernel.Has(older);
        LoadedDigests.Read(kernel.LoadedPath).Write([current, older], KernelProfile.All(kernel.Host));
        all = All(_store.PreviousGeneration()!.Name);
        Assert.Equal((null, $"the policies in force name {older}; 'hardenctl policy apply' puts this text in force"), (all[older].Problem, all[current].Problem));
    }

    [Theory]
    [InlineData("  files: {execute: [relative]}\n", "bad-path")]
    [InlineData("  files: {execute: [\"/a\\0\\\" r,\\n  file,\\n}\\n# \"]}\n", "bad-path")]
    [InlineData("  files: {execute: [/x]}\n  mounts: [{type: tmpfs, at: /x}]\n", "weaker-apparmor-profile")]
    public void APolicyWhoseProfileIsBrokenOrLooserThanTheEnginesIsNotApplied(string spec, string code)
    {
        Describe(spec);
        LintReport report = new();
        PolicySet.Load([_folder["policies"]], new ProfileFolders([_folder["profiles"]]), report);
        Assert.Equal(code, Assert.Single(report.Findings).Code);
        Assert.True(report.HasErrors);
    }

    [Fact]
    public void TheNameInTheFileIsTheFilesOwn()
    {
        _folder.Write("profiles/apparmor/hardened-x.yaml", "apiVersion: hardening/v1\nkind: AppArmorProfile\nmetadata: {name: hardened-y}\nspec: {files: {execute: [/x]}}\n");
        LintReport report = new();
        Assert.Null(AppArmorSource.LoadNamed(_folder["profiles/apparmor/hardened-x.yaml"], report));
        Assert.Equal("bad-name", Assert.Single(report.Findings).Code);
    }

    private static string VersionIn(GenerationFolder generation)
        => (string)JsonNode.Parse(File.ReadAllText(Path.Combine(generation.Path, "index.json")))!["body"]!["policies"]![0]!["apparmor"]!["profile"]!;

    private void Prepare(GenerationFolder generation)
    {
        if (_refuse)
        {
            throw new StoreException("no");
        }

        _prepared.Add($"{(_store.CurrentGeneration() is { } current ? VersionIn(current) : "none")} then {generation.AppArmorTexts()[0].Name}");
    }

    private void Describe(string spec)
        => _folder.Write("profiles/apparmor/hardened-x.yaml", $"apiVersion: hardening/v1\nkind: AppArmorProfile\nmetadata: {{name: hardened-x}}\nspec:\n{spec}");

    private string Apply(string path)
    {
        Describe($"  files: {{execute: [/x], read: [{path}]}}\n");
        LintReport report = new();
        PolicySet set = PolicySet.Load([_folder["policies"]], new ProfileFolders([_folder["profiles"]]), report);
        Assert.Empty(report.Findings.Select(finding => finding.ToString()));
        _store.Apply(set);
        return VersionIn(_store.CurrentGeneration()!);
    }
}
