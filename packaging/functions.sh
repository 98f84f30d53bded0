# shellcheck shell=sh
# What the scripts of both kinds of packages do; packaging/make puts it into each of them.

program=/usr/bin/procfs
mount=/var/lib/procfs

# A script is quiet while all goes well, and speaks to people.
quiet='--set logLevel=warning --set logFormat=text'

say() { echo "procfs: $*" >&2; }

has_systemd() { [ -d /run/systemd/system ]; }

# Units of an administrator stand before those of the package.
own_units=/etc/systemd/system

node_program=/opt/procfs/current

# procfs node (the DaemonSet) has installed this host's daemon: its units, settings, registry and hooks are not the package's to touch.
# Without systemd there is no unit: a daemon that runs from its versions tells of it, or, between two lives of its pod, the versions where none of ours runs.
is_nodes() {
    grep -qs 'Installed by procfs node' $own_units/procfs.service /run/systemd/system/procfs.service ||
        { ! has_systemd && { [ -n "$(running '*/versions/*/procfs')" ] || { [ -L $node_program ] && [ -z "$(processes supervise serve)" ]; }; }; }
}

leave_to_node() {
    is_nodes || return 1
    say "this host's daemon was installed by procfs node (on Kubernetes, the DaemonSet), and is left alone"
}

# The verb that a process of this program runs: its first word, or what it is called.
verb_of() {
    tr '\0' '\n' 2>/dev/null <"/proc/$1/cmdline" | {
        IFS= read -r name || name=''
        IFS= read -r first || first=''
        if [ "${name##*/}" = lxcfs ]; then echo lxcfs; else echo "$first"; fi
    }
}

