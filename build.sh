#!/bin/bash
# Everything this repository can be asked to do, the same for a developer and for continuous integration.
# Starts from Debian 12 with the .NET SDK; what else a verb needs it installs by apt, and says so.
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$repo"

results=$repo/artifacts/test-results
logs=$repo/artifacts/logs
binary=$repo/artifacts/procfs
bench=$repo/artifacts/procfs-bench
scale=$repo/artifacts/procfs-bench-scale
previous=$repo/artifacts/previous/procfs # what the tests upgrade from
packages=$repo/artifacts/packages
previous_packages=$repo/artifacts/previous/packages
materials=$repo/artifacts/procfs.spdx.json # what artifacts/procfs is made of
size_limit=$((14 * 1024 * 1024))         # bytes of artifacts/procfs: a sixth more than it was when this was set

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 MSBUILDDISABLENODEREUSE=1

usage() {
    cat <<'USAGE'
usage: ./build.sh VERB
  build        compile everything (debug)
  test         all of it: unit tests, integration tests on this host and in a cgroup v2 guest (needs root)
  unit         the unit tests only (no root)
  integration  the integration tests on this host only (needs root: mounts, cgroups, containers)
  vm-test      the integration tests in every guest (v2-6.1 v2-6.12 selinux-6.1 hybrid-6.1 v1-6.1), or in those that are named (needs root)
  soak         a thousand containers, 200 of them read each second, 10 minutes or as many as are said: nothing may grow; carries on where it broke off (needs root)
  soak churn   the same with containers that come and go, and a server that is killed: no read fails, nothing is left (needs root)
  fuzz         hostile bytes for everything that reads some, 10 minutes for each target or as many as are said; a target may follow: docs/fuzzing.md
  kill-soak    the failover tests for a long time: 200 kills and more, here and in guests with 6.1 and 6.12 (needs root)
  demo         a container without and with ProcFs, side by side (needs root)
  golden       rewrite the golden files from what the code says now; review the difference
  lint         formatting, shell scripts, nothing machine-specific in the repository
  benchmarks   what parsers, ledger, files, views and requests cost, in ns and bytes; with a word, only those with that name
  bench        the same files of ProcFs, lxcfs and the kernel, side by side; options of procfs-bench run may follow (needs root)
  scale        a thousand containers, a million requests, starts and idleness; a smaller number of containers may follow (needs root)
  bench-guest  ratios of cpuinfo and stat with 8 and 16 virtual CPUs, and of all files with 4, from emulated guests (needs root)
  publish      artifacts/procfs: one static native file; its size is printed and bounded
  package      artifacts/packages: .deb, .rpm, tarball, OCI image, bill of materials, checksums; the same bytes every time
  publish-bench  artifacts/procfs-bench: what measures, for bench and the tests
  help         this text
USAGE
}

say() { printf '\n== %s\n' "$*" >&2; }
die() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }
need_root() { [ "$(id -u)" = 0 ] || die "'$1' needs root: $2"; }

# --- what the machine must have -----------------------------------------------------------------

