using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ProcFs.Integration.Tests.Engines;

namespace ProcFs.Integration.Tests;

/// <summary>What is in the packages, and that two builds are the same. What they do to a machine: PackagesOnAMachine.</summary>
public sealed class Packages(PackageBuild build, ServedTree tree) : IClassFixture<PackageBuild>
{
    private static readonly string[] OnlyInDeb = ["/etc/needrestart/conf.d/procfs.conf", "/usr/share/doc/procfs/changelog.gz", "/usr/share/lintian/overrides/procfs"];

    private static readonly string[] Expected =
    [
        "/usr/bin/procfs", "/usr/bin/procfs-runtime", "/usr/lib/systemd/system/procfs.service", "/usr/lib/systemd/system/procfs-keeper.service",
        "/usr/share/procfs/hooks.d/50-procfs.json", "/usr/share/procfs/hooks/docker/daemon.json", "/usr/share/procfs/hooks/containerd/config.toml",
        "/usr/share/procfs/hooks/crio/10-procfs.conf", "/usr/share/procfs/hooks/lxc/20-procfs.conf", "/usr/share/procfs/hooks/nspawn/procfs.nspawn",
        "/usr/share/procfs/procfs.spdx.json", "/usr/share/bash-completion/completions/procfs",
        "/usr/share/man/man1/procfs.1.gz", "/usr/share/man/man8/procfs.8.gz", "/usr/share/doc/procfs/copyright",
    ];

