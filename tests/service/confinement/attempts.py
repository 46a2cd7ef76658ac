"""Attempts to get out of the confinement, as lines of a reward function's body.

Each returns 1.0 if it got what it wanted and otherwise lets the error through. Names in braces are filled in by the
tests: paths of what belongs to others, numbers of processes, ports.
"""

_C = "import ctypes; c = ctypes.CDLL(None, use_errno=True)"
_ASK = "def need(result):\n  if result < 0: raise OSError(ctypes.get_errno(), 'refused')\n  return result"

READING = {
    "open": "open({secret!r}).read()",
    "os.open": "import os; os.read(os.open({secret!r}, 0), 99)",
    "io.FileIO": "import io; io.FileIO({secret!r}).read()",
    "_io through builtins": "__import__('_io').open({secret!r}).read()",
    "builtins out of a dictionary": "__builtins__['open']({secret!r}).read()",
    "pathlib": "import pathlib; pathlib.Path({secret!r}).read_text()",
    "codecs": "import codecs; codecs.open({secret!r}).read()",
    "fileinput": "import fileinput; list(fileinput.input({secret!r}))",
    "numpy.fromfile": "import numpy; numpy.fromfile({secret!r}, dtype='u1')",
    "numpy.loadtxt": "import numpy; numpy.loadtxt({secret!r}, dtype=str)",
    "numpy.genfromtxt": "import numpy; numpy.genfromtxt({secret!r}, dtype=str)",
    "numpy.memmap": "import numpy; numpy.memmap({secret!r}, mode='r')",
    "numpy.load of a pickle": "import numpy; numpy.load({secret!r}, allow_pickle=True)",
    "numpy.DataSource": "import numpy; numpy.lib.npyio.DataSource().open({secret!r})",
    "numpy's ctypes": "import numpy; need = numpy.ctypeslib.ctypes.CDLL(None).open({secret!r}.encode(), 0)\n"
    "if need < 0: raise OSError('refused')",
    "scipy.io": "import scipy.io; scipy.io.loadmat({secret!r}, appendmat=False)",
    "scipy's wave reader": "import scipy.io.wavfile; scipy.io.wavfile.read({secret!r})",
    "mmap": "import mmap, os; mmap.mmap(os.open({secret!r}, 0), 0, prot=1)",
    "the C library's open": _C + "\n" + _ASK + "\nneed(c.open({secret!r}.encode(), 0))",
    "a bare system call": _C + "\n" + _ASK + "\nneed(c.syscall({openat}, -100, {secret!r}.encode(), 0, 0))",
    "openat2": _C + "\n" + _ASK + "\nhow = (ctypes.c_uint64 * 3)()\n"
    "need(c.syscall(437, -100, {secret!r}.encode(), how, 24))",
    "a module's loader": "import importlib.machinery as m; m.SourceFileLoader('x', {secret!r}).get_data({secret!r})",
    "runpy": "import runpy; runpy.run_path({secret!r})",
    "sqlite3": "import sqlite3; sqlite3.connect('file:' + {database!r} + '?mode=ro', uri=True).execute("
    "'select * from sqlite_master')",
    "zipfile": "import zipfile; zipfile.ZipFile({secret!r})",
    "shutil": "import shutil; shutil.copy({secret!r}, {model!r})",
    "sendfile": "import os; os.sendfile(1, os.open({secret!r}, 0), 0, 99)",
    "random's own os": "import random; random._os.read(random._os.open({secret!r}, 0), 9)",
    "subclasses of object": "loader = [k for k in ().__class__.__base__.__subclasses__() if k.__name__ == 'FileLoader'][0]"
    "\nloader('x', {secret!r}).get_data({secret!r})",
    "globals of a function": "import random\nrandom.Random.seed.__globals__['_os'].open({secret!r}, 0)",
    "the garbage collector": "import gc\nos = [m for m in gc.get_objects() if getattr(m, '__name__', '') == 'posix'][0]"
    "\nos.open({secret!r}, 0)",
    "frames of the caller": "import sys\nf = sys._getframe()\nwhile 'os' not in f.f_globals: f = f.f_back\n"
    "f.f_globals['os'].open({secret!r}, 0)",
    "frames of an error": "try: 1 / 0\nexcept Exception as e: f = e.__traceback__.tb_frame\n"
    "while 'os' not in f.f_globals: f = f.f_back\nf.f_globals['os'].open({secret!r}, 0)",
    "modules of sys": "import sys; sys.modules['posix'].open({secret!r}, 0)",
    "eval": "eval('open(' + repr({secret!r}) + ').read()')",
    "exec": "exec('open(' + repr({secret!r}) + ').read()', dict())",
    "a code object": "import types\ntypes.FunctionType(compile('open(' + repr({secret!r}) + ')', 'x', 'eval'), "
    "dict(__builtins__=__builtins__))()",
    "pickle": "import pickle\npickle.loads(b'cposix\\nopen\\n(V' + {secret!r}.encode() + b'\\nI0\\ntR.')",
    "an import hook": "import sys\nsys.path.insert(0, {others!r})\nimport stolen",
    "symbolic link": "import os; os.symlink({secret!r}, {model!r} + '/link'); open({model!r} + '/link').read()",
    "hard link": "import os; os.link({secret!r}, {model!r} + '/hard'); open({model!r} + '/hard').read()",
    "a path that goes up": "import os; open({model!r} + '/../' + os.path.relpath({secret!r}, os.path.dirname({model!r})))",
    "the root of proc": "open('/proc/self/root' + {secret!r}).read()",
    "a change of folder": "import os; os.chdir({others!r}); open('secret.txt').read()",
    "the console's token": "open({token!r}).read()",
    "the console's environment": "open('/proc/{parent}/environ', 'rb').read()",
    "the console's memory": "open('/proc/{parent}/mem', 'rb').read(9)",
    "the console's folder": "import os; os.listdir('/proc/{parent}/cwd')",
    "the console's open files": "import os; os.listdir('/proc/{parent}/fd')",
    "tokens in the environment": "import os\nfound = [v for k, v in os.environ.items() if 'TOKEN' in k or 'AWS' in k or "
    "'DATABASE' in k]\nif not found: raise KeyError('TOKEN')",
    "tokens in the C environment": _C + "\nc.getenv.restype = ctypes.c_char_p\n"
    "if c.getenv(b'OPENRACER_TOKEN') is None: raise KeyError('TOKEN')",
    "others' models": "import os; os.listdir({others!r})",
    "all people": "import os; list(os.scandir({people!r}))",
    "glob": "import glob\nif not glob.glob({people!r} + '/*'): raise OSError('nothing to be seen')",
    "passwords of the machine": "open('/etc/shadow').read()",
    "names of the machine's users": "open('/etc/passwd').read()",
    "a file's handle": _C + "\n" + _ASK + "\nneed(c.name_to_handle_at(-100, {secret!r}.encode(), b'\\0' * 200, "
    "ctypes.byref(ctypes.c_int()), 0))",
}  # fmt: skip