# need WHY THING:PACKAGE... installs the Debian packages whose THING (a command or an absolute path) is missing.
need() {
    local why=$1 pair thing missing=()
    shift
    for pair in "$@"; do
        thing=${pair%%:*}
        case $thing in
            /*) [ -e "$thing" ] || missing+=("${pair#*:}") ;;
            *)  PATH=$PATH:/usr/sbin:/sbin command -v "$thing" >/dev/null || missing+=("${pair#*:}") ;;
        esac
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    printf 'build.sh: installing %s (%s)\n' "${missing[*]}" "$why" >&2
    [ "$(id -u)" = 0 ] || die "installing packages needs root; or run: apt-get install --no-install-recommends ${missing[*]}"
    mkdir -p "$logs"
    if ! { [ -n "${apt_updated-}" ] || timeout 300 apt-get -q update
           DEBIAN_FRONTEND=noninteractive timeout 600 apt-get -q -y install --no-install-recommends "${missing[@]}"
         } >"$logs/apt.log" 2>&1 </dev/null; then
        tail -n 15 "$logs/apt.log" >&2
        printf 'build.sh: apt could not install %s\n' "${missing[*]}" >&2
        return 1
    fi
    apt_updated=yes
}

need_dotnet() { command -v dotnet >/dev/null || die "no dotnet on the PATH: install the .NET SDK named in global.json"; }

need_for_containers() {
    need "the integration tests read the files with real programs in real containers" \
        runc:runc crun:crun podman:podman dockerd:docker.io docker:docker.io containerd:containerd ctr:containerd \
        lxc-start:lxc systemd-nspawn:systemd-container free:procps iostat:sysstat lscpu:util-linux nsenter:util-linux setpriv:util-linux \
        /usr/bin/python3:python3 java:openjdk-17-jre-headless mount:mount \
        htop:htop prometheus-node-exporter:prometheus-node-exporter /usr/lib/python3/dist-packages/psutil:python3-psutil \
        /usr/lib/python3/dist-packages/prometheus_client:python3-prometheus-client /usr/lib/python3/dist-packages/yaml:python3-yaml
}

need_lxcfs() {
    [ -n "${LXCFS-}" ] || need "ProcFs is measured side by side with lxcfs" lxcfs:lxcfs ||
        printf 'build.sh: no lxcfs: what needs it is not measured\n' >&2
}

need_for_packages() {
    need "packages are made with dpkg and rpm, and their manual page is looked at" dpkg-deb:dpkg rpmbuild:rpm man:man-db /usr/bin/python3:python3
}

need_for_guest() {
    need "the guest runs in QEMU" qemu-system-x86_64:qemu-system-x86 setpriv:util-linux
}

# --- building -----------------------------------------------------------------------------------

do_build() {
    need_dotnet
    say "build"
    timeout 600 dotnet build ProcFs.sln -v quiet
}

property() { timeout 120 dotnet msbuild src/ProcFs/ProcFs.csproj -getProperty:"$1"; }

# publish_native PROJECT FILE [ARG]...: one static native file, with more arguments for dotnet. FILE may be called otherwise than the program.
publish_native() {
    need_dotnet
    need "the native compiler links with clang and lld, statically with zlib" \
        clang:clang ld.lld:lld /usr/include/zlib.h:zlib1g-dev objcopy:binutils
    local project=$1 file=$2 framework name output log
    name=$(timeout 120 dotnet msbuild "$project" -getProperty:AssemblyName)
    output=$repo/artifacts/published/$name log=$logs/publish-$name.log
    shift 2
    framework=$(property ProcFsAotTargetFramework)
    say "publish: $name: native, static, $framework $*"
    mkdir -p "$logs" "$output" "$(dirname "$file")"
    # The second line is for the same bytes everywhere: docs/packages.md, Reproducible.
    if ! timeout 900 dotnet publish "$project" -c Release -r linux-x64 -o "$output" -p:ProcFsTargetFramework="$framework" \
            -p:ContinuousIntegrationBuild=true -p:PathMap="$repo=/procfs" -p:UseSharedCompilation=false -p:EnableSourceLink=false -p:EnableSourceControlManagerQueries=false \
            -p:PublishAot=true -p:StaticExecutable=true -p:LinkerFlavor=lld -p:StripSymbols=true "$@" >"$log" 2>&1 </dev/null; then
        tail -n 40 "$log" >&2
        die "the native build failed; all of its output is in $log"
    fi
    # Serilog is not annotated for trimming; docs/decisions has why that one summary warning is harmless.
    if grep -E 'warning ' "$log" | grep -v -E "IL2104: Assembly 'Serilog'" >&2; then
        die "the native build must be free of warnings (above)"
    fi
    cp "$output/$name" "$file.new"
    mv -f "$file.new" "$file"
    if readelf -d "$file" 2>/dev/null | grep -q NEEDED; then die "$file is not static"; fi
}

publish_bench() { publish_native bench/sidebyside "$bench"; }

do_publish() {
    publish_native src/ProcFs "$binary"
    local size
    size=$(stat -c %s "$binary")
    printf 'artifacts/procfs: %d bytes (limit %d)\n' "$size" "$size_limit"
    [ "$size" -le "$size_limit" ] || die "artifacts/procfs has grown beyond its limit: find out why, or raise it in build.sh"
    need "the bill of materials is written by a script" /usr/bin/python3:python3
    packaging/sbom --binary "$binary" --obj src/ProcFs/obj --version "$("$binary" --version)" \
        --epoch "${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}" >"$materials.new"
    mv -f "$materials.new" "$materials"
}

make_packages() {
    need_for_packages
    say "packages"
    packaging/make --binary "$binary" --sbom "$materials" --output "$packages"
}

# What the guest installs and upgrades: these, and others of a lower version.
make_packages_for_tests() {
    make_packages >/dev/null
    packaging/make --binary "${PROCFS_PREVIOUS:-$binary}" --sbom "$materials" --output "$previous_packages" --version 0.0.9 >/dev/null
}

# For the guest with SELinux, from sources: checkpolicy is not in it.
make_selinux_policy() {
    need "the guest with SELinux loads a policy" checkpolicy:checkpolicy
    checkpolicy -M -U allow -c 33 -o artifacts/selinux.policy tests/integration/selinux/policy.conf >/dev/null
}

selinux_guest() {
    make_selinux_policy
    VM_APPEND="security=selinux selinux=1 enforcing=0" run_in_guest integration-guest-selinux-6.1 600 6.1 v2 "$(program_of "$integration")" -class ProcFs.Integration.Tests.MountLabel
}

# A second build to upgrade from: PROCFS_PREVIOUS if that names one, else the same sources under another version. Before do_publish, which uses
# the same intermediate files.
publish_previous() {
    if [ -n "${PROCFS_PREVIOUS-}" ]; then
        # Where a guest sees it, too.
        install -D "$PROCFS_PREVIOUS" "$previous"
    else
        PROCFS_VERSION=0.0.9 publish_native src/ProcFs "$previous"
    fi
    export PROCFS_PREVIOUS=$previous
}

# --- running test executables -------------------------------------------------------------------

test_projects() { find tests -name 'ProcFs*.Tests.csproj' -not -path '*/obj/*' | sort; }
unit_projects() { test_projects | grep -v '^tests/integration/'; }
program_of() { echo "$repo/$(dirname "$1")/bin/Debug/net10.0/$(basename "$1" .csproj)"; }

passed=0 failed=0 skipped=0
table=() failures=()

count() { sed -n "1,20s/.*<assembly [^>]*[ ]$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }

# failed_tests REPORT: a line each, with the first line of what it said. Its messages are CDATA, with new lines as \n.
failed_tests() {
    { grep -o '<test [^>]*result="Fail".*' "$1" || true; } | sed 's/<\/test>/\n/g' |
        sed -n 's/.*<test [^>]*name="\([^"]*\)"[^>]*result="Fail".*<message>\(<!\[CDATA\[\)\{0,1\}\([^]<]*\).*/\1: \3/p' | cut -c 1-300
}

