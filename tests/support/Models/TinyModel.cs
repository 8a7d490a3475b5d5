using System.Text;

namespace Kaleidofs.Tests.Support.Models;

/// <summary>
/// A language model of two layers with weights at random, as a GGUF file (version 3 of ggml's gguf.md) of some 200 KB, whose words are the
/// 256 bytes. It babbles: mostly small letters, so that what it says in a string is mostly a name, and sometimes ends.
/// </summary>
public static class TinyModel
{
    private const int Width = 32;
    private const int Heads = 4;
    private const int Layers = 2;
    private const int Inner = 64;
    private const int Context = 32768;
    private const int Alignment = 32;

    // <unk>, <s> and </s> stand before the bytes, and a space, as prompts have it, behind them.
    private const int End = 2;
    private const int FirstByte = 3;
    private const int Space = FirstByte + 256;
    private const int Words = Space + 1;

    /// <summary>What the first number of each word's vector is, that all of a word's likeliness hangs on.</summary>
    private const float Bias = 4;

    /// <summary>The file's bytes.</summary>
    public static byte[] Make(int seed)
    {
        Random random = new(seed);
        List<(string Name, int[] Shape, float[] Values)> tensors = [];
        float[] embedding = Noise(random, Words * Width, .3f);
        float[] output = Noise(random, Words * Width, .1f);
        for (int word = 0; word < Words; word++)
        {
            embedding[word * Width] = Bias;
            // The norm before the output makes some 5.2 of the first number.
            output[word * Width] = GetLikeliness(word) / 5.2f;
        }
        tensors.Add(("token_embd.weight", [Width, Words], embedding));
        tensors.Add(("output_norm.weight", [Width], Ones(Width)));
        tensors.Add(("output.weight", [Width, Words], output));
        for (int layer = 0; layer < Layers; layer++)
        {
            tensors.Add(($"blk.{layer}.attn_norm.weight", [Width], Ones(Width)));
            tensors.Add(($"blk.{layer}.ffn_norm.weight", [Width], Ones(Width)));
            foreach (string name in (string[])["attn_q", "attn_k", "attn_v", "attn_output"])
            {
                tensors.Add(($"blk.{layer}.{name}.weight", [Width, Width], Noise(random, Width * Width, .05f)));
            }
            tensors.Add(($"blk.{layer}.ffn_gate.weight", [Width, Inner], Noise(random, Width * Inner, .05f)));
            tensors.Add(($"blk.{layer}.ffn_up.weight", [Width, Inner], Noise(random, Width * Inner, .05f)));
            tensors.Add(($"blk.{layer}.ffn_down.weight", [Inner, Width], Noise(random, Width * Inner, .05f)));
        }
        return Write(tensors);
    }

    /// <summary>The logarithm of how likely a word is.</summary>
    private static float GetLikeliness(int word) => word switch
    {
        End => -2.1f,
        < FirstByte or Space => -20,
        _ => (char)(word - FirstByte) switch
        {
            >= 'a' and <= 'z' => 0,
            >= '0' and <= '9' => -1.5f,
            ' ' => .5f,
            '\n' => -.5f,
            '"' => 1,
            '}' or '.' => -.7f,
            ']' => -2,
            ',' or '{' => -.9f,
            '[' or ':' or '-' or '_' => -1.5f,
            '/' or '\\' => -12,
            > ' ' and <= '~' => -4,
            _ => -20,
        },
    };

    private static byte[] Write(List<(string Name, int[] Shape, float[] Values)> tensors)
    {
        const int Numbers = 4;
        const int Texts = 8;
        using MemoryStream file = new();
        using BinaryWriter writer = new(file);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)tensors.Count);
        List<Action> facts =
        [
            () => Text("general.architecture", "llama"),
            () => Text("general.name", "tiny"),
            () => Number("general.alignment", Alignment),
            () => Number("llama.context_length", Context),
            () => Number("llama.embedding_length", Width),
            () => Number("llama.block_count", Layers),
            () => Number("llama.feed_forward_length", Inner),
            () => Number("llama.attention.head_count", Heads),
            () => Number("llama.attention.head_count_kv", Heads),
            () => Number("llama.rope.dimension_count", Width / Heads),
            () => Number("llama.vocab_size", Words),
            () => Real("llama.attention.layer_norm_rms_epsilon", 1e-5f),
            () => Text("tokenizer.ggml.model", "llama"),
            () => Array("tokenizer.ggml.tokens", Texts, word => WriteText(word switch { 0 => "<unk>", 1 => "<s>", End => "</s>", Space => "\u2581", _ => $"<0x{word - FirstByte:X2}>" })),
            () => Array("tokenizer.ggml.scores", 6, _ => writer.Write(0f)),
            // 1: a text, 2: unknown, 3: control, 6: a byte.
            () => Array("tokenizer.ggml.token_type", 5, word => writer.Write(word switch { Space => 1, 0 => 2, 1 or End => 3, _ => 6 })),
            () => Flag("tokenizer.ggml.add_space_prefix", false),
            () => Number("tokenizer.ggml.unknown_token_id", 0),
            () => Number("tokenizer.ggml.bos_token_id", 1),
            () => Number("tokenizer.ggml.eos_token_id", End),
        ];
        writer.Write((ulong)facts.Count);
        facts.ForEach(fact => fact());
        long offset = 0;
        foreach ((string name, int[] shape, float[] values) in tensors)
        {
            WriteText(name);
            writer.Write((uint)shape.Length);
            foreach (int length in shape)
            {
                writer.Write((ulong)length);
            }
            // 0: float.
            writer.Write(0u);
            writer.Write((ulong)offset);
            offset += (values.Length * sizeof(float)) + Alignment - 1;
            offset -= offset % Alignment;
        }
        foreach ((_, _, float[] values) in tensors)
        {
            writer.Flush();
            writer.Write(new byte[(Alignment - (file.Length % Alignment)) % Alignment]);
            foreach (float value in values)
            {
                writer.Write(value);
            }
        }
        writer.Flush();
        return file.ToArray();

        void WriteText(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            writer.Write((ulong)bytes.Length);
            writer.Write(bytes);
        }

        void Text(string key, string value)
        {
            WriteText(key);
            writer.Write(Texts);
            WriteText(value);
        }

        void Number(string key, int value)
        {
            WriteText(key);
            writer.Write(Numbers);
            writer.Write(value);
        }

        void Flag(string key, bool value)
        {
            WriteText(key);
            writer.Write(7);
            writer.Write(value);
        }

        void Real(string key, float value)
        {
            WriteText(key);
            writer.Write(6);
            writer.Write(value);
        }

        void Array(string key, int type, Action<int> write)
        {
            WriteText(key);
            writer.Write(9);
            writer.Write(type);
            writer.Write((ulong)Words);
            for (int word = 0; word < Words; word++)
            {
                write(word);
            }
        }
    }

    private static float[] Ones(int count)
    {
        float[] ones = new float[count];
        Array.Fill(ones, 1);
        return ones;
    }

    private static float[] Noise(Random random, int count, float scale) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2 * scale))];
}
