"""Reads every served file again and again, in every way that programs do, and checks each text.

Prints "ready" when each file was read once, and when told to end (SIGTERM) one line of JSON: what was read and what was wrong.
Knows the files by their documentation alone. A text must have its form, be of one moment, and not be behind an earlier one.
"""
import argparse, errno, json, os, random, re, signal, sys, threading, time

FILES = ['proc/stat', 'proc/meminfo', 'proc/uptime', 'proc/cpuinfo', 'proc/diskstats', 'proc/swaps'] + \
        [f'sys/devices/system/cpu/{name}' for name in ('online', 'possible', 'present', 'offline')]

options = argparse.ArgumentParser()
options.add_argument('--root', default='/', help='where proc and sys are')
options.add_argument('--own', default='', help='comma separated: files that show the kernel\'s own text, which keeps fewer promises')
options.add_argument('--capacity', type=float, default=0, help='CPU seconds per second of this container: busy and idle time must grow by that')
options.add_argument('--steps', action='store_true', help='the clock is being set: btime may change')
options.add_argument('--hang', type=float, default=20, help='seconds after which a call counts as hung')
options.add_argument('--pause', type=float, default=2, help='milliseconds between two texts, at most')
options.add_argument('--life', type=float, default=900, help='seconds after which to end without being told')
options = options.parse_args()
own = set(options.own.split(',')) if options.own != 'all' else set(FILES)


class Wrong(Exception):
    """The text is not what it must be."""


class Fall(Wrong):
    """A number is smaller than before."""


def demand(holds, *why):
    if not holds:
        raise Wrong(' '.join(str(w) for w in why))


class Findings:
    """How often, and the first two of each file in full."""

    def __init__(self):
        self.count, self.first = 0, []

    def add(self, file, what, text=None):
        self.count += 1
        if sum(finding['file'] == file for finding in self.first) < 2:
            self.first.append({'file': file, 'what': what, 'text': text})


failed, corrupt, falls, hung = Findings(), Findings(), Findings(), Findings()
calls = texts = 0
stalls = {}
current = None                                  # (file, call, since) of the call that is being waited for


def call(file, name, function, *arguments):
    """One system call, timed and watched."""
    global calls, current
    begin = time.monotonic()
    current = (file, name, begin)
    try:
        return function(*arguments)
    finally:
        current = None
        calls += 1
        took = (time.monotonic() - begin) * 1000
        if took > stalls.get(name, (0, ''))[0]:
            stalls[name] = (took, file)


# --- what is known from one text to the next ------------------------------------------------------

class Memory:
    """What earlier texts of one file said."""

    def __init__(self):
        self.last, self.updates, self.constant, self.offsets = {}, 0, {}, {}

    def moment(self):
        """What is known now; to be given to never_falls by a text that takes its time."""
        return dict(self.last), self.updates

    def never_falls(self, values, since):
        """Not behind what was known at that moment (None: now), and not ahead of a text that was made after it."""
        known, updates = since or (self.last, self.updates)
        for key, value in values.items():
            if value < known.get(key, value):
                raise Fall(f'{key} fell from {known[key]} to {value}')
            if updates != self.updates and value > self.last.get(key, value):
                raise Fall(f'{key} was {value}, and {self.last[key]} in a later text')
        if updates == self.updates:
            self.last.update(values)
            self.updates += 1

    def stays(self, key, value):
        demand(self.constant.setdefault(key, value) == value, key, 'was', repr(self.constant[key]), 'and is', repr(value))

    def stays_between(self, key, low, high):
        """A constant that each text tells within bounds: the bounds of all texts must have something in common."""
        known = self.offsets.get(key, (low, high))
        demand(low <= known[1] and high >= known[0], key, f'is between {low:.3f} and {high:.3f}, and was between {known[0]:.3f} and {known[1]:.3f}')
        self.offsets[key] = (max(low, known[0]), min(high, known[1]))


memories = {file: Memory() for file in FILES}
machine = Memory()


def lines_of(text, pattern):
    lines = text.split('\n')[:-1]
    for line in lines:
        demand(re.fullmatch(pattern, line), 'form of the line', repr(line))
    return lines


# --- the files ------------------------------------------------------------------------------------

CPU_LINE = re.compile(r'cpu(\d*) +(\d+(?: \d+){9})')
COLUMNS = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal', 'guest', 'guest_nice']


