"""Process 1 of a small host of its own, where container engines run with their default paths and leave nothing behind.

Called in new mount, pid, net, uts and ipc namespaces, with /proc mounted. What engines write goes to the directory that is named; the host's
programs and libraries are there, below a layer of their own. Writes /run/stage when it is set, then reaps.
"""
import os, subprocess, sys, time

scratch, program, *unseen = sys.argv[1:]


def mount(*arguments):
    subprocess.run(['mount', *arguments], check=True)


def layered(directory):
    name = directory.strip('/')
    upper, work = f'{scratch}/{name}/upper', f'{scratch}/{name}/work'
    os.makedirs(upper)
    os.makedirs(work)
    mount('-t', 'overlay', 'overlay', '-o', f'lowerdir={directory},upperdir={upper},workdir={work}', directory)


layered('/etc')
layered('/usr')
mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run')
# Not a layer: storage drivers that make layers themselves do not work on one.
os.makedirs(f'{scratch}/var-lib')
mount('--bind', f'{scratch}/var-lib', '/var/lib')
for directory in unseen:
    subprocess.run(['umount', directory], check=True)
with open(program, 'rb') as source, open('/usr/bin/procfs', 'wb') as target:
    target.write(source.read())
os.chmod('/usr/bin/procfs', 0o755)

open('/run/stage', 'w').close()
while True:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED)
    except ChildProcessError:
        time.sleep(0.05)
