namespace Runtime.Hardening.Profiles;

/// <summary>A file that one of our programs wrote, or a person wrote for them, does not have the form it must have. The message names file, place and fix.</summary>
public class HardeningFormatException : Exception
{
    /// <summary>Creates the exception with a sentence for the person who must act.</summary>
    public HardeningFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a sentence and what the parser said.</summary>
    public HardeningFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
