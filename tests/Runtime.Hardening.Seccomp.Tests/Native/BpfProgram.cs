using System.Buffers.Binary;

namespace Runtime.Hardening.Seccomp.Tests.Native;

/// <summary>A classic BPF program, run as the kernel runs it over seccomp's data (linux/filter.h, linux/seccomp.h).</summary>
internal sealed class BpfProgram
{
    private readonly Instruction[] _instructions;

    private BpfProgram(Instruction[] instructions) => _instructions = instructions;

    public int Length => _instructions.Length;

    /// <summary>From the bytes of an array of struct sock_filter, in the byte order of the architecture that the filter is for.</summary>
    public static BpfProgram Parse(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        var instructions = new Instruction[bytes.Length / 8];
        for (int i = 0; i < instructions.Length; i++)
        {
            ReadOnlySpan<byte> at = bytes.Slice(i * 8, 8);
            instructions[i] = new Instruction(
                bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at), at[2], at[3],
                bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(at[4..]));
        }

        return new BpfProgram(instructions);
    }

    /// <summary>What the program returns.</summary>
    /// <param name="words">struct seccomp_data as sixteen words: number, architecture, instruction pointer, and each argument in memory's order.</param>
    public uint Run(ReadOnlySpan<uint> words)
    {
        uint accumulator = 0;
        for (int pc = 0; ;)
        {
            Instruction now = _instructions[pc++];
            switch (now.Code)
            {
                case 0x20:   // BPF_LD | BPF_W | BPF_ABS
                    accumulator = words[(int)now.K / 4];
                    break;
                case 0x54:   // BPF_ALU | BPF_AND | BPF_K
                    accumulator &= now.K;
                    break;
                case 0x05:   // BPF_JMP | BPF_JA
                    pc += (int)now.K;
                    break;
                case 0x15:   // BPF_JMP | BPF_JEQ | BPF_K
                    pc += accumulator == now.K ? now.True : now.False;
                    break;
                case 0x25:   // BPF_JMP | BPF_JGT | BPF_K
                    pc += accumulator > now.K ? now.True : now.False;
                    break;
                case 0x35:   // BPF_JMP | BPF_JGE | BPF_K
                    pc += accumulator >= now.K ? now.True : now.False;
                    break;
                case 0x45:   // BPF_JMP | BPF_JSET | BPF_K
                    pc += (accumulator & now.K) != 0 ? now.True : now.False;
                    break;
                case 0x06:   // BPF_RET | BPF_K
                    return now.K;
                default:
                    throw new NotSupportedException($"instruction {pc - 1} has the code 0x{now.Code:x}, which libseccomp does not generate");
            }
        }
    }

    private readonly record struct Instruction(ushort Code, byte True, byte False, uint K);
}
