"""Live probes of the agent and of what it needs, read from /proc and a few files. Nothing is changed. Disks and load: machine.py.

Same shape of results as network.py. Facts on paths: WALinuxAgent (lease files, unit names), proc(5).
"""

import glob
import os
import re
import time

from collector.commands import NoSuchProgram, execute
from collector.isolate import describe
from collector.machine import answer, read_text

_LEASES = ("/var/lib/dhcp/dhclient*.leases", "/var/lib/dhclient/dhclient-*.lease*", "/var/lib/NetworkManager/*.lease",
           "/run/systemd/netif/leases/*", "/run/NetworkManager/devices/*", "/var/lib/wicked/lease-*", "/var/lib/dhcpcd/*.lease",
           "/run/cloud-init/dhclient.hooks/*.json")
_OPTION_245 = re.compile(r"(?:unknown-245|option-245|OPTION_245|private[-_]245|unknown_245)[\"' :=]*(a?[0-9a-fA-F]{1,2}(?:[:\-]?[0-9a-fA-F]{1,2}){3}"
                         r"|\d{1,3}(?:\.\d{1,3}){3})")
_SECONDS, _MOST = 4.5, 65536
_FABRIC = "168.63.129.16"
_UNITS = ("walinuxagent.service", "waagent.service")
_UNIT_FOLDERS = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
_AGENTS = ("/usr/sbin/waagent", "/usr/bin/waagent", "/usr/share/oem/bin/waagent", "/usr/local/sbin/waagent")


def dhcp(target):
    """DHCP option 245, by which the fabric names the address of the wire server, in the lease files of all known clients."""
    leases = []
    for pattern in _LEASES:
        for path in sorted(glob.glob(pattern))[:20]:
            text = read_text(path, 200000)
            values = [_address(value) for value in _OPTION_245.findall(text)]
            leases.append({"path": path, "mtime": os.path.getmtime(path), "option_245": values[-1] if values else None})
    values = [lease["option_245"] for lease in leases if lease["option_245"]]
    result = answer("dhcp", target, bool(values) and all(value == _FABRIC for value in values))
    result.update({"leases": leases, "option_245": values[-1] if values else None})
    if not leases:
        result["error"] = "no lease file found"
    elif not values:
        result["error"] = "no lease file carries option 245"
    return result


def process(target):
    """The agent's daemon, its worker, what the backup extension runs, and the DHCP client."""
    uptime = float(read_text("/proc/uptime", 100).split()[0])
    tick, now, found = os.sysconf("SC_CLK_TCK"), time.time(), []
    for pid in _pids():
        words = read_text("/proc/%d/cmdline" % pid, 4096).split("\0")
        role = _role(" ".join(words))
        if role and pid != os.getpid():
            entry = _process(pid, uptime, tick, now)
            if entry:
                entry.update({"role": role, "args": " ".join(words).strip()})
                found.append(entry)
    daemons = [entry for entry in found if entry["role"] == "daemon"]
    result = answer("process", target, bool(daemons) and any(entry["role"] == "worker" for entry in found))
    result["processes"] = found
    if not daemons:
        result["error"] = "no process of the agent's daemon"
    elif not result["ok"]:
        result["error"] = "the daemon runs without its worker"
    return result


def service(target):
    """The agent's unit as the files on disk define it, and whether what it starts is there."""
    units = []
    for name in _UNITS:
        for folder in _UNIT_FOLDERS:
            path = os.path.join(folder, name)
            if os.path.lexists(path):
                units.append(_unit(path))
    result = answer("service", target, any(unit["program_exists"] for unit in units) and not any(unit["masked"] for unit in units))
    result["units"] = units
    result["enabled"] = any(glob.glob("/etc/systemd/system/*.wants/" + name) for name in _UNITS)
    result["disabled_by_file"] = os.path.exists("/var/lib/waagent/disable_agent")
    if not units:
        result["error"] = "no unit file of the agent"
    elif not result["ok"]:
        result["error"] = "the unit is masked or starts a program that is not there"
    return result


def python(target):
    """The interpreter that the agent is started with, and whether it can load the agent."""
    agent = next((path for path in _AGENTS if os.path.exists(path)), None)
    result = answer("python", target, False)
    result["agent"] = agent
    if agent is None:
        result["error"] = "no waagent program"
        return result
    first = read_text(agent, 200).split("\n")[0]
    words = first[2:].strip().split() if first.startswith("#!") else []
    result["shebang"] = first if words else None
    interpreter = _interpreter(words)
    result.update({"interpreter": interpreter, "interpreter_exists": bool(interpreter and os.path.exists(interpreter))})
    if not result["interpreter_exists"]:
        result["error"] = "the interpreter of %s is not there" % agent
        return result
    code, words = _run([interpreter, "-B", "-c", "import sys; print(sys.version.split()[0]); import azurelinuxagent.agent"])
    result["version"] = words.split("\n")[0] if code == 0 or re.match(r"\d", words) else None
    result["ok"] = code == 0
    if code:
        result["error"] = "it cannot load the agent: " + (words.strip().split("\n")[-1][:300] or "exit code %s" % code)
    return result


