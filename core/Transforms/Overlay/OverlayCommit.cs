using System.Text;
using Kaleidofs.Journaling;

namespace Kaleidofs.Transforms.Overlay;

/// <summary>
/// The moment in which a source gets its overlay's changes, so that they are never made twice nor lost: before the new
/// source takes the old one's place, its identity is noted here; whoever then finds the source with it begins the overlay anew.
/// </summary>
internal static class OverlayCommit
{
    private const string FileName = "committed";

    /// <summary>Notes the identity that the source will have.</summary>
    /// <exception cref="IOException">It may not be on the disk.</exception>
    public static void Note(OverlaySettings settings, string identity)
    {
        string path = Path.Combine(settings.Directory, FileName);
        using (FileStream file = new(path + ".new", FileMode.Create))
        {
            file.Write(Encoding.UTF8.GetBytes(identity));
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".new", path, overwrite: true);
        settings.Writer.SyncDirectory(settings.Directory);
    }

    /// <summary>Brings a commit to its end, if there was one: begins the journal anew if the source has its changes.</summary>
    /// <param name="settings">The overlay's.</param>
    /// <param name="journal">Its journal's path.</param>
    /// <param name="identity">The source's identity as it is found.</param>
    /// <exception cref="IOException">It cannot be ended; it can the next time.</exception>
    public static void Finish(OverlaySettings settings, string journal, string identity)
    {
        string path = Path.Combine(settings.Directory, FileName);
        if (!File.Exists(path) || !File.Exists(journal))
        {
            return;
        }
        string recorded = Journal.ReadIdentity(journal, OverlayStore.Magic);
        bool hasChanges = File.ReadAllText(path) == identity;
        if (!hasChanges && recorded != identity)
        {
            // Neither the source before nor the one after: refused, with the note kept for when it is back.
            return;
        }
        // A journal of that identity was begun after the commit, and may have changes of its own.
        if (hasChanges && recorded != identity)
        {
            OverlayStore.Write(settings, identity, new OverlayState());
            settings.Log.Information($"overlay {settings.Directory}: its changes are in the source; it begins anew");
        }
        File.Delete(path);
    }
}
