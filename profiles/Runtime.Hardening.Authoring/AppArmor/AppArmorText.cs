using System.Security.Cryptography;
using System.Text;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Facts;

namespace Runtime.Hardening.Authoring.AppArmor;

/// <summary>The text of one version of a profile, as apparmor_parser reads it.</summary>
/// <param name="Name">What the kernel calls it: the description's name and the text's digest.</param>
/// <param name="Text">The text, with that name in it.</param>
public sealed record AppArmorText(string Name, string Text)
{
    /// <summary>Gives a text its versioned name.</summary>
    /// <param name="description">The description's name.</param>
    /// <param name="render">Writes the text for a name.</param>
    internal static AppArmorText Make(string description, Func<string, string> render)
    {
        string name = AppArmorName.Of(description, DigestOf(render(description)));
        return new AppArmorText(name, render(name));
    }

    /// <summary>Takes a text that was kept under its name.</summary>
    /// <exception cref="HardeningFormatException">The text is not the one that got this name.</exception>
    internal static AppArmorText Kept(string name, string text)
    {
        if (AppArmorName.IsVersion(name))
        {
            string description = AppArmorName.DescriptionOf(name);
            if (AppArmorName.Of(description, DigestOf(text.Replace(name, description, StringComparison.Ordinal))) == name)
            {
                return new AppArmorText(name, text);
            }
        }

        throw new HardeningFormatException($"The kept text of the AppArmor profile '{name}' is damaged: its digest is not the one in its name. Run 'hardenctl policy apply' again.");
    }

    private static string DigestOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..AppArmorName.DigestLength];
}
