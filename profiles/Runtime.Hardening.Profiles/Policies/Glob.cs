namespace Runtime.Hardening.Profiles.Policies;

/// <summary>
/// The globs of policies: <c>*</c> is any run of characters but '/', <c>**</c> any run at all, <c>?</c> one character but '/'. A pattern that ends in
/// <c>/**</c> matches the folder itself too. Everything else is literal and case-sensitive.
/// </summary>
public static class Glob
{
    /// <summary>Whether the pattern covers the whole text. Time is bounded by pattern length times text length squared.</summary>
    public static bool IsMatch(string pattern, string text)
    {
        if (pattern.EndsWith("/**", StringComparison.Ordinal) && IsMatch(pattern[..^3], text))
        {
            return true;
        }

        int p = 0;
        int t = 0;
        int starP = -1, starT = 0;   // where the last '*' can be made to take one character more
        int wideP = -1, wideT = 0;   // and the last '**'
        while (t < text.Length)
        {
            if (p + 1 < pattern.Length && pattern[p] == '*' && pattern[p + 1] == '*')
            {
                p += 2;
                wideP = p;
                wideT = t;
                starP = -1;
            }
            else if (p < pattern.Length && pattern[p] == '*')
            {
                p++;
                starP = p;
                starT = t;
            }
            else if (p < pattern.Length && (pattern[p] == text[t] || (pattern[p] == '?' && text[t] != '/')))
            {
                p++;
                t++;
            }
            else if (starP >= 0 && text[starT] != '/')
            {
                starT++;
                t = starT;
                p = starP;
            }
            else if (wideP >= 0)
            {
                wideT++;
                t = wideT;
                p = wideP;
                starP = -1;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }

    /// <summary>Whether any of the patterns matches.</summary>
    public static bool IsAnyMatch(string[] patterns, string text)
    {
        foreach (string pattern in patterns)
        {
            if (IsMatch(pattern, text))
            {
                return true;
            }
        }

        return false;
    }
}