# tally LABEL REPORT STATUS: counts what a test executable reported. One that crashed, hung or ran nothing is a failure.
tally() {
    local label=$1 report=$2 status=$3 p f s note='' line
    if [ ! -s "$report" ]; then
        p=0 f=1 s=0 note="no report: it crashed or ran out of time (status $status)"
    else
        p=$(count passed "$report") f=$(count failed "$report") s=$(count skipped "$report")
        f=$((${f:-0} + $(count errors "$report" || echo 0))) p=${p:-0} s=${s:-0}
        if [ $((p + f)) = 0 ]; then f=1 note="it ran no tests"
        elif [ "$f" = 0 ] && [ "$status" != 0 ]; then f=1 note="status $status without a failed test"
        fi
        { grep -o '<test [^>]*result="Skip".*</reason>' "$report" || true; } | sed 's/<\/test>/\n/g' |
            sed -n "s/.*<test [^>]*name=\"\([^\"]*\)\".*<reason>\(<!\[CDATA\[\)\{0,1\}\([^]<]*\).*/skipped: $label: \1: \3/p"
        while IFS= read -r line; do failures+=("failed: $label: $line"); done < <(failed_tests "$report")
        # What the readers of the failover tests saw, and how long they waited at the longest.
        { grep -o '\(failover\|measured\): [^]<]*' "$report" || true; } | sed "s/^/$label: /"
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    table+=("$(printf '%-44s %6d %6d %7d %6ds  %s' "$label" "$p" "$f" "$s" $((SECONDS - started)) "$note")")
}