def stat(text, memory, is_own, since, begin, end):
    lines = lines_of(text, r'cpu  \d+( \d+){9}|cpu\d+( \d+){10}|[a-z_]+( \d+)+')
    cpus, rest = [], {}
    for line in lines:
        match = CPU_LINE.fullmatch(line)
        if match:
            demand(not rest, 'a CPU line after the others')
            cpus.append((match[1], [int(n) for n in match[2].split()]))
        else:
            key, *values = line.split()
            demand(key not in rest, 'twice', key)
            rest[key] = [int(v) for v in values]
    demand(cpus and cpus[0][0] == '' and len(cpus) > 1, 'no CPU lines')
    for key in ('intr', 'ctxt', 'btime', 'processes', 'procs_running', 'procs_blocked', 'softirq'):
        demand(key in rest, 'no line', key)
    (_, total), single = cpus[0], cpus[1:]
    memory.stays('keys', ' '.join(rest))
    machine.stays('CPUs', len(single))
    if not options.steps:
        memory.stays('btime', rest['btime'])
    columns = COLUMNS[:3]
    if not is_own:
        demand([name for name, _ in single] == [str(n) for n in range(len(single))], 'numbers of the CPUs')
        for column, name in enumerate(COLUMNS):
            over = total[column] - sum(values[column] for _, values in single)
            demand(0 <= over < len(single), name, f'is {total[column]}, {over} more than the sum of the CPUs')
        demand(rest['procs_running'][0] >= 1, 'no thread runs, not even the reader')
        columns = COLUMNS
        if options.capacity:
            # Four columns, each cut to a tick.
            memory.stays_between('start by busy and idle time',
                                 begin - (sum(total) + 4) / 100 / options.capacity - 0.01, end - sum(total) / 100 / options.capacity + 0.01)
    values = {(f'cpu{cpu}', name): numbers[COLUMNS.index(name)] for cpu, numbers in cpus for name in columns}
    memory.never_falls({**values, 'processes': rest['processes'][0]}, since)


def meminfo(text, memory, is_own, since, begin, end):
    lines = lines_of(text, r'(?!HugePages_)[A-Za-z0-9_()]+: +\d+ kB|HugePages_\w+: +\d+')
    values = {line.split(':')[0]: int(line.split(':')[1].split()[0]) for line in lines}
    demand(len(values) == len(lines), 'a key twice')
    demand(lines and lines[0].startswith('MemTotal:'), 'the first line', lines[:1])
    memory.stays('keys', ' '.join(values))
    for key in ('MemTotal', 'SwapTotal', 'VmallocTotal', 'Hugepagesize', 'HugePages_Total'):
        memory.stays(key, values.get(key))
    demand(0 < values['MemTotal'], 'MemTotal 0')
    demand(values['SwapFree'] <= values['SwapTotal'], 'SwapFree above SwapTotal')
    demand(values['MemFree'] <= values['MemTotal'], 'MemFree above MemTotal')
    demand(values['MemAvailable'] <= values['MemTotal'], 'MemAvailable above MemTotal')
    if is_own:
        return
    demand(values['MemFree'] <= values['MemAvailable'], 'MemFree above MemAvailable')
    demand(values.get('HugePages_Free', 0) <= values.get('HugePages_Total', 0), 'HugePages_Free above HugePages_Total')
    memory.stays('CommitLimit', values['CommitLimit'])
    # Bytes are added, then converted: the sum may be one more than its converted parts.
    for whole, parts in (('Active', ('Active(anon)', 'Active(file)')), ('Inactive', ('Inactive(anon)', 'Inactive(file)')), ('Slab', ('SReclaimable', 'SUnreclaim'))):
        demand(values[whole] - sum(values[part] for part in parts) in (0, 1), whole, values[whole], 'is not the sum of', parts)
    demand(values.get('KReclaimable', values['SReclaimable']) == values['SReclaimable'], 'KReclaimable is not SReclaimable')
    for key in ('Buffers', 'Mlocked', 'Committed_AS', 'Bounce', 'HugePages_Rsvd', 'DirectMap4k', 'DirectMap2M'):
        demand(values.get(key, 0) == 0, key, 'is the host\'s')


