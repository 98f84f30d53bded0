"""Takes the two descriptors of a running procfs serve, kills that, and hands them to a command as systemd would: whole, or forged.

The command takes this process' place. Without one, this process holds the descriptors, and is a --server to take them from.
Knows of the journal only its name, its seals, that a 32-bit version is its third word, and where it says whether it is mounted.
"""
import argparse, ctypes, fcntl, os, random, re, select, signal, subprocess, sys, tempfile, time

options = argparse.ArgumentParser()
options.add_argument('--server', type=int, required=True)
options.add_argument('--journal', default='whole', choices=['whole', 'mounting', 'version', 'truncated', 'empty', 'rubbish', 'hostile', 'unsealed', 'file', 'none'])
options.add_argument('--device', default='whole', choices=['whole', 'dead', 'none'])
options.add_argument('--spare', action='store_true', help='the server is not killed: it only holds the descriptors')
options.add_argument('--detach', action='store_true', help='the mount is taken off after the kill, and every other of the same connection')
options.add_argument('--earlier', action='store_true', help='the mounts are made as versions without a private mount made them')
options.add_argument('--mount', help='of the server')
options.add_argument('--kills', type=int, default=0, help='so many commands before the last one are killed as they start')
options.add_argument('--within', type=float, default=25, help='milliseconds after their last exec')
options.add_argument('--order', default='device,journal')
options.add_argument('command', nargs='*')
options = options.parse_args()
IS_MOUNTED = 48                                 # where the journal has that flag, 32 bits
SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


def take():
    """Duplicates of the server's descriptors, by pidfd_getfd; then it is killed."""
    libc, server = ctypes.CDLL(None, use_errno=True), os.pidfd_open(options.server)
    taken = {}
    for number in os.listdir(f'/proc/{options.server}/fd'):
        try:
            target = os.readlink(f'/proc/{options.server}/fd/{number}')
        except FileNotFoundError:
            continue                            # the server is busy, and has closed it
        name = 'device' if target == '/dev/fuse' else 'journal' if target.startswith('/memfd:procfs-journal') else None
        if name:
            taken[name] = libc.syscall(438, server, int(number), 0)
            if taken[name] < 0:
                sys.exit(f'pidfd_getfd: {os.strerror(ctypes.get_errno())}')
    if len(taken) != 2:
        sys.exit(f'process {options.server} has no device and journal: {taken}')
    if not options.spare:
        signal.pidfd_send_signal(server, signal.SIGKILL)
        select.select([server], [], [])
    return taken