# summary prints the table; the last line is read by machines.
summary() {
    printf '\n%-44s %6s %6s %7s %7s\n' "tests" passed failed skipped time
    printf '%s\n' "${table[@]}"
    printf '\n'
    # Once more here: who reads only the end of a long log sees what failed.
    [ "${#failures[@]}" = 0 ] || printf '%s\n' "${failures[@]}" ''
    if [ "$skipped" = 0 ]; then printf '%d passed, %d failed\n' "$passed" "$failed"
    else printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    fi
    [ "$failed" = 0 ]
}

# run_here LABEL SECONDS PROGRAM [ARG]...
run_here() {
    local label=$1 limit=$2 program=$3 report status=0 started=$SECONDS
    shift 3
    report=$results/$label.xml
    mkdir -p "$results"
    rm -f "$report"
    say "$label"
    [ -x "$program" ] || { printf 'not built: %s (is the project in ProcFs.sln?)\n' "$program" >&2; }
    timeout --kill-after=20 "$limit" "$program" -xml "$report" "$@" </dev/null || status=$?
    tally "$label" "$report" "$status"
}

# run_in_guest LABEL SECONDS KERNEL CGROUP PROGRAM [ARG]...: with four CPUs and swap, whatever this host has.
run_in_guest() {
    local label=$1 limit=$2 kernel=$3 cgroup=$4 program=$5 report status=0 started=$SECONDS dotnet
    shift 5
    dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
    report=$results/$label.xml
    mkdir -p "$results" "$logs"
    rm -f "$report"
    say "$label"
    local guest_failed=125 try
    for try in 1 2; do
        status=0
        # TieredPGO instruments code that is gone before it pays; under emulation that is seconds.
        VM_KERNEL=$kernel VM_CGROUP=$cgroup VM_CPUS=4 VM_SWAP=256 VM_CONSOLE=$logs/$label.console \
            tests/vm/run --share-ro "$repo" --share "$results" --share-ro "$dotnet" --timeout "$limit" -- \
            env DOTNET_TieredPGO=0 DOTNET_NOLOGO=1 PROCFS_TEST_GUEST=1 PROCFS_SOAK="${PROCFS_SOAK-}" PROCFS_BINARY="$binary" PROCFS_PREVIOUS="${PROCFS_PREVIOUS-}" PROCFS_TEST_SPEED="${PROCFS_GUEST_SPEED:-0.25}" \
            "$dotnet/dotnet" "$program.dll" -xml "$report" "$@" </dev/null || status=$?
        # A guest that crashed before the tests reported says nothing of them; emulated kernels do, now and then.
        if [ "$status" != $guest_failed ] || [ -s "$report" ] || [ $try = 2 ]; then break; fi
        printf 'build.sh: the guest itself failed (its console is in %s): once more\n' "$logs/$label.console" >&2
    done
    tally "$label" "$report" "$status"
}

unit_tests() {
    local project
    for project in $(unit_projects); do
        run_here "$(basename "$project" .csproj)" 900 "$(program_of "$project")"
    done
}