def uptime(text, memory, is_own, since, begin, end):
    lines_of(text, r'\d+\.\d\d \d+\.\d\d')
    up, idle = (round(float(word) * 100) for word in text.split())
    memory.stays_between('start by uptime', begin - up / 100 - 0.02, end - up / 100 + 0.01)
    memory.never_falls({'uptime': up} if is_own else {'uptime': up, 'idle': idle}, since)


def cpuinfo(text, memory, is_own, since, begin, end):
    numbers = [line.split(':')[1].strip() for line in lines_of(text, r'[^\t:][^:]*:( .*)?|') if re.match(r'processor\t', line)]
    machine.stays('CPUs', len(numbers))
    if not is_own:
        demand(numbers == [str(n) for n in range(len(numbers))], 'numbers of the processors', numbers)
        memory.stays('text', text)


def diskstats(text, memory, is_own, since, begin, end):
    devices = {}
    for line in lines_of(text, r' *\d+ +\d+ \S+( \d+){11,}'):
        _, _, name, *numbers = line.split()
        demand(name not in devices, 'twice', name)
        devices[name] = [int(n) for n in numbers]
    if not is_own:
        # The ninth is what is in flight.
        memory.never_falls({(name, i): n for name, numbers in devices.items() for i, n in enumerate(numbers) if i != 8}, since)


def swaps(text, memory, is_own, since, begin, end):
    lines = lines_of(text, r'Filename\t+Type\t+Size\t+Used\t+Priority|\S+ +\w+\t+\d+\t+\d+\t+-?\d+')
    demand(lines and lines[0].startswith('Filename') and not any(l.startswith('Filename') for l in lines[1:]), 'the header')
    for line in lines[1:]:
        size, used = line.split()[2:4]
        demand(int(used) <= int(size), 'more used than there is')
    memory.stays('areas', [line.split()[0:3] for line in lines])


def cpu_list(text, memory, is_own, since, begin, end):
    lines = lines_of(text, r'(\d+(-\d+)?(,\d+(-\d+)?)*)?')
    demand(len(lines) == 1, 'not one line')
    memory.stays('text', text)


def online(text, memory, is_own, since, begin, end):
    cpu_list(text, memory, is_own, since, begin, end)
    ends = [[int(n) for n in part.split('-')] for part in text.strip().split(',')]
    machine.stays('CPUs', sum(e[-1] - e[0] + 1 for e in ends))


CHECKS = {'stat': stat, 'meminfo': meminfo, 'uptime': uptime, 'cpuinfo': cpuinfo, 'diskstats': diskstats, 'swaps': swaps, 'online': online}


def check(file, data, begin, end, since=None):
    """A complete text, which was made between begin and end."""
    global texts
    texts += 1
    text = data.decode('latin-1')
    try:
        demand('\0' not in text, 'a NUL')
        demand(text == '' or text.endswith('\n'), 'the end is missing')
        CHECKS.get(os.path.basename(file), cpu_list)(text, memories[file], file in own, since, begin, end)
    except Fall as fall:
        falls.add(file, str(fall), text[:8000])
    except (Wrong, LookupError, ValueError) as wrong:
        corrupt.add(file, f'{type(wrong).__name__}: {wrong}', text[:8000])


# --- ways to read ---------------------------------------------------------------------------------

def now():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def path_of(file):
    return os.path.join(options.root, file)


def sizes():
    """Buffer sizes for one text: the same each time, or another each time. Single bytes are rare because they take thousands of calls."""
    kind = random.random()
    low, high = (1, 16) if kind < 0.05 else (17, 700) if kind < 0.4 else (701, 65536)
    fixed = random.randint(low, high) if random.random() < 0.5 else 0
    while True:
        yield fixed or random.randint(low, high)


def to_the_end(file, fd, name):
    """Reads from the start to the end, by read or by pread, and checks."""
    data, begin, made = b'', now(), None
    for size in sizes():
        part = call(file, name, os.read, fd, size) if name == 'read' else call(file, name, os.pread, fd, size, len(data))
        made = made or now()
        if not part:
            break
        data += part
        if len(part) < size and call(file, name, os.pread, fd, 1, len(data)):
            corrupt.add(file, f'a short read in the middle: {len(part)} of {size} bytes', data.decode('latin-1'))
            return data
    check(file, data, begin, made)
    return data


def fresh(file):
    """Opens, reads to the end, closes."""
    fd = call(file, 'open', os.open, path_of(file), os.O_RDONLY)
    try:
        to_the_end(file, fd, 'read')
    finally:
        call(file, 'close', os.close, fd)