def copy_of(journal):
    """Another memory file of the same size, with the same first pages."""
    size, copy = os.fstat(journal).st_size, os.memfd_create('procfs-journal', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.truncate(copy, size)
    os.pwrite(copy, os.pread(journal, min(size, 1 << 18), 0), 0)
    return copy


def forged(journal):
    kind = options.journal
    if kind in ('whole', 'none'):
        return journal if kind == 'whole' else None
    if kind == 'mounting':
        # As a server leaves it that ends before it can say that mount(2) has succeeded.
        os.pwrite(journal, bytes(4), IS_MOUNTED)
        return journal
    if kind == 'file':
        with tempfile.TemporaryFile(dir='/dev/shm') as file:
            file.write(os.pread(journal, 1 << 18, 0))
            return os.dup(file.fileno())
    copy, size = copy_of(journal), os.fstat(journal).st_size
    if kind == 'version':
        os.pwrite(copy, (77).to_bytes(4, 'little'), 8)
    elif kind == 'truncated':
        os.truncate(copy, 4096 * 3)
    elif kind == 'empty':
        os.truncate(copy, 0)
    elif kind == 'rubbish':
        os.pwrite(copy, random.randbytes(min(size, 1 << 17)), 0)
    elif kind == 'hostile':
        # The beginning is right; what follows in the page is not.
        os.pwrite(copy, random.randbytes(4096 - 12), 12)
    if kind != 'unsealed':
        fcntl.fcntl(copy, fcntl.F_ADD_SEALS, SEALS)
    return copy


def abort():
    control = '/sys/fs/fuse/connections'
    if not os.listdir(control):
        os.system(f'mount -t fusectl fusectl {control}')
    for line in open('/proc/self/mountinfo'):
        fields = line.split()
        if fields[4] == options.mount:
            with open(f"{control}/{fields[2].split(':')[1]}/abort", 'w') as file:
                file.write('1')


def take_off():
    mounts = [line.split() for line in open('/proc/self/mountinfo')]
    devices = [fields[2] for fields in mounts if fields[4] == options.mount]
    for fields in mounts:
        if fields[2] in devices:
            take_one_off(fields[4])


def mount_as_earlier(device):
    subprocess.run(['umount', '--lazy', options.mount], check=True)
    text = f'fd={device},rootmode=40555,user_id=0,group_id=0,allow_other,default_permissions'
    libc, nosuid_nodev_noexec = ctypes.CDLL(None, use_errno=True), 14
    if libc.mount(b'procfs', options.mount.encode(), b'fuse.procfs', nosuid_nodev_noexec, text.encode()) < 0:
        sys.exit(f'mount: {os.strerror(ctypes.get_errno())}')
    for fields in [line.split() for line in open('/proc/self/mountinfo')]:
        if fields[3] == '/' and fields[fields.index('-') + 1] == 'fuse.procfs' and not fields[4].endswith(options.mount) and fields[2] == device_of(options.mount):
            take_one_off(fields[4])


def take_one_off(escaped):
    # Not checked: where mounts propagate, a copy of it elsewhere has taken it along.
    subprocess.run(['umount', '--lazy', plain(escaped)], stderr=subprocess.DEVNULL, check=False)


def device_of(mount):
    return [fields[2] for fields in map(str.split, open('/proc/self/mountinfo')) if fields[4] == mount][-1]


def plain(path):
    """Without the octal escapes of proc(5)."""
    return re.sub(r'\\([0-7]{3})', lambda octal: chr(int(octal[1], 8)), path)


def become_the_command(descriptors):
    names = [name for name in options.order.split(',') if descriptors[name] is not None]
    # Out of the way first: 3 and 4 may be what they are copied from.
    high = [fcntl.fcntl(descriptors[name], fcntl.F_DUPFD_CLOEXEC, 100) for name in names]
    for i, number in enumerate(high):
        os.dup2(number, 3 + i, inheritable=True)
    os.environ.update(LISTEN_FDS=str(len(names)), LISTEN_FDNAMES=':'.join('procfs-' + name for name in names), LISTEN_PID=str(os.getpid()))
    os.execvp(options.command[0], options.command)


def await_itself_anew(pid):
    """A server starts what mounts for it, and then itself again: only after that it touches what it was given."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        with open(f'/proc/{pid}/environ', 'rb') as file:
            variables = file.read()
        if not variables or b'PROCFS_ATTACHER=' in variables:
            return                              # without any it has ended
        time.sleep(.0005)


def begin_and_kill(descriptors):
    """A command that is killed so early that it is still busy with what its predecessor owed."""
    begun, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        null = os.open('/dev/null', os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        become_the_command(descriptors)
    os.close(write)
    os.read(begun, 1)                           # ends when exec closes the other end
    os.close(begun)
    if random.random() < .75:                   # the others may end before that
        await_itself_anew(pid)
    time.sleep(random.uniform(0, options.within / 1000))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


taken = take()
if options.device == 'dead':
    abort()
if options.earlier:
    mount_as_earlier(taken['device'])
if options.detach:
    take_off()
if not options.command:
    print('holding', flush=True)
    signal.pause()
descriptors = {'device': None if options.device == 'none' else taken['device'], 'journal': forged(taken['journal'])}
for _ in range(options.kills):
    begin_and_kill(descriptors)
become_the_command(descriptors)