WRITING = {
    "over others' files": "open({secret!r}, 'w').write('mine')",
    "to others' models": "open({others!r} + '/new', 'w')",
    "a folder at others'": "import os; os.mkdir({others!r} + '/new')",
    "away with others' files": "import os; os.remove({secret!r})",
    "others' models into mine": "import os; os.rename({others!r}, {model!r} + '/theirs')",
    "mine over others' files": "import os; open({model!r} + '/m', 'w').close(); os.replace({model!r} + '/m', {secret!r})",
    "a cut": "import os; os.truncate({secret!r}, 0)",
    "other permissions": "import os; os.chmod({secret!r}, 0o777)",
    "another owner": "import os; os.chown({secret!r}, os.getuid(), -1)",
    "another time": "import os; os.utime({secret!r}, (1, 1))",
    "an attribute": "import os; os.setxattr({secret!r}, 'user.x', b'1')",
    "the simulator's code": "open({package!r} + '/planted.py', 'w')",
    "the simulator's compiled kernels": "import os; open(os.environ['NUMBA_CACHE_DIR'] + '/planted', 'w')",
    "numpy.tofile": "import numpy; numpy.ones(3).tofile({others!r} + '/new')",
    "numpy.save": "import numpy; numpy.save({others!r} + '/new', numpy.ones(3))",
    "temporary files of all": "import tempfile; tempfile.NamedTemporaryFile(dir='/tmp')",
    "shared memory of all": "open('/dev/shm/openracer-planted', 'w')",
    "a shared memory block": "from multiprocessing import shared_memory as s; s.SharedMemory('planted', True, 99)",
    "a pipe with a name": "import os; os.mkfifo({model!r} + '/pipe')",
    "a device": "import os; os.mknod({model!r} + '/disk', 0o060666, os.makedev(8, 0))",
    "the machine's devices": "open('/dev/full', 'rb')",
    "a race with a folder": "import os, threading\nos.makedirs({model!r} + '/a', exist_ok=True)\n"
    "def swap():\n  for _ in range(300):\n    try: os.rename({model!r} + '/a', {model!r} + '/b'); "
    "os.rename({model!r} + '/b', {model!r} + '/a')\n    except OSError: pass\n"
    "t = threading.Thread(target=swap); t.start()\n"
    "try:\n  for _ in range(300):\n    try: open({model!r} + '/a/../../' + 'model-of-all-{parent}', 'w'); break\n"
    "    except OSError as e: told = e\n  else: raise told\nfinally: t.join()",
}  # fmt: skip