    [Fact]
    public void Two_builds_are_the_same_bytes()
    {
        Needed();
        string[] names = [.. Directory.GetFiles(build.First).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        Assert.Equal(6, names.Length);
        Assert.Equal(names, Directory.GetFiles(build.Second).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.All(names, name => Assert.True(PackageBuild.Sha256Of($"{build.First}/{name}") == PackageBuild.Sha256Of($"{build.Second}/{name}"), $"{name} differs"));
        Assert.Equal(5, Child.Run("sh", "-c", "cd \"$1\" && sha256sum --strict -c SHA256SUMS", "sh", build.First).Ok().Split(": OK\n").Length - 1);
    }

    [Fact]
    public void The_deb_has_what_it_should_and_needs_nothing()
    {
        Needed();
        (string Mode, string Owner, string Path, string Time)[] files = [.. ProcText.Lines(Child.Run("env", "TZ=UTC", "dpkg-deb", "--contents", build.Deb).Ok())
            .Select(line => Regex.Match(line, @"^(\S+) (\S+) +\d+ (\S+ \S+) \.(/\S*)( -> .*)?$"))
            .Select(match => (match.Groups[1].Value, match.Groups[2].Value, match.Groups[4].Value, match.Groups[3].Value))];
        Assert.All(files, file => Assert.Equal(("root/root", "2023-11-14 22:13"), (file.Owner, file.Time)));
        Assert.All(files, file => Assert.Matches("^(drwxr-xr-x|-rw-r--r--|lrwxrwxrwx)$", file.Path == "/usr/bin/procfs" ? "-rw-r--r--" : file.Mode));
        Assert.Equal("-rwxr-xr-x", files.Single(file => file.Path == "/usr/bin/procfs").Mode);
        Assert.Empty(Expected.Concat(OnlyInDeb).Except(files.Select(file => file.Path)));
        // Inactive until somebody says so.
        Assert.DoesNotContain(files, file => file.Path.StartsWith("/usr/share/containers", StringComparison.Ordinal) || file.Path.StartsWith("/usr/share/lxc", StringComparison.Ordinal));

        Assert.Equal($"procfs {Version} amd64", Child.Run("dpkg-deb", "--showformat", "${Package} ${Version} ${Architecture}", "--show", build.Deb).Line());
        string control = Child.Run("dpkg-deb", "--field", build.Deb).Ok();
        Assert.DoesNotMatch("(?m)^(Pre-)?(Depends|Conflicts|Breaks|Replaces|Recommends)", control);
        string info = build.NewDirectory();
        Child.Run("dpkg-deb", "--control", build.Deb, info).Ok();
        Assert.Equal("/etc/needrestart/conf.d/procfs.conf\n", File.ReadAllText($"{info}/conffiles"));
        Assert.All(["postinst", "prerm", "postrm"], script => AssertIsScript($"{info}/{script}"));
        string root = build.NewDirectory();
        Child.Run("dpkg-deb", "--extract", build.Deb, root).Ok();
        Child.Run("sh", "-c", "cd \"$1\" && md5sum --quiet --strict -c \"$2\"", "sh", root, $"{info}/md5sums").Ok();
        Assert.Equal(PackageBuild.Sha256Of(Daemon.Binary), PackageBuild.Sha256Of($"{root}/usr/bin/procfs"));
        Assert.Equal(File.ReadAllText($"{Daemon.Repository}/hooks/oci/50-procfs.json"), File.ReadAllText($"{root}/usr/share/procfs/hooks.d/50-procfs.json"));
        Assert.Equal(PackageBuild.Version, Child.Run($"{root}/usr/bin/procfs", "--version").Line());
    }

    [Fact]
    public void The_rpm_has_the_same_files_and_needs_nothing()
    {
        Needed();
        Assert.Equal($"procfs {Version} 1 x86_64 MIT reproducible {PackageBuild.Epoch}",
            Child.Run("rpm", "-qp", "--queryformat", "%{NAME} %{VERSION} %{RELEASE} %{ARCH} %{LICENSE} %{BUILDHOST} %{BUILDTIME}", build.Rpm).Line());
        Assert.Contains("digests OK", Child.Run("rpm", "--checksig", "--nosignature", build.Rpm).Ok(), StringComparison.Ordinal);
        IReadOnlyList<string> files = ProcText.Lines(Child.Run("rpm", "-qpl", build.Rpm).Ok());
        string[] inDeb = [.. ProcText.Lines(Child.Run("sh", "-c", "dpkg-deb --fsys-tarfile \"$1\" | tar -t", "sh", build.Deb).Ok()).Where(path => !path.EndsWith('/')).Select(path => path[1..])];
        Assert.Equal(inDeb.Except(OnlyInDeb).Order(StringComparer.Ordinal), files.Intersect(inDeb).Order(StringComparer.Ordinal));
        // Besides, directories that are its own, and no others.
        Assert.All(files.Except(inDeb), directory => Assert.Matches("/procfs(/|$)", directory));
        Assert.All(ProcText.Lines(Child.Run("rpm", "-qp", "--queryformat", "[%{FILEUSERNAME} %{FILEGROUPNAME}\n]", build.Rpm).Ok()), owner => Assert.Equal("root root", owner));
        Assert.All(ProcText.Lines(Child.Run("rpm", "-qp", "--requires", build.Rpm).Ok()), need => Assert.Matches(@"^(/bin/sh|rpmlib\()", need));
        foreach (string script in new[] { "POSTIN", "PREUN", "POSTUN" })
        {
            string file = $"{build.NewDirectory()}/{script}";
            File.WriteAllText(file, "#!/bin/sh\n" + Child.Run("rpm", "-qp", "--queryformat", $"%{{{script}}}", build.Rpm).Ok());
            AssertIsScript(file);
        }
    }

    [Fact]
    public void No_file_is_one_of_the_lxcfs_package()
    {
        Needed();
        Output lxcfs = Child.Run("dpkg-query", "--listfiles", "lxcfs");
        Assert.SkipUnless(lxcfs.ExitCode == 0, "the package lxcfs is not installed here, so its files are not known");
        string[] theirs = [.. ProcText.Lines(lxcfs.Out).Where(File.Exists)];
        Assert.NotEmpty(theirs);
        IReadOnlyList<string> ours = ProcText.Lines(Child.Run("sh", "-c", "dpkg-deb --fsys-tarfile \"$1\" | tar -t | sed 's:^\\.::'", "sh", build.Deb).Ok());
        Assert.Empty(theirs.Intersect(ours));
    }

    [Fact]
    public void The_tarball_has_the_same_tree()
    {
        Needed();
        string top = $"procfs-{Version}";
        IReadOnlyList<string> files = ProcText.Lines(Child.Run("tar", "-tzf", build.Tarball).Ok());
        Assert.All(files, file => Assert.StartsWith(top + "/", file, StringComparison.Ordinal));
        Assert.Empty(Expected.Select(file => top + file).Except(files));
    }

    [Fact]
    public void The_lines_for_the_tarball_install_upgrade_and_remove_it()
    {
        // In the place of the service manager: the daemon is supervise's here.
        const string SystemCtl = """
            #!/bin/sh
            pid=$(cat /run/supervise.pid 2>/dev/null)
            case $* in
                daemon-reload|'kill procfs-keeper') ;;
                'enable --now procfs') setsid /usr/bin/procfs supervise </dev/null >/run/supervise.log 2>&1 & echo $! >/run/supervise.pid ;;
                'restart procfs') kill -USR1 "$pid" ;;
                'disable --now procfs') kill "$pid"; timeout 20 tail --pid="$pid" -f /dev/null ;;
                *) echo "not expected: systemctl $*" >&2; exit 1 ;;
            esac

            """;
        Needed();
        string section = File.ReadAllText($"{Daemon.Repository}/docs/packages.md").Split("\n## The tarball\n")[1].Split("\n## ")[0];
        string[] blocks = [.. Regex.Matches(section, "(?m)(^    .*\n)+").Select(block => Regex.Replace(block.Value, "VERSION|NEWER", Version))];
        Assert.Equal(3, blocks.Length);
        string[] files = [.. ProcText.Lines(Child.Run("tar", "-tzf", build.Tarball).Ok()).Where(file => !file.EndsWith('/')).Select(file => file[file.IndexOf('/', StringComparison.Ordinal)..])];
        Assert.Contains("/etc/needrestart/conf.d/procfs.conf", files);

        using Stage stage = new(tree);
        stage.Write("/run/t/systemctl", SystemCtl);
        stage.Run("install", "-m", "755", "/run/t/systemctl", "/usr/local/sbin/systemctl").Ok();
        stage.Run("rm", "/usr/bin/procfs").Ok();
        File.Copy(build.Tarball, stage.PathOf($"/run/t/{Path.GetFileName(build.Tarball)}"));
        stage.Run("chmod", "751", "/etc").Ok(); // an administrator's choice, which is none of the tarball's business
        string directories = Directories();

        Do(blocks[0]);
        AssertServes();
        Assert.All(files, file => stage.Run("test", "-e", file).Ok());
        Assert.Equal(directories, Directories());

        string first = Servers();
        stage.Run("rm", "/etc/needrestart/conf.d/procfs.conf", "/usr/share/man/man1/procfs.1.gz").Ok();
        Do(blocks[1]);
        Assert.True(Pace.Until(20, () => Servers() is { Length: > 0 } now && now != first), "nobody took over");
        AssertServes();
        Assert.All(files, file => stage.Run("test", "-e", file).Ok());

        Do(blocks[2]);
        Assert.DoesNotContain(files, file => stage.Run("test", "-e", file).ExitCode == 0);
        Assert.Equal("", Servers());
        Assert.All(["/usr/share/procfs", "/usr/share/doc/procfs", "/run/procfs", "/var/lib/procfs"], directory => Assert.NotEqual(0, stage.Run("test", "-e", directory).ExitCode));

        void Do(string lines) => stage.Run("sh", "-euc", "cd /run/t; eval \"$1\"", "sh", lines).Ok();

        void AssertServes() => Assert.True(Pace.Until(20, () => stage.Run("procfs", "status", "--health").ExitCode == 0), stage.Run("cat", "/run/supervise.log").Out);

        string Directories() => stage.Run("stat", "-c", "%a %u", "/", "/usr", "/usr/bin", "/etc").Ok();

        string Servers() => stage.Run("sh", "-c", "for p in /proc/[0-9]*; do [ \"$(tr '\\0' ' ' <$p/cmdline 2>/dev/null | cut -d' ' -f2)\" = serve ] && echo ${p#/proc/}; done; true").Out;
    }

    [Fact]
    public void The_image_is_one_layer_with_the_program_and_podman_takes_it()
    {
        Needed();
        string image = build.NewDirectory(), layer = build.NewDirectory();
        Child.Run("tar", "-xf", build.Image, "-C", image).Ok();
        JsonNode index = JsonNode.Parse(File.ReadAllText($"{image}/index.json"))!["manifests"]![0]!;
        string name = (string)index["annotations"]!["org.opencontainers.image.ref.name"]!;
        Assert.Matches(@"^localhost/procfs:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", name);
        JsonNode manifest = Blob(index), config = Blob(manifest["config"]!), only = Assert.Single(manifest["layers"]!.AsArray())!;
        Assert.Equal(["/procfs"], config["config"]!["Entrypoint"]!.AsArray().Select(word => (string)word!));
        Assert.Equal(["node", "install"], config["config"]!["Cmd"]!.AsArray().Select(word => (string)word!));
        string blob = File_of(only);
        Assert.Equal((string)config["rootfs"]!["diff_ids"]![0]!, "sha256:" + Child.Run("sh", "-c", "gzip -dc \"$1\" | sha256sum | cut -d' ' -f1", "sh", blob).Line());
        Child.Run("tar", "-xzf", blob, "-C", layer).Ok();
        Assert.Equal(["procfs", "share"], Directory.GetFileSystemEntries(layer).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(PackageBuild.Sha256Of(Daemon.Binary), PackageBuild.Sha256Of($"{layer}/procfs"));
        foreach ((string inImage, string source) in new[] { ("units/procfs.service", "systemd/procfs.service"), ("units/procfs-keeper.service", "systemd/procfs-keeper.service"), ("hooks.d/50-procfs.json", "hooks/oci/50-procfs.json") })
        {
            Assert.Equal(File.ReadAllText($"{Daemon.Repository}/{source}"), File.ReadAllText($"{layer}/share/procfs/{inImage}"));
        }

        // podman wants a short path.
        string state = Directory.CreateDirectory($"{Path.GetTempPath()}/procfs-test-podman-{Environment.ProcessId}").FullName;
        try
        {
            string[] podman = ["podman", "--root", $"{state}/root", "--runroot", $"{state}/run", "--storage-driver", "vfs"];
            Assert.Contains(name, Child.RunFor(Pace.Limit(60), [.. podman, "load", "--input", build.Image]).Ok(), StringComparison.Ordinal);
            Assert.Equal("[/procfs] [node install] amd64", Child.Run([.. podman, "image", "inspect", "--format", "{{.Config.Entrypoint}} {{.Config.Cmd}} {{.Architecture}}", name]).Line());
        }
        finally
        {
            _ = Child.Run("rm", "-rf", "--one-file-system", state);
        }

        JsonNode Blob(JsonNode descriptor) => JsonNode.Parse(File.ReadAllText(File_of(descriptor)))!;

        string File_of(JsonNode descriptor)
        {
            string digest = ((string)descriptor["digest"]!).Split(':')[1], file = $"{image}/blobs/sha256/{digest}";
            Assert.Equal((digest, (long)descriptor["size"]!), (PackageBuild.Sha256Of(file), new FileInfo(file).Length));
            return file;
        }
    }

    [Fact]
    public void The_manual_is_without_mistakes_and_names_every_verb()
    {
        Needed();
        string root = build.NewDirectory();
        Child.Run("dpkg-deb", "--extract", build.Deb, root).Ok();
        string page = $"{root}/usr/share/man/man1/procfs.1.gz";
        Output shown = Child.Run("sh", "-c", "MANWIDTH=100 man --warnings --encoding=UTF-8 --local-file \"$1\" | col -b", "sh", page);
        Assert.Equal("", shown.Error);
        string[] verbs = [.. Regex.Matches(Child.Run(Daemon.Binary, "--help").Ok().Split("Commands:")[1], "(?m)^  ([a-z]+)[ <]").Select(match => match.Groups[1].Value)];
        Assert.Contains("serve", verbs);
        string text = shown.Ok();
        Assert.All(verbs, verb => Assert.Matches($@"(?m)^ +procfs {verb}\b", text));
        Assert.Contains("2023-11-14", text, StringComparison.Ordinal);
        Assert.All(["man1/procfs-runtime.1.gz", "man8/procfs.8.gz"], other => Assert.Equal(page, File.ResolveLinkTarget($"{root}/usr/share/man/{other}", returnFinalTarget: true)?.FullName));
    }

    [Fact]
    public void The_bill_of_materials_names_what_was_linked()
    {
        Needed();
        JsonNode bill = JsonNode.Parse(File.ReadAllText(PackageBuild.Materials))!;
        Assert.Equal("SPDX-2.3", (string)bill["spdxVersion"]!);
        JsonNode[] parts = [.. bill["packages"]!.AsArray().Select(part => part!)];
        JsonNode program = parts.Single(part => (string)part["name"]! == "procfs");
        Assert.Equal(PackageBuild.Sha256Of($"{Daemon.Repository}/artifacts/procfs"), (string)program["checksums"]![0]!["checksumValue"]!);
        Dictionary<string, string> licenses = parts.ToDictionary(part => (string)part["name"]!, part => (string)part["licenseDeclared"]!);
        foreach ((string name, string license) in new[] { ("Serilog", "Apache-2.0"), ("System.CommandLine", "MIT"), ("Microsoft.NETCore.App.Runtime.linux-x64", "MIT"), ("libc6-dev", "LGPL-2.1-or-later"), ("runtime.linux-x64.Microsoft.DotNet.ILCompiler", "MIT") })
        {
            Assert.Equal(license, licenses.GetValueOrDefault(name));
        }

        Assert.DoesNotContain("NOASSERTION", licenses.Values);
        // Each is in a relationship, and each relationship is about something that is there.
        string[] idents = [.. parts.Select(part => (string)part["SPDXID"]!)];
        Assert.Equal(idents.Order(StringComparer.Ordinal), bill["relationships"]!.AsArray().Select(relation => (string)relation!["relatedSpdxElement"]!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Needrestart_leaves_both_services_alone()
    {
        const string Ask = """
            our %nrconf = (blacklist => [], override_rc => {});
            defined(do $ARGV[0]) or die "cannot be read: $@ $!";
            print join " ", map { my $s = $_; my @rules = grep { $s =~ /$_/ } keys %{$nrconf{override_rc}}; scalar @rules ? $nrconf{override_rc}{$rules[0]} : "restart" } qw(procfs.service procfs-keeper.service procfs-other.service);
            print " ", scalar grep { "/usr/bin/procfs" =~ /$_/ } @{$nrconf{blacklist}};
            """;
        Assert.Equal("0 0 restart 1", Child.Run("perl", "-e", Ask, $"{Daemon.Repository}/packaging/needrestart.conf").Line());
    }

    [Fact]
    public void Versions_come_from_tags_and_sort_as_they_were_made()
    {
        Assert.SkipWhen(Guest.IsHere, "the guest has no git");
        string repository = build.NewDirectory();
        Directory.CreateDirectory($"{repository}/build");
        File.Copy($"{Daemon.Repository}/build/version", $"{repository}/build/version");
        File.Copy($"{Daemon.Repository}/Directory.Build.props", $"{repository}/Directory.Build.props");
        Assert.Equal("0.1.0~nogit", Checkout());
        Git("init", "-q");
        List<string> versions = [Commit(), Commit(), Commit("v0.1.0-rc1"), Commit(), Commit("v0.1.0"), Commit(), Commit(), Commit("v0.1.1"), Commit("v0.2.0"), Commit("v0.10.0")];

        Assert.Matches("^0[.]1[.]0~git1[.][0-9a-f]{10}$", versions[0]);
        Assert.Equal("0.1.0~rc1", versions[2]);
        Assert.Equal("0.1.0", versions[4]);
        Assert.Matches("^0[.]1[.]0[+]git2[.][0-9a-f]{10}$", versions[6]);
        foreach ((string older, string newer) in versions.Zip(versions.Skip(1)))
        {
            Assert.True(Child.Run("dpkg", "--compare-versions", older, "lt", newer).ExitCode == 0, $"dpkg: {older} is not before {newer}");
            Assert.Equal("-1", Child.Run("rpm", "--eval", $"%{{lua:print(rpm.vercmp(\"{older}\", \"{newer}\"))}}").Line());
        }

        Assert.Equal("7.8.9", Child.Run("env", "PROCFS_VERSION=7.8.9", $"{repository}/build/version").Line());
        foreach (string wrong in new[] { "1.0/../x", "1 0", "v1.0", "1.0-1" })
        {
            Output refused = Child.Run("env", $"PROCFS_VERSION={wrong}", $"{repository}/build/version");
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains($"not {(wrong[0] == 'v' ? "as " : "")}\"{wrong}\"", refused.Error, StringComparison.Ordinal);
        }

        string Commit(string? tag = null)
        {
            Git("commit", "-q", "--allow-empty", "-m", "x");
            if (tag is not null)
            {
                Git("tag", tag);
            }

            return Checkout();
        }

        string Checkout() => Child.Run("env", "-u", "PROCFS_VERSION", $"{repository}/build/version").Line();

        void Git(params string[] arguments) => Child.Run(["git", "-C", repository, "-c", "user.name=x", "-c", "user.email=x@localhost", .. arguments]).Ok();
    }

    [Fact]
    public void What_cannot_be_packed_is_told_in_one_sentence()
    {
        Assert.SkipWhen(Guest.IsHere, "packages are made where the program is");
        Output none = Child.Run($"{Daemon.Repository}/packaging/make", "--binary", "/nonexistent", "--sbom", "/nonexistent", "--output", build.NewDirectory());
        Assert.Equal("packaging/make: /nonexistent is no program: ./build.sh publish makes one\n", none.Error);
        Assert.Equal(1, none.ExitCode);
    }

    private static string Version => PackageBuild.Version;

    private static void AssertIsScript(string file)
    {
        string text = File.ReadAllText(file);
        Assert.DoesNotContain("@functions@", text, StringComparison.Ordinal);
        Assert.Contains("stop_for_good() {", text, StringComparison.Ordinal);
        Child.Run("sh", "-n", file).Ok();
    }

    private void Needed() => Assert.SkipUnless(build.WhySkipped is null, build.WhySkipped ?? "");
}
