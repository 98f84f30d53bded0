namespace ProcFs.Lxcfs;

/// <summary>lxcfs's own command line, as its manual page has it (lxcfs(1), versions 4 to 7), and what each option means to us.</summary>
internal sealed record LxcfsOptions
{
    public const string Usage = """
        Usage: lxcfs [OPTIONS] DIRECTORY

        This is ProcFs, which takes lxcfs's command line. It serves DIRECTORY (proc/, sys/devices/system/cpu/), keeps the
        mount over its own end, and stays in the foreground, as lxcfs does.

          -u, --disable-swap    containers see no swap
              --enable-cfs      containers see no more CPUs than their quota is worth; without it the cpuset alone counts
          -p, --pidfile=FILE    where the number of this process is written [default: /run/lxcfs.pid]
              --runtime-dir=DIR where DIR/lxcfs is used for state, and DIR/lxcfs.pid [default: /run]
          -d, --debug           logs more
          -v, --version         prints the version
          -n, -h, --help        prints this
          -f, --foreground, -l, --enable-loadavg, --enable-pidfd, --enable-psi-poll, --enable-cgroup, -s, -o OPTIONS
                                accepted; a note on standard error says what is different here

        SIGUSR1 hands over to a fresh process. SIGUSR2 switches all files to the host's values, and back.
        The rest is configured as usual: /etc/procfs/procfs.json, where a key that is set there counts before --enable-cfs's absence.

        """;

    private const string DefaultRuntimeDirectory = "/run";

    /// <summary>Null: none was given.</summary>
    public string? Mount { get; init; }

    public bool HidesSwap { get; init; }

    public bool CountsQuota { get; init; }

    public bool IsDebug { get; init; }

    public bool WantsHelp { get; init; }

    public bool WantsVersion { get; init; }

    /// <summary>Null: as <see cref="RuntimeDirectory"/> has it.</summary>
    public string? PidFile { get; init; }

    public string RuntimeDirectory { get; init; } = DefaultRuntimeDirectory;

    /// <summary>What is accepted and different here, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What is wrong, in one sentence; null: nothing.</summary>
    public string? Defect { get; init; }

    public string PidPath => PidFile ?? Path.Combine(RuntimeDirectory, "lxcfs.pid");

    /// <summary>Our own --run-dir.</summary>
    public string RunDirectory => Path.Combine(RuntimeDirectory, "lxcfs");

    /// <param name="arguments">Behind the program's name.</param>
    public static LxcfsOptions Parse(IReadOnlyList<string> arguments)
    {
        LxcfsOptions options = new();
        Queue<string> words = new(Expanded(arguments));
        while (options.Defect is null && words.TryDequeue(out string? word))
        {
            if (word == "--")
            {
                while (words.TryDequeue(out string? rest))
                {
                    options = options.WithMount(rest);
                }
            }
            else
            {
                options = options.With(word, words);
            }
        }

        return options.Defect is null && options is { Mount: null, WantsHelp: false, WantsVersion: false }
            ? options with { Defect = "no directory is given to serve, as in lxcfs /var/lib/lxcfs" }
            : options;
    }

    private LxcfsOptions With(string word, Queue<string> words) => word switch
    {
        "-u" or "--disable-swap" => this with { HidesSwap = true },
        "--enable-cfs" => this with { CountsQuota = true },
        "-d" or "--debug" => this with { IsDebug = true },
        "-v" or "--version" => this with { WantsVersion = true },
        "-n" or "-h" or "--help" => this with { WantsHelp = true },
        "-p" or "--pidfile" => Value(word, words, static (options, value) => options with { PidFile = value }),
        "--runtime-dir" => Value(word, words, static (options, value) => options with { RuntimeDirectory = value }),
        "-o" => Value(word, words, static (options, value) => options.Noting($"-o {value} has no effect: the mount is made with what it needs (allow_other, default_permissions)")),
        "-l" or "--enable-loadavg" => Noting($"{word} has no effect: loadavg is the container's unless the configuration says otherwise"),
        "--enable-pidfd" => Noting($"{word} has no effect: processes are always held by descriptors"),
        "--enable-psi-poll" => Noting($"{word} has no effect: triggers of pressure files always work"),
        "--enable-cgroup" => Noting($"{word} has no effect: no cgroup tree is served, since containers have cgroup namespaces (Linux 4.6) and mount cgroups themselves"),
        "-s" => Noting("-s has no effect: several threads answer, as workers in the configuration says"),
        "-f" or "--foreground" => this, // as always
        _ when word.Length > 1 && word[0] == '-' => this with { Defect = $"unknown option {word}" },
        _ => WithMount(word),
    };

    private LxcfsOptions Noting(string note) => this with { Notes = [.. Notes, note] };

    private LxcfsOptions WithMount(string word) => Mount is null ? this with { Mount = word } : this with { Defect = $"one directory can be served, not {Mount} and {word}" };

    private LxcfsOptions Value(string option, Queue<string> words, Func<LxcfsOptions, string, LxcfsOptions> set)
        => words.TryDequeue(out string? value) && value.Length > 0 ? set(this, value) : this with { Defect = $"{option} needs a value" };

    /// <summary>"--pidfile=x" and "-px" as two words, "-lu" as "-l -u": getopt_long(3).</summary>
    private static IEnumerable<string> Expanded(IReadOnlyList<string> arguments)
    {
        const string flags = "lufdsnhv";
        const string valued = "po";
        for (int i = 0; i < arguments.Count; i++)
        {
            string word = arguments[i];
            if (word == "--")
            {
                for (; i < arguments.Count; i++)
                {
                    yield return arguments[i];
                }

                yield break;
            }

            int sign = word.IndexOf('=', StringComparison.Ordinal);
            if (word.StartsWith("--", StringComparison.Ordinal) && sign > 0)
            {
                yield return word[..sign];
                yield return word[(sign + 1)..];
            }
            else if (word.Length > 2 && word[0] == '-' && word[1] != '-')
            {
                for (int letter = 1; letter < word.Length; letter++)
                {
                    yield return $"-{word[letter]}";
                    if (!flags.Contains(word[letter], StringComparison.Ordinal))
                    {
                        if (valued.Contains(word[letter], StringComparison.Ordinal) && letter + 1 < word.Length)
                        {
                            yield return word[(letter + 1)..];
                        }

                        break;
                    }
                }
            }
            else
            {
                yield return word;
                bool takesNext = word is "-p" or "-o" or "--pidfile" or "--runtime-dir";
                if (takesNext && i + 1 < arguments.Count)
                {
                    yield return arguments[++i]; // a value, whatever it looks like
                }
            }
        }
    }
}