integration=tests/integration/ProcFs.Integration.Tests.csproj

integration_tests() {
    PROCFS_BINARY=${PROCFS_BINARY:-$binary} run_here integration 2700 "$(program_of "$integration")"
}

# --- verbs --------------------------------------------------------------------------------------

do_unit() { do_build; unit_tests; summary; }

do_golden() {
    do_build
    UPDATE_GOLDEN=1 unit_tests
    summary || true
    git status --short -- tests/fixtures
}

do_integration() {
    need_root integration "it mounts, makes cgroups and starts containers"
    need_for_containers
    need_lxcfs
    need_for_packages
    do_build
    do_publish
    publish_bench
    integration_tests
    summary
}

# The guest is made in the background while the compiler works: it waits for downloads, the compiler does not.
start_guest_build() {
    need_for_guest
    mkdir -p "$logs"
    timeout 900 tests/vm/build >"$logs/guest-build.log" 2>&1 </dev/null &
    guest_build=$!
    trap 'kill "$guest_build" 2>/dev/null || true' EXIT
}

# What still runs of it would disturb tests that measure, or look at the host's mounts.
settle_guest_build() {
    say "guest"
    guest_status=0
    wait "$guest_build" || guest_status=$?
    trap - EXIT
}

await_guest_build() {
    [ -n "${guest_status-}" ] || settle_guest_build
    [ "$guest_status" = 0 ] || { cat "$logs/guest-build.log" >&2; die "the test guest could not be made"; }
}

do_test() {
    need_root test "its integration part mounts, makes cgroups and starts containers and a guest"
    need_for_containers
    need_lxcfs
    need_for_packages
    start_guest_build
    do_build
    do_publish
    make_packages_for_tests
    publish_bench
    unit_tests
    settle_guest_build
    integration_tests
    await_guest_build
    # Without what takes long and is not different in a guest: vm-test and kill-soak have it.
    run_in_guest integration-guest-v2-6.1 3000 6.1 v2 "$(program_of "$integration")" -trait- run=long
    selinux_guest
    summary
}

guests=(v2-6.1 v2-6.12 selinux-6.1 hybrid-6.1 v1-6.1)

# do_vm_test [GUEST]...
do_vm_test() {
    need_root vm-test "it makes a guest with the owners of its files"
    local wanted=("${@:-"${guests[@]}"}") guest cgroups
    for guest in "${wanted[@]}"; do
        case " ${guests[*]} " in *" $guest "*) ;; *) die "there is no guest \"$guest\", only: ${guests[*]}" ;; esac
    done
    start_guest_build
    do_build
    publish_previous
    do_publish
    make_packages_for_tests
    await_guest_build
    cgroups=$(program_of tests/ProcFs.Cgroups.Tests/ProcFs.Cgroups.Tests.csproj)
    for guest in "${wanted[@]}"; do
        case $guest in
            selinux-*) selinux_guest; continue ;;
            # What reads the kernel's cgroups; what only takes texts apart does the same everywhere.
            hybrid-*|v1-*) run_in_guest "cgroups-guest-$guest" 600 "${guest#*-}" "${guest%-*}" "$cgroups" -class ProcFs.Cgroups.Tests.RealCgroupTests ;;
        esac
        run_in_guest "integration-guest-$guest" 3600 "${guest#*-}" "${guest%-*}" "$(program_of "$integration")"
    done
    summary
}

# Classes of the failover tests; the second list needs a machine that is thrown away, with systemd as process 1.
failover=(Adoption BusyManager Failover Goodbye HalfMounted Keeper LiveSession NobodyKeeps Starts Supervise TakenOff UserSignals)
failover_in_guest=(ClockSteps Systemd)

