# Sets a trigger on a pressure file and tells what comes: pressure.py FILE TEXT poll|select|epoll|edge
import errno, os, select, sys

file, text, how = sys.argv[1:]
fd = os.open(file, os.O_RDWR | os.O_NONBLOCK)
os.write(fd, text.encode())
print("armed", flush=True)

if how == "poll":
    poll = select.poll()
    poll.register(fd, select.POLLPRI)
    wait = lambda: poll.poll()[0][1]
elif how == "select":
    wait = lambda: 2 if select.select([], [], [fd])[2] else 0
else:
    epoll = select.epoll()
    epoll.register(fd, select.EPOLLPRI | (select.EPOLLET if how == "edge" else 0))
    wait = lambda: epoll.poll()[0][1]

while True:
    events = wait()
    try:
        os.write(fd, text.encode())
        second = "taken"
    except OSError as error:
        second = errno.errorcode[error.errno]
    print("event", hex(events), second, os.pread(fd, 4096, 0).decode().split()[0] if not events & 8 else "", flush=True)
    if events & 8:
        break
