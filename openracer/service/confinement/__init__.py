"""A stranger's code in a cage that the kernel keeps shut: files, system calls, user, limits, environment.

The console's process asks :mod:`.door` for the command of a process that runs user code. That process begins in
:mod:`.enter`, which shuts the doors one after the other, each a module here, and only then imports anything that will
touch user code:

1. :mod:`.limits` — memory, processor time, sizes and numbers of files;
2. :mod:`.user` — another user than the console's, where that is root;
3. :mod:`.landlock` — which files it may read and write;
4. :mod:`.seccomp` — which system calls it may make.

:mod:`.layers` tells which of them this system has. None can be undone from inside.
"""