do_kill_soak() {
    need_root kill-soak "it mounts, makes cgroups and starts containers and guests"
    need_for_containers
    start_guest_build
    do_build
    publish_previous
    do_publish
    export PROCFS_SOAK=1
    local here=() guest=() class kernel
    for class in "${failover[@]}"; do here+=(-class "ProcFs.Integration.Tests.$class"); done
    guest=("${here[@]}")
    for class in "${failover_in_guest[@]}"; do guest+=(-class "ProcFs.Integration.Tests.$class"); done
    settle_guest_build
    PROCFS_BINARY=${PROCFS_BINARY:-$binary} run_here soak 2400 "$(program_of "$integration")" "${here[@]}"
    await_guest_build
    for kernel in 6.1 6.12; do
        run_in_guest "soak-guest-v2-$kernel" 3000 $kernel v2 "$(program_of "$integration")" "${guest[@]}"
    done
    summary
}

do_demo() {
    need_root demo "it mounts a filesystem and starts a container"
    need_dotnet
    need "the demo shows a container" free:procps || true
    need "the demo shows a container" runc:runc || printf 'build.sh: no runc; the demo uses procfs run in its place\n' >&2
    mkdir -p "$logs"
    local program=$binary
    if ! "$repo/build.sh" publish; then
        printf 'build.sh: no native compiler; the demo uses a debug build\n' >&2
        timeout 300 dotnet build src/ProcFs -v quiet
        program=$repo/src/ProcFs/bin/Debug/net10.0/procfs
    fi
    demo/demo.sh "$program"
}

# do_benchmarks [NAME]
do_benchmarks() {
    need_dotnet
    say "benchmarks"
    timeout 600 dotnet build bench/ProcFs.Benchmarks -c Release -v quiet
    timeout 1200 bench/ProcFs.Benchmarks/bin/Release/net10.0/ProcFs.Benchmarks --filter "*${1-}*" </dev/null
}

do_bench() {
    need_root bench "it mounts filesystems and starts containers"
    need "ProcFs is measured in a container" runc:runc
    need_lxcfs
    do_publish
    publish_bench
    "$bench" run "$@"
}

# do_soak [churn] [MINUTES [CONTAINERS]]
do_soak() {
    local how=soak minutes
    if [ "${1-}" = churn ]; then how=churn; shift; fi
    minutes=${1:-10}
    need_root soak "it mounts filesystems and starts many containers"
    need "the containers are runc's" runc:runc nsenter:util-linux
    do_publish
    publish_native bench/scale "$scale"
    # A minute of churn ends with a while in which everything settles.
    timeout --kill-after=60 $((minutes * 110 + 900)) "$scale" "$how" "$minutes" "${@:2}"
}

# do_fuzz [MINUTES [TARGET]... | VERB [ARG]...]
do_fuzz() {
    need_dotnet
    say "fuzz"
    timeout 600 dotnet build tests/fuzz -v quiet
    local program=$repo/tests/fuzz/bin/Debug/net10.0/ProcFs.Fuzz limit=900
    case ${1-10} in
        *[!0-9.]*) ;;
        *) set -- run "${1-10}" "${@:2}"
           # All targets, each with a minute to begin and end.
           limit=$((7 * (${2%%.*} + 2) * 60 + 600)) ;;
    esac
    timeout --kill-after=60 "$limit" "$program" "$@"
}

do_scale() {
    need_root scale "it mounts filesystems and starts a thousand containers"
    need "the containers are runc's; strace tells what an idle server does" runc:runc strace:strace
    do_publish
    publish_native bench/scale "$scale"
    timeout --kill-after=60 1500 "$scale" run "$@"
}

# stage_lxcfs DIR: this host's lxcfs with its libraries, for a guest that has none; a script starts it.
stage_lxcfs() {
    local dir=$1 program library
    program=${LXCFS:-$(command -v lxcfs)}
    library=$(find "$(dirname "$program")/../lib" -name liblxcfs.so -print -quit 2>/dev/null)
    rm -rf "$dir"
    mkdir -p "$dir"
    cp "$program" "$dir/program"
    [ -z "$library" ] || cp "$library" "$dir/"
    # Not libc: that is the guest's own.
    { ldd "$program"; [ -z "$library" ] || ldd "$library"; } | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' |
        grep -vE '/(libc|libm|libdl|libpthread|ld-linux[^/]*)\.so' | sort -u | xargs -r cp -t "$dir"
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%q exec %q "$@"\n' "$dir" "$dir/program" >"$dir/lxcfs"
    chmod +x "$dir/lxcfs"
}