PROCESSES = {
    "fork": "import os; os.fork()",
    "subprocess": "import subprocess; subprocess.run(['/bin/true'], check=True)",
    "os.system": "import os\nif os.system('true') != 0: raise OSError('refused')",
    "os.popen": "import os; os.popen('true').read()",
    "exec": "import os; os.execv('/bin/true', ['true'])",
    "posix_spawn": "import os; os.posix_spawn('/bin/true', ['true'], dict())",
    "multiprocessing": "import multiprocessing as m; p = m.get_context('fork').Process(target=print); p.start()",
    "a terminal": "import pty; pty.fork()",
    "the C library's fork": _C + "\n" + _ASK + "\nneed(c.fork())",
    "a signal to the parent": "import os; os.kill({parent}, 10)",
    "an end of the parent": "import os; os.kill({parent}, 9)",
    "a signal to a neighbour": "import os; os.kill({victim}, 9)",
    "a signal to all": "import os; os.kill(-1, 10)",
    "a signal to the group": "import os; os.killpg(os.getpgid({parent}), 10)",
    "a signal by descriptor": "import os, signal; signal.pidfd_send_signal(os.pidfd_open({victim}), 9)",
    "a signal by tkill": _C + "\n" + _ASK + "\nneed(c.syscall({tkill}, {victim}, 9))",
    "a signal by a descriptor's owner": "import fcntl; fcntl.fcntl(0, fcntl.F_SETOWN, {victim})",
    "a debugger": _C + "\n" + _ASK + "\nneed(c.ptrace(16, {victim}, None, None))",
    "a look into memory": _C + "\n" + _ASK + "\nb = ctypes.create_string_buffer(8)\n"
    "v = (ctypes.c_size_t * 2)(ctypes.addressof(b), 8)\nneed(c.process_vm_readv({victim}, v, 1, v, 1, 0))",
    "the neighbour's pace": "import os; os.setpriority(os.PRIO_PROCESS, {victim}, 19)",
    "the neighbour's cores": "import os; os.sched_setaffinity({victim}, [0])",
    "the neighbour's limits": "import resource; resource.prlimit({victim}, resource.RLIMIT_NOFILE, (3, 3))",
    "more than the own limits": "import resource; resource.setrlimit(resource.RLIMIT_DATA, (-1, -1))",
    "root again": "import os; os.setuid(0)\nif os.getuid() == 0: open({secret!r})",
    "root of another tree": "import os; os.chroot({model!r})",
    "a namespace": "import ctypes\n" + _C + "\n" + _ASK + "\nneed(c.unshare(0x10000000))",
    "a mount": _C + "\n" + _ASK + "\nneed(c.mount(b'none', {model!r}.encode(), b'tmpfs', 0, None))",
    "the kernel's keys": _C + "\n" + _ASK + "\nneed(c.syscall({add_key}, b'user', b'x', b'y', 1, -3))",
    "a program for the kernel": _C + "\n" + _ASK + "\nneed(c.syscall({bpf}, 0, b'\\0' * 64, 64))",
    "counters of the processor": _C + "\n" + _ASK + "\nneed(c.syscall({perf}, b'\\0' * 128, 0, -1, -1, 0))",
    "faults of memory": _C + "\n" + _ASK + "\nneed(c.syscall({userfaultfd}, 1))",
    "memory as a file": "import os; os.memfd_create('x')",
    "memory of System V": _C + "\n" + _ASK + "\nneed(c.shmget(0, 4096, 0o1666))",
    "the clock": "import time; time.clock_settime(time.CLOCK_REALTIME, 0)",
    "the machine's name": "import socket; socket.sethostname('mine')",
}  # fmt: skip

