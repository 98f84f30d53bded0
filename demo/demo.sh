#!/bin/bash
# One container of 50 MB and 1 CPU, twice: with the kernel's own files, and with those of ProcFs. Both answers side by side.
# Then the server is killed while such a container reads.
# Usage: demo/demo.sh PROCFS   (./build.sh demo makes the binary and calls this). Leaves nothing behind, also after Ctrl-C.
set -euo pipefail

procfs=$(readlink -f "${1:?usage: demo/demo.sh PROCFS}")
[ "$(id -u)" = 0 ] || { echo "demo: needs root: it mounts a filesystem and starts a container" >&2; exit 3; }

work=$(mktemp -d /tmp/procfs-demo.XXXXXX)
mount=$work/mount root=$work/root name=procfs-demo-$$
server=

# shellcheck disable=SC2317 # reached by the trap
finish() {
    trap - EXIT INT TERM
    if command -v runc >/dev/null; then runc --root "$work/runc" delete --force "$name" >/dev/null 2>&1 || true; fi
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    for m in "$mount" "$root"; do
        if mountpoint -q "$m"; then umount --lazy "$m"; fi
    done
    # A runtime leaves the parents it made; here there is one, in each hierarchy.
    find /sys/fs/cgroup -mindepth 1 -maxdepth 2 -type d -name "$name" -exec rmdir {} + 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap finish EXIT
# Nothing ends it without a word: a time limit says none itself.
trap 'echo "demo: line $LINENO failed with status $? (124: a time limit; try again when the machine has less to do)" >&2' ERR
trap 'exit 130' INT
trap 'exit 143' TERM

# What the container is asked. Each answer is one line: a title, a tab, the answer.
cat >"$work/look" <<'LOOK'
free -m | awk '{ if (NR == 1) $0 = "- " $0; printf "%s\t%-5s %6s %6s %6s\n", NR == 1 ? "free -m" : "", NR == 1 ? "" : $1, $2, $3, $4 }'
printf 'CPUs in /proc/cpuinfo\t%s\n' "$(grep -c ^processor /proc/cpuinfo)"
printf 'CPUs in /proc/stat\t%s\n' "$(grep -c '^cpu[0-9]' /proc/stat)"
printf 'getconf _NPROCESSORS_ONLN\t%s\n' "$(getconf _NPROCESSORS_ONLN)"
printf 'cat /proc/uptime\t%s\n' "$(cat /proc/uptime)"
awk '{ printf "%s\t%-9s %-9s %6s %5s\n", NR == 1 ? "cat /proc/swaps" : "", $1, $2, $3, $4 }' /proc/swaps
LOOK

# What the second part runs: one line, how many reads there were and how many of them failed.
cat >"$work/hammer" <<'HAMMER'
failed=0 i=0
while [ $i -lt 1000 ]; do
    i=$((i + 1))
    grep -q MemTotal /proc/meminfo && grep -q ^cpu0 /proc/stat || failed=$((failed + 1))
done
echo "$((2 * i)) $failed"
HAMMER

# bundle SCRIPT MOUNTS: an OCI bundle with this machine's own root file system, read-only, and MOUNTS over it.
bundle() {
    cat >"$work/config.json" <<JSON
{ "ociVersion": "1.0.2", "hostname": "demo", "root": { "path": "$root", "readonly": true },
  "process": { "terminal": false, "user": { "uid": 0, "gid": 0 }, "cwd": "/", "args": ["sh", "/run/script"],
    "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"] },
  "mounts": [
    { "destination": "/proc", "type": "proc", "source": "proc" },
    { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"] },
    { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro", "nosuid", "nodev", "noexec"] },
    { "destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev"] },
    { "destination": "/run/script", "type": "bind", "source": "$work/$1", "options": ["bind", "ro"] }$2
  ],
  "linux": { "cgroupsPath": "/$name",
    "resources": { "memory": { "limit": 52428800 }, "cpu": { "quota": 100000, "period": 100000 } },
    "namespaces": [{ "type": "pid" }, { "type": "ipc" }, { "type": "uts" }, { "type": "mount" }] } }
JSON
}

container() { (cd "$work" && timeout 120 runc --root "$work/runc" run "$name" </dev/null); }

serve() {
    : >"$work/server.log"
    "$procfs" supervise --mount "$mount" --run-dir "$work/run" >>"$work/server.log" 2>&1 &
    server=$!
    for _ in {1..600}; do
        if grep -q serving "$work/server.log"; then return; fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    echo "demo: procfs did not start:" >&2
    cat "$work/server.log" >&2
    exit 1
}

mkdir "$mount" "$root"
serve
if command -v runc >/dev/null; then
    kind="a runc container"
    command -v free >/dev/null || sed -i '/^free /d' "$work/look"
    mount --bind / "$root"
    mount -o remount,bind,ro "$root"
    bundle look ""
    container >"$work/without"
    files=
    for f in proc/{cpuinfo,diskstats,meminfo,stat,swaps,uptime} sys/devices/system/cpu; do
        files+=", { \"destination\": \"/$f\", \"type\": \"bind\", \"source\": \"$mount/$f\",
            \"options\": [\"bind\", \"ro\", \"nosuid\", \"nodev\", \"noexec\"] }"
    done
    bundle look "$files"
    container >"$work/with"
    bundle hammer "$files"
    container >"$work/hammered" &
else
    kind="procfs run (there is no runc here)"
    sh "$work/look" >"$work/without"
    timeout 120 "$procfs" run --mount "$mount" --run-dir "$work/run" --memory 50m --cpus 1 -- sh "$work/look" >"$work/with"
    timeout 120 "$procfs" run --mount "$mount" --run-dir "$work/run" --memory 50m --cpus 1 -- sh "$work/hammer" >"$work/hammered" &
fi
hammer=$! kills=0
while [ $kills -lt 10 ] && kill -0 "$hammer" 2>/dev/null; do
    sleep 0.1
    child=$(cat /proc/"$server"/task/*/children)
    if [ -n "${child%% *}" ] && kill -KILL "${child%% *}" 2>/dev/null; then kills=$((kills + 1)); fi
done
wait "$hammer"
read -r reads failed <"$work/hammered"

bold='' red='' green='' plain=''
if [ -t 1 ]; then bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'; fi

printf '\n%s%s, limited to 50 MB of memory and 1 CPU%s\n' "$bold" "$kind" "$plain"
printf '(this machine: %s MB, %s CPUs, up %s s)\n\n' "$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)" \
    "$(grep -c '^processor' /proc/cpuinfo)" "$(cut -d. -f1 /proc/uptime)"

# The two files line by line; swaps may be longer on one side.
awk -F '\t' -v bold="$bold" -v red="$red" -v green="$green" -v plain="$plain" '
    function rule(   i, s) { for (i = 0; i < 96; i++) s = s "-"; return s }
    NR == FNR { title[FNR] = $1; left[FNR] = $2; n = FNR; next }
    { if (FNR > n) { n = FNR; title[FNR] = $1 } right[FNR] = $2 }
    END {
        printf "%s%-26s %-37s %s%s\n%s\n", bold, "", "without ProcFs", "with ProcFs", plain, rule()
        for (i = 1; i <= n; i++) {
            if (i > 1 && title[i] != "" && (title[i - 1] == "" || (i < n && title[i + 1] == ""))) printf "\n"
            same = left[i] == right[i]
            printf "%-26s %s%-37s%s %s%s%s\n", title[i], same ? "" : red, left[i], plain, same ? "" : green, right[i], plain
        }
        print rule()
    }' "$work/without" "$work/with"

printf '\nThen the server was killed (kill -9) %s times while such a container read %s files: %s reads failed.\n' "$kills" "$reads" "$failed"
