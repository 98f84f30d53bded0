using System.Text;

namespace ProcFs.Bench;

/// <summary>A table for people: padded, so that it reads well on a terminal, and in Markdown at the same time.</summary>
internal sealed class TextTable(params string[] heads)
{
    private readonly List<string[]> _rows = [];

    public bool IsEmpty => _rows.Count == 0;

    /// <summary>Missing cells are empty.</summary>
    public void Add(params string?[] cells) => _rows.Add([.. Enumerable.Range(0, heads.Length).Select(i => i < cells.Length ? cells[i] ?? "" : "")]);

    /// <summary>Columns whose cells are all empty are left out. The first column is text, the others are numbers.</summary>
    public override string ToString()
    {
        int[] columns = [.. Enumerable.Range(0, heads.Length).Where(i => _rows.Any(r => r[i].Length > 0))];
        int[] widths = [.. columns.Select(i => Math.Max(3, _rows.Append(heads).Max(r => r[i].Length)))];
        StringBuilder text = new();
        Append(heads);
        text.Append('|').AppendJoin('|', columns.Select((_, i) => i == 0 ? new string('-', widths[i] + 2) : new string('-', widths[i] + 1) + ":")).Append("|\n");
        foreach (string[] row in _rows)
        {
            Append(row);
        }

        return text.ToString();

        void Append(string[] row) => text.Append("| ").AppendJoin(" | ", columns.Select((c, i) => i == 0 ? row[c].PadRight(widths[i]) : row[c].PadLeft(widths[i]))).Append(" |\n");
    }
}
