namespace Runtime.Hardening.Profiles.Spec;

/// <summary>Keys as Go's encoding/json sees them: it matches without regard to case, and crun does not, so variants of our keys are conflicts.</summary>
public static class SpecKeys
{
    /// <summary>Whether a reader somewhere could take <paramref name="key"/> for <paramref name="managed"/>.</summary>
    public static bool Clashes(string key, string managed)
    {
        if (key.Length != managed.Length)
        {
            return false;
        }

        for (int i = 0; i < key.Length; i++)
        {
            if (Fold(key[i]) != Fold(managed[i]))
            {
                return false;
            }
        }

        return true;
    }

    // Go folds with unicode.SimpleFold: besides the ASCII pairs, only these two characters fold into ASCII letters.
    private static char Fold(char c) => c switch
    {
        '\u017f' => 's',   // LATIN SMALL LETTER LONG S
        '\u212a' => 'k',   // KELVIN SIGN
        _ => char.ToLowerInvariant(c),
    };
}