NETWORK = {
    "a TCP connection": "import socket; socket.create_connection(('127.0.0.1', {port}), 2)",
    "a listener": "import socket; socket.socket().bind(('127.0.0.1', 0))",
    "a datagram": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))",
    "a raw socket": "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    "a packet socket": "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "a netlink socket": "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "a socket with a name": "import socket; socket.socket(socket.AF_UNIX).connect({unix!r})",
    "an abstract socket": "import socket; socket.socket(socket.AF_UNIX).connect(chr(0) + {abstract!r})",
    "a pair of sockets": "import socket; socket.socketpair()",
    "urllib": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}/', timeout=2)",
    "asyncio": "import asyncio; asyncio.run(asyncio.open_connection('127.0.0.1', {port}))",
    "a name to look up": "import socket; socket.getaddrinfo('example.org', 80)",
    "the C library's socket": _C + "\n" + _ASK + "\nneed(c.socket(2, 1, 0))",
    "io_uring": _C + "\n" + _ASK + "\nneed(c.syscall(425, 4, b'\\0' * 120))",
}  # fmt: skip

ENDING = {
    "a list that grows": "x = [1]\nwhile True: x = x + x",
    "a large array": "import numpy; numpy.ones((1 << 36,)) + 1",
    "memory past Python": _C + "\nc.malloc.restype = ctypes.c_void_p\nwhile True:\n  p = c.malloc(1 << 24)\n"
    "  if not p: raise MemoryError('refused')\n  ctypes.memset(p, 1, 1 << 24)",
    "threads without end": "import threading\ndef wait(): threading.Event().wait()\n"
    "while True: threading.Thread(target=wait, daemon=True).start()",
    "files without end": "f = []\nwhile True: f.append(open('/dev/null'))",
    "a file without end": "import os\nwith open({model!r} + '/big', 'wb') as f: os.ftruncate(f.fileno(), 1 << 60)",
    "endless recursion": "import sys; sys.setrecursionlimit(10**9)\ndef f(n): return f(n + 1)\nf(0)",
    "a crash": _C + "\nctypes.string_at(0)",
    "an abort": "import os; os.abort()",
    "a silent end": "import os; os._exit(0)",
    "a call of a 32-bit program": "import ctypes, mmap\nm = mmap.mmap(-1, 4096, prot=7)\n"
    "m.write(bytes.fromhex('b814000000cd80c3'))\n"
    "ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()",
    "a loop without end": "while True: pass",
    "a loop that no signal ends": "import signal\nfor s in range(1, 65):\n  try: signal.signal(s, signal.SIG_IGN)\n"
    "  except (OSError, ValueError): pass\nwhile True: pass",
    "a sleep": "import time; time.sleep(1e6)",
}  # fmt: skip
"""Those that may take their process with them; each has one of its own."""


def source(body: str, names: dict[str, object]) -> str:
    """An attempt as a reward function."""
    lines = body.format(**names).splitlines()
    return "\n".join(
        ["def reward_function(params):", *("    " + line for line in lines), "    return 1.0", ""]
    )