# bench_in_guest CPUS [ARG]...
bench_in_guest() {
    local cpus=$1
    shift
    say "guest with $cpus virtual CPUs"
    VM_KERNEL=${VM_KERNEL:-6.1} VM_CGROUP=v2 VM_CPUS=$cpus VM_CONSOLE=$logs/bench-guest-$cpus.console \
        tests/vm/run --share-ro "$repo/artifacts" --share "$repo/bench/results" --timeout 600 -- \
        env PROCFS_TEST_GUEST=1 PROCFS_BINARY="$binary" ${staged:+LXCFS="$staged/lxcfs"} "$bench" run --out "$repo/bench/results" "$@" </dev/null
}

do_bench_guest() {
    need_root bench-guest "it makes a guest with the owners of its files"
    need_lxcfs
    start_guest_build
    do_publish
    publish_bench
    local staged=
    if [ "${LXCFS-}" != none ] && { [ -n "${LXCFS-}" ] || command -v lxcfs >/dev/null; }; then
        staged=$repo/artifacts/lxcfs
        stage_lxcfs "$staged"
    fi
    await_guest_build
    mkdir -p bench/results
    bench_in_guest 4 --mode cold,repeated,kept --threads 1
    # Without a quota: the container sees all CPUs, as the kernel's own files show them.
    bench_in_guest 8 --mode cold,repeated --files cpuinfo,stat --threads 1 --quota 0
    bench_in_guest 16 --mode cold,repeated --files cpuinfo,stat --threads 1 --quota 0
}

scripts() { git ls-files -co --exclude-standard | while read -r f; do ! head -c 15 "$f" 2>/dev/null | grep -aqE '^#!/bin/(ba)?sh' || echo "$f"; done; }

do_lint() {
    need_dotnet
    need "lint checks the shell scripts" shellcheck:shellcheck
    local bad=0
    say "shell scripts"
    scripts | xargs shellcheck || bad=1
    say "nothing machine-specific"
    # Paths of somebody's machine, and package feeds: restore uses what the machine is configured for.
    if git grep --untracked -nIP '(^|[^A-Za-z0-9_.])/(wor[k]|hom[e](?!/kubernetes/))/[a-z]|/roo[t]/\.|packageSource[s]>' -- . ':!tests/fixtures' ':!tests/fuzz/corpus'; then bad=1; fi
    if git ls-files -co --exclude-standard | grep -iE '(^|/)nuget\.config$'; then bad=1; fi
    say "formatting"
    timeout 600 dotnet format ProcFs.sln --verify-no-changes --severity warn || bad=1
    [ $bad = 0 ] || die "lint found something (above)"
    echo "lint: clean"
}

case ${1-} in
    build)       do_build ;;
    test)        do_test ;;
    unit)        do_unit ;;
    integration) do_integration ;;
    vm-test)     shift; do_vm_test "$@" ;;
    soak)        shift; do_soak "$@" ;;
    fuzz)        shift; do_fuzz "$@" ;;
    kill-soak)   do_kill_soak ;;
    demo)        do_demo ;;
    golden)      do_golden ;;
    lint)        do_lint ;;
    bench)       shift; do_bench "$@" ;;
    scale)       shift; do_scale "$@" ;;
    benchmarks)  do_benchmarks "${2-}" ;;
    bench-guest) do_bench_guest ;;
    publish)     do_publish ;;
    package)     do_publish; make_packages ;;
    publish-bench) publish_bench ;;
    need)        shift; need "$@" ;;    # for the scripts under tests/
    help|-h|--help) usage ;;
    *)           usage >&2; exit 2 ;;
esac
