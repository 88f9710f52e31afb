namespace Runtime.Hardening.Authoring.Store;

/// <summary>The policy store cannot be used as it is. The message says what is wrong and the command that mends it.</summary>
public sealed class StoreException(string message) : Exception(message);