# Pids of a program, by a pattern for its path, that run here, not in a container. One that was replaced is meant, too.
running() {
    find /proc/[0-9]* -maxdepth 1 -name exe '(' -lname "$1" -o -lname "$1 (deleted)" ')' 2>/dev/null | while read -r exe; do
        pid=${exe#/proc/} pid=${pid%/exe}
        if [ "$(readlink "/proc/$pid/ns/mnt")" = "$(readlink /proc/self/ns/mnt)" ]; then echo "$pid"; fi
    done
}

# Pids of this program that run one of the given verbs.
processes() {
    for pid in $(running "$program"); do
        does=$(verb_of "$pid") || continue
        for verb; do
            if [ "$does" = "$verb" ]; then echo "$pid"; fi
        done
    done
}

# Asks processes with these verbs to end, and waits until they have.
end() {
    for pid in $(processes "$@"); do
        kill -TERM "$pid" 2>/dev/null || continue
        waited=0
        while [ -d "/proc/$pid" ] && [ $waited -lt 200 ]; do sleep 0.1; waited=$((waited + 1)); done
        [ ! -d "/proc/$pid" ] || say "process $pid ($*) does not end; end it by hand"
    done
}

# serve_with COMMAND...: has the program that is installed now take over from whichever runs, without a reader noticing. COMMAND starts or
# restarts the unit named behind it. A service that nobody started as a unit is left to who started it.
serve_with() {
    if leave_to_node; then
        say "its pod refuses to go on beside this package: remove one of the two"
        say "to have the package's daemon after procfs node uninstall: systemctl enable --now procfs"
        return 0
    fi
    for unit in procfs.service procfs-keeper.service; do
        if grep -qs "^ExecStart=$program " $own_units/$unit; then
            say "$own_units/$unit counts, which is not the package's: without it (rm, then systemctl daemon-reload) the package's does"
        fi
    done
    for unit in $own_units/procfs.service.unused $own_units/procfs-keeper.service.unused; do
        [ ! -e "$unit" ] || say "$unit was set aside when the program was removed, and does not count: bring its lines back by systemctl edit, or remove it"
    done
    for pid in $(processes supervise lxcfs); do kill -USR1 "$pid" 2>/dev/null || true; done
    others=$(processes supervise lxcfs serve)
    if ! has_systemd; then
        [ -n "$others" ] || say "no systemd is running here: have your init system run procfs supervise"
        return 0
    fi
    systemctl daemon-reload || true
    if [ -n "$others" ] && ! systemctl --quiet is-active procfs.service; then
        say "procfs.service is not started: procfs runs already, without it"
        return 0
    fi
    # A host that cannot be served (no /dev/fuse) has the package all the same.
    "$@" procfs.service || say "the daemon does not start: journalctl -u procfs says why"
}

# Where engines are told of the program: doctor looks at the same (EngineFiles.Patterns in its sources, NspawnCheck.Directories for the last).
engine_files='
/usr/share/containers/oci/hooks.d/*.json
/etc/containers/oci/hooks.d/*.json
/etc/docker/daemon.json
/etc/containerd/config.toml
/etc/containerd/conf.d/*.toml
/var/lib/rancher/k3s/agent/etc/containerd/config.toml
/var/lib/rancher/k3s/agent/etc/containerd/config.toml.tmpl
/var/lib/rancher/k3s/agent/etc/containerd/config-v3.toml.tmpl
/var/lib/rancher/k3s/agent/etc/containerd/config.toml.d/*.toml
/var/lib/rancher/k3s/agent/etc/containerd/config-v3.toml.d/*.toml
/var/lib/rancher/rke2/agent/etc/containerd/config.toml
/var/lib/rancher/rke2/agent/etc/containerd/config.toml.tmpl
/var/lib/rancher/rke2/agent/etc/containerd/config-v3.toml.tmpl
/var/lib/rancher/rke2/agent/etc/containerd/config.toml.d/*.toml
/var/lib/rancher/rke2/agent/etc/containerd/config-v3.toml.d/*.toml
/etc/k0s/containerd.toml
/etc/k0s/containerd.d/*.toml
/var/snap/microk8s/current/args/containerd-template.toml
/usr/share/lxc/config/common.conf.d/*.conf
'
machine_files='
/etc/systemd/nspawn/*.nspawn
/run/systemd/nspawn/*.nspawn
/var/lib/machines/*.nspawn
'

# No engine may be told of a program that is gone: LXC would start no container, podman passes the hook over. These files have our names and nothing
# else in them.
remove_hooks() {
    for hook in /usr/share/containers/oci/hooks.d/50-procfs.json /usr/share/containers/oci/hooks.d/50-procfs-opt-in.json \
                /etc/containers/oci/hooks.d/50-procfs.json /etc/containers/oci/hooks.d/50-procfs-opt-in.json \
                /usr/share/lxc/config/common.conf.d/20-procfs.conf; do
        if [ -f "$hook" ] || [ -L "$hook" ]; then
            rm -f "$hook"
            say "took the hook $hook away"
        fi
    done
    for config in $engine_files; do
        if grep -qs "$program" "$config"; then
            say "$config still names $program: take it out and reload the engine, whose containers may not start or end without it"
        fi
    done
    for config in $machine_files; do
        if grep -qs "^[^#;]*$mount/" "$config"; then
            say "$config still binds files of $mount: systemd-nspawn will not start that machine; take these lines out"
        fi
    done
}

# All containers see the kernel's own files from now on; nothing is mounted any more.
stop_for_good() {
    leave_to_node && return 0
    remove_hooks
    # First, while somebody answers: the daemon's own goodbye gives this five seconds, which many containers on a busy machine exceed.
    # shellcheck disable=SC2086 # words
    timeout 120 "$program" detach --all $quiet || say "some containers may be left with dead files: those above, or restart them"
    if has_systemd; then systemctl stop procfs.service || true; fi
    end supervise lxcfs
    end serve
    # shellcheck disable=SC2086 # words
    timeout 60 "$program" serve --unmount $quiet >/dev/null || say "the mount may be left: umount -l $mount"
}

# Units by hand that run the program would be started for ever, ten times a second. They may have lines of an administrator, and are kept.
set_units_aside() {
    for unit in procfs.service procfs-keeper.service; do
        file=$own_units/$unit
        grep -qs "^ExecStart=$program " "$file" || continue
        mv --backup=numbered "$file" "$file.unused"
        say "$file runs $program, which is gone: it is $file.unused now"
    done
}

# After the files of the package: with its unit gone, the keeper is not started again. Asked to stop, it would refuse.
end_keeper() {
    is_nodes && return 0
    set_units_aside
    if has_systemd; then
        systemctl daemon-reload || true
        systemctl kill procfs-keeper.service 2>/dev/null || true
    fi
    end keep
    if has_systemd; then systemctl reset-failed procfs.service procfs-keeper.service 2>/dev/null || true; fi
}

# What the daemon left on disk. Not through a mount that would not go.
remove_state() {
    is_nodes && return 0
    if grep -q ' /run/procfs/' /proc/self/mountinfo; then
        say "something is mounted below /run/procfs: it is left as it is"
    else
        rm -rf --one-file-system /run/procfs
    fi
    rmdir /var/lib/procfs 2>/dev/null || true
}
