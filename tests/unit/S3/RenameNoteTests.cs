using Kaleidofs.Drivers.S3.Renaming;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.S3;

/// <summary>What a dead process noted of a rename is known up to the last whole line.</summary>
public sealed class RenameNoteTests
{
    [Fact]
    public void A_note_that_is_cut_anywhere_says_what_was_whole_and_copied_only_at_its_end()
    {
        using TemporaryFolder folder = new();
        RenamedObject[] objects = [.. Enumerable.Range(0, 3).Select(number => new RenamedObject($"é/{number}", $"tag{number}", number, null))];
        using (RenameNote note = RenameNote.Make(folder.At("note"), new RenameRecord("e", "b", "from/", "to/")))
        {
            note.Add(objects, areCopied: false);
            Assert.Null(RenameNote.Take(folder.At("note")));
            note.Add(objects.Select(one => one with { Copy = "copy" }), areCopied: true);
        }
        byte[] content = File.ReadAllBytes(folder.At("note"));
        int begun = Array.IndexOf(content, (byte)'\n');
        for (int length = 0; length <= content.Length; length++)
        {
            File.WriteAllBytes(folder.At("cut"), content[..length]);
            using RenameNote? note = RenameNote.Take(folder.At("cut"));
            Assert.Equal(length >= begun, note is not null);
            Assert.Equal(length >= content.Length - 1, note is { IsCopied: true });
            Assert.InRange(note?.Objects.Count ?? 0, 0, 6);
        }
        using RenameNote whole = RenameNote.Take(folder.At("cut"))!;
        Assert.Equal(6, whole.Objects.Count);
        Assert.Equal(("from/", "to/"), (whole.Record.From, whole.Record.To));
    }
}
