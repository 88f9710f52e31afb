using System.Text.Json;

namespace Runtime.Hardening.Profiles.Records;

/// <summary>The JSON form of <see cref="Confinement"/>. Members that a newer version adds are skipped: what this one knows can still be compared.</summary>
internal static class ConfinementJson
{
    public static void Write(JsonText writer, Confinement confinement)
    {
        writer.OpenObject("confinement"u8);
        writer.Member("seccomp"u8, confinement.Seccomp);
        writer.Member("maskedPaths"u8, confinement.MaskedPaths);
        writer.Member("readonlyPaths"u8, confinement.ReadonlyPaths);
        writer.Member("rootReadonly"u8, confinement.RootReadonly);
        writer.CloseObject();
    }

    public static Confinement Read(ref Utf8JsonReader reader)
    {
        JsonMembers.Open(ref reader, "confinement");
        var confinement = new Confinement();
        while (JsonMembers.Next(ref reader, out string name))
        {
            switch (name)
            {
                case "seccomp":
                    confinement = confinement with { Seccomp = JsonMembers.Text(ref reader, name) };
                    break;
                case "maskedPaths":
                    confinement = confinement with { MaskedPaths = JsonMembers.Texts(ref reader, name) };
                    break;
                case "readonlyPaths":
                    confinement = confinement with { ReadonlyPaths = JsonMembers.Texts(ref reader, name) };
                    break;
                case "rootReadonly":
                    confinement = confinement with { RootReadonly = JsonMembers.Flag(ref reader, name) };
                    break;
                default:
                    JsonMembers.Skip(ref reader);
                    break;
            }
        }

        return confinement;
    }
}