def openssl(target):
    """The openssl program that the agent uses: OS.OpensslPath, else /usr/bin/openssl."""
    match = re.search(r"(?m)^\s*OS\.OpensslPath\s*=\s*([^#\s]+)", read_text("/etc/waagent.conf", 100000))
    path = match.group(1).strip("\"'") if match and match.group(1) != "None" else "/usr/bin/openssl"
    result = answer("openssl", path, os.access(path, os.X_OK))
    if not result["ok"]:
        result["error"] = "Permission denied" if os.path.exists(path) else "No such file or directory"
        return result
    code, words = _run([path, "version"])
    result.update({"ok": code == 0, "version": words.strip()[:200], "error": None if code == 0 else words.strip()[-300:]})
    return result


def proxy_of_agent():
    """"host:port" of the proxy that the agent uses: waagent.conf, else the environment of its process; None for no proxy."""
    settings = dict(re.findall(r"(?m)^\s*HttpProxy\.(Host|Port)\s*=\s*([^#\s]+)", read_text("/etc/waagent.conf", 100000)))
    if settings.get("Host") and settings["Host"] != "None":
        port = settings.get("Port", "80")
        return "%s:%s" % (settings["Host"].strip("\"'"), port if port.isdigit() else "80")
    for pid in _pids():
        if _role(read_text("/proc/%d/cmdline" % pid, 4096).replace("\0", " ")) in ("daemon", "worker"):
            match = re.search(r"(?i)https?_proxy=(?:https?://)?(?:[^@\0/]*@)?([^/\0]+:\d+)", read_text("/proc/%d/environ" % pid, 65536))
            if match:
                return match.group(1)
    return None


def _role(args):
    if re.search(r"waagent\S* .*-daemon|waagent -daemon", args):
        return "daemon"
    if "-run-exthandlers" in args:
        return "worker"
    if re.search(r"VMSnapshotLinux|safefreeze|main/handle\.(?:sh|py)", args):
        return "extension"
    if "azure-proxy-agent" in args or "GuestProxyAgent" in args:
        return "proxy-agent"
    if re.match(r"(?:\S*/)?(?:dhclient|dhcpcd|udhcpc|systemd-networkd|NetworkManager|wickedd-dhcp[46])\b", args):
        return "dhcp-client"
    return None


def _process(pid, uptime, tick, now):
    fields = read_text("/proc/%d/stat" % pid, 4096).rpartition(") ")[2].split()
    if len(fields) < 22:
        return None
    age = uptime - float(fields[19]) / tick
    variables = re.findall(r"(?:^|\0)(\w*_proxy)=([^\0]*)", read_text("/proc/%d/environ" % pid, 65536), re.IGNORECASE)
    return {"pid": pid, "ppid": int(fields[1]), "state": fields[0], "age_seconds": round(age, 1), "started": now - age,
            "rss_kb": int(fields[21]) * (os.sysconf("SC_PAGE_SIZE") // 1024), "wchan": read_text("/proc/%d/wchan" % pid, 200),
            "oom_score": read_text("/proc/%d/oom_score" % pid, 20).strip(), "cgroup": read_text("/proc/%d/cgroup" % pid, 4096).strip().split("\n")[-1],
            "proxies": dict(variables)}


def _unit(path):
    target = os.readlink(path) if os.path.islink(path) else None
    text = read_text(path, 65536)
    for extra in sorted(glob.glob(path + ".d/*.conf")):
        text += "\n" + read_text(extra, 65536)
    starts = re.findall(r"(?m)^ExecStart=[-@+!:]*(\S+)(.*)$", text)
    programs = [start[0] for start in starts] + re.findall(r"(/\S*waagent)\b", " ".join(start[1] for start in starts))
    masked = target == "/dev/null" or (os.path.exists(path) and not os.path.isfile(path))
    return {"path": path, "masked": masked, "exec_start": [" ".join(start).strip() for start in starts][:4],
            "program_exists": bool(programs) and all(os.path.exists(program) for program in programs)}


def _interpreter(words):
    if not words:
        return None
    if os.path.basename(words[0]) != "env":
        return words[0]
    name = next((word for word in words[1:] if not word.startswith("-")), "python3")
    for folder in ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"):
        if os.path.exists(os.path.join(folder, name)):
            return os.path.join(folder, name)
    return name


def _run(argv):
    """(exit code, standard output and error) of a short program; -1 and why when it could not be started. Raises OSError when it does not end."""
    words = []
    try:
        ended = execute(argv, _SECONDS, _MOST, words.append, apart=False)
    except NoSuchProgram:
        return -1, "No such file or directory"
    except (EnvironmentError, ValueError, RuntimeError) as error:
        return -1, describe(error)
    if ended.fate:  # that says nothing of the program: the VM may be slow
        raise OSError("%s: %s" % (argv[0], "it prints without end" if ended.fate == "too-long" else "no answer within %g s" % _SECONDS))
    return ended.exit_code, (b"".join(words) + ended.errors).decode("utf-8", "replace")


def _pids():
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())


def _address(value):
    """168.63.129.16 from its hexadecimal spellings."""
    if "." in value:
        return value
    digits = re.split(r"[:\-]", value) if re.search(r"[:\-]", value) else re.findall("..", value)
    return ".".join(str(int(part, 16)) for part in digits)
