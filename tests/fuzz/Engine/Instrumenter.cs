using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace ProcFs.Fuzz.Engine;

/// <summary>
/// Rewrites assemblies so that each block of each method calls <see cref="Coverage.Hit"/>. A block begins where a branch may lead to, and behind a branch
/// that may not be taken. On the way it collects the constants that the program compares with: words for the mutations.
/// </summary>
internal static class Instrumenter
{
    private const int LongestWord = 32;

    /// <summary>What is rewritten: what ships.</summary>
    private static readonly string[] Assemblies = ["procfs.dll", "ProcFs.Cgroups.dll", "ProcFs.Fuse.dll", "ProcFs.Hook.dll"];

    /// <summary>Copies the program to a directory, instrumented.</summary>
    /// <param name="source">Where it is.</param>
    /// <param name="target">Where to; emptied first.</param>
    /// <returns>How many blocks there are.</returns>
    public static int Copy(string source, string target)
    {
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        SortedSet<string> words = new(StringComparer.Ordinal);
        int blocks = 0;
        foreach (string name in Assemblies)
        {
            string path = Path.Combine(target, name);
            // The symbols would not fit any more; without them a stack trace has no line that is wrong.
            File.Delete(Path.ChangeExtension(path, ".pdb"));
            Rewrite(path, words, ref blocks);
        }

        File.WriteAllLines(Path.Combine(target, Words.FileName), words.Select(Uri.EscapeDataString));
        return blocks;
    }

    private static void Rewrite(string path, SortedSet<string> words, ref int blocks)
    {
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(path, new ReaderParameters { InMemory = true });
        MethodReference hit = assembly.MainModule.ImportReference(typeof(Coverage).GetMethod(nameof(Coverage.Hit))!);
        foreach (TypeDefinition type in assembly.MainModule.GetTypes())
        {
            foreach (FieldDefinition field in type.Fields.Where(field => field.InitialValue is { Length: > 0 and <= LongestWord }))
            {
                Words.Add(words, field.InitialValue);
            }

            foreach (MethodDefinition method in type.Methods.Where(method => method.HasBody))
            {
                foreach (Instruction text in method.Body.Instructions.Where(instruction => instruction.OpCode == OpCodes.Ldstr))
                {
                    Words.Add(words, System.Text.Encoding.UTF8.GetBytes((string)text.Operand));
                }

                Rewrite(method.Body, hit, ref blocks);
            }
        }

        assembly.Write(path);
    }

    private static void Rewrite(MethodBody body, MethodReference hit, ref int blocks)
    {
        body.SimplifyMacros();
        ILProcessor code = body.GetILProcessor();
        foreach (Instruction first in FirstOfBlocks(body))
        {
            // In its place, so that whatever leads here still does; what was here follows behind.
            Instruction moved = Instruction.Create(OpCodes.Nop);
            (moved.OpCode, moved.Operand) = (first.OpCode, first.Operand);
            (first.OpCode, first.Operand) = (OpCodes.Ldc_I4, Scattered(blocks++));
            Instruction call = Instruction.Create(OpCodes.Call, hit);
            code.InsertAfter(first, call);
            code.InsertAfter(call, moved);
        }

        body.OptimizeMacros();
    }

    private static List<Instruction> FirstOfBlocks(MethodBody body)
    {
        HashSet<Instruction> first = [body.Instructions[0]];
        foreach (Instruction instruction in body.Instructions)
        {
            if (instruction.Operand is Instruction target)
            {
                first.Add(target);
            }

            foreach (Instruction one in instruction.Operand as Instruction[] ?? [])
            {
                first.Add(one);
            }

            if (instruction.OpCode.FlowControl == FlowControl.Cond_Branch && instruction.Next is { } next)
            {
                first.Add(next);
            }
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            first.Add(handler.HandlerStart);
            if (handler.FilterStart is { } filter)
            {
                first.Add(filter);
            }
        }

        return [.. body.Instructions.Where(first.Contains)];
    }

    /// <summary>Numbers that follow each other would make the same edges.</summary>
    private static int Scattered(int number) => (int)((uint)number * 2_654_435_761 >> 4);
}