def positioned(file):
    """By pread; then some of it again, which must be the same text."""
    fd = call(file, 'open', os.open, path_of(file), os.O_RDONLY)
    try:
        data = to_the_end(file, fd, 'pread')
        for _ in range(3 if len(data) > 1 else 0):
            offset, size = random.randint(1, len(data)), random.randint(1, 65536)
            again = call(file, 'pread', os.pread, fd, size, offset)
            if again != data[offset:offset + size]:
                corrupt.add(file, f'another text at {offset} in the same open file: {again!r}', data.decode('latin-1'))
    finally:
        call(file, 'close', os.close, fd)


kept = {}


def again(file):
    """Keeps the file open and goes back to its start, like top."""
    if file not in kept:
        kept[file] = call(file, 'open', os.open, path_of(file), os.O_RDONLY)
    call(file, 'lseek', os.lseek, kept[file], 0, os.SEEK_SET)
    try:
        to_the_end(file, kept[file], 'read')
    except OSError:
        os.close(kept.pop(file))
        raise


class Slow:
    """Takes its time for a text: servers come and go between its pieces."""

    def __init__(self, file):
        self.file, self.fd, self.data, self.begin, self.made, self.since, self.next = file, None, b'', 0, 0, None, 0

    def step(self):
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + random.uniform(0, 0.5)
        try:
            if self.fd is None:
                self.fd = call(self.file, 'open', os.open, path_of(self.file), os.O_RDONLY)
            if not self.data:
                self.begin, self.since = now(), memories[self.file].moment()
            part = call(self.file, 'pread', os.pread, self.fd, random.randint(1, 1500), len(self.data))
            if not self.data:
                self.made = now()
            self.data += part
            if not part:
                check(self.file, self.data, self.begin, self.made, self.since)
                self.data = b''
        except OSError:
            if self.fd is not None:
                os.close(self.fd)
            self.fd, self.data = None, b''
            raise


slow = [Slow(file) for file in FILES[:4]]


def attempt(file, what, *arguments):
    try:
        what(*arguments)
    except OSError as error:
        failed.add(file, f'{errno.errorcode.get(error.errno, error.errno)}: {error.strerror}')
        time.sleep(0.05)


stopping, ready = threading.Event(), threading.Event()


def read_on():
    for file in FILES:
        attempt(file, fresh, file)
    ready.set()
    while not stopping.is_set():
        # The small static files are read less often.
        file = random.choice(FILES if random.random() < 0.3 else FILES[:3])
        attempt(file, random.choice((fresh, fresh, positioned, again)), file)
        text = random.choice(slow)
        attempt(text.file, text.step)
        time.sleep(random.uniform(0, options.pause / 1000))


def watch(end, until):
    """Notes a call that takes too long, once."""
    noted = None
    while time.monotonic() < end and not until():
        waiting = current
        if waiting and waiting is not noted and time.monotonic() - waiting[2] > options.hang:
            hung.add(waiting[0], f'{waiting[1]} waits for more than {options.hang:.0f} s')
            noted = waiting
        time.sleep(0.02)


def main():
    # The reads are made by another thread, so that this one can tell of a read that never ends.
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    reader = threading.Thread(target=read_on, daemon=True)
    reader.start()
    watch(time.monotonic() + options.life, lambda: ready.is_set() or stopping.is_set())
    print('ready', flush=True)
    watch(time.monotonic() + options.life, stopping.is_set)
    stopping.set()
    watch(time.monotonic() + options.hang + 1, lambda: not reader.is_alive())
    if reader.is_alive() and not hung.count:
        hung.add(*(current[:2] if current else ('', 'the reading thread')))
    longest = max(((ms, name, file) for name, (ms, file) in stalls.items()), default=(0, '', ''))
    print(json.dumps({
        'calls': calls, 'texts': texts,
        **{name: {'count': f.count, 'first': f.first} for name, f in (('failed', failed), ('corrupt', corrupt), ('falls', falls), ('hung', hung))},
        'longestMs': round(longest[0], 1), 'longest': f'{longest[1]} {longest[2]}', 'stallsMs': {name: round(ms, 1) for name, (ms, _) in stalls.items()},
    }), flush=True)
    # A thread that hangs in the kernel must not keep the report.
    os._exit(0)


main()
