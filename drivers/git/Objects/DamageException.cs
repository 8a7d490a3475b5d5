namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>An object, a pack or an index is not what it should be. Thrown by readers, and caught where an object is asked for: there it is EIO and one line in the log.</summary>
internal sealed class DamageException(string message) : Exception(message);
