# What becomes of an output that was there before, of a link to one, and of one
# that the user may not write. Root may do anything, so it gives that up first.

import os
import resource
import subprocess
import sys

opt, translate, folder = sys.argv[1:]
os.umask(0o022)
good, bad = (os.path.join(folder, name) for name in ("good.mlir", "bad.mlir"))
before = sorted(os.listdir(folder))


def become_nobody():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


def run(expected, *command, **options):
    result = subprocess.run(command, stderr=subprocess.PIPE, text=True, **options)
    assert result.returncode == expected, (command, result)
    return result.stderr


def read(path):
    with open(path) as file:
        return file.read()


def check(tool):
    out = os.path.join(folder, "out")
    run(0, *tool, good, "-o", out)
    written = read(out)
    os.chmod(out, 0o640)

    # A program that is refused leaves the output as it was.
    run(1, *tool, bad, "-o", out)
    assert read(out) == written

    # So does a file system without room: a limit on sizes stands in for it.
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    assert "File too large" in run(1, *tool, good, "-o", out, preexec_fn=limit)
    assert read(out) == written

    # A link stays a link, and a file keeps its mode.
    link = os.path.join(folder, "link")
    os.symlink(out, link)
    run(0, *tool, good, "-o", link)
    assert os.path.islink(link) and os.stat(out).st_mode & 0o777 == 0o640

    # What may not be read or written is refused.
    os.chmod(folder, 0o755)
    os.chmod(out, 0o444)
    run_as_nobody = {"preexec_fn": become_nobody, "cwd": "/"}
    assert "Permission denied" in run(1, *tool, good, "-o", out, **run_as_nobody)
    os.chmod(folder, 0o555)
    new = os.path.join(folder, "new")
    assert "Permission denied" in run(1, *tool, good, "-o", new, **run_as_nobody)
    os.chmod(out, 0o000)
    assert "Permission denied" in run(1, *tool, out, **run_as_nobody, stdout=subprocess.DEVNULL)
    os.chmod(folder, 0o755)
    os.remove(link)
    os.remove(out)


check([opt])
check([translate, "--xcs-to-schedule"])
assert sorted(os.listdir(folder)) == before
