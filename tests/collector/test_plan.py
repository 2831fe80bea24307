"""The plan takes everything that tells a cause on each platform, says why, and never what must not be taken."""

import itertools
import json
import re
import subprocess
import sys

import pytest

from collector import plan, probes
from tests.collector import evidence
from tests.collector.running import collect

H = f"var/lib/waagent/{evidence.NAME}-1.0.9302.0"
# One example for each kind of file that tells something about a failed backup of a Linux VM.
LINUX_FILES = f"""
var/log/waagent.log var/log/waagent.log.1 var/log/waagent.log.2.gz var/log/waagent.log-2025-01-02-1735776000.gz var/log/waagent.log.old
{evidence.LOGS}/extension.log {evidence.LOGS}/shell.log {evidence.LOGS}/CommandExecution.log {evidence.LOGS}/host_based_extension.log {evidence.LOGS}/events/1735776000.json
var/log/azure/Microsoft.Azure.Extensions.CustomScript/CommandExecution.log var/log/azure-proxy-agent/ProxyAgent.log
etc/waagent.conf etc/azure/vmbackup.conf etc/azure/VMSnapshotPluginHost.conf etc/azure/VMSnapshotScriptPluginConfig.json etc/azure/workload.conf etc/waagent_policy.json
etc/azure/machine_identity_FD76C85E-406F-4CFA-8EB0-CF18B123358B etc/azure/MicrosoftRecoverySvcsSafeFreezeLock/SafeFreezeLockFile
var/lib/waagent/GoalState.7.xml var/lib/waagent/ExtensionsConfig.7.xml var/lib/waagent/HostingEnvironmentConfig.xml var/lib/waagent/SharedConfig.xml
var/lib/waagent/{evidence.NAME}.7.manifest.xml var/lib/waagent/Prod.7.agentsManifest var/lib/waagent/VmSettings.3.json var/lib/waagent/waagent_status.json var/lib/waagent/waagent_status.7.json
var/lib/waagent/Incarnation var/lib/waagent/Protocol var/lib/waagent/WireServer var/lib/waagent/WireServerEndpoint var/lib/waagent/fast_track.json var/lib/waagent/initial_goal_state
var/lib/waagent/history/2026-11-23T05-20-10__7/GoalState.xml var/lib/waagent/history/2026-11-23T05-20-10__7/ExtensionsConfig.xml var/lib/waagent/history/2026-11-23T05-20-10__7/VmSettings.json
var/lib/waagent/history/2026-11-23T05-20-10__7/waagent_status.json var/lib/waagent/history/2026-11-23T05-20-10__7/Certificates.json var/lib/waagent/history/2026-11-22T05-20-10__6.zip
var/lib/waagent/WALinuxAgent-2.15.0.1/error.json var/lib/waagent/WALinuxAgent-2.15.0.1/update_attempt.json var/lib/waagent/current_version var/lib/waagent/disable_agent
var/lib/waagent/waagent_initial_update var/lib/waagent/waagent_rsm_update var/lib/waagent/rsm_update.json var/lib/waagent/published_hostname var/lib/waagent/provisioned
var/lib/waagent/event_status.json var/lib/waagent/partition var/lib/waagent/logcollector/results.txt run/waagent.pid
{H}/HandlerManifest.json {H}/HandlerEnvironment.json {H}/config/HandlerState {H}/config/HandlerStatus {H}/config/7.settings {H}/config/6_settings {H}/status/7.status {H}/status/6_status
{H}/status/tempStatusFile.status {H}/mrseq {H}/task_identity_FD76C85E-406F-4CFA-8EB0-CF18B123365C {H}/machine_identity_FD76C85E-406F-4CFA-8EB0-CF18B123365C {H}/heartbeat.log
var/lib/waagent/Other.Extension-1.0/config/HandlerState var/lib/waagent/Other.Extension-1.0/config/HandlerStatus var/lib/waagent/Other.Extension-1.0/status/0.status
var/lib/dhcp/dhclient.eth0.leases var/lib/dhclient/dhclient-eth0.leases var/lib/dhclient/dhclient--eth0.lease var/lib/NetworkManager/dhclient-eth0.lease run/systemd/netif/leases/2
var/lib/wicked/lease-eth0-dhcp-ipv4.xml var/lib/NetworkManager/internal-1-eth0.lease run/NetworkManager/devices/2 run/cloud-init/dhclient.hooks/eth0.json var/db/dhclient.leases.hn0
etc/network/interfaces etc/network/interfaces.d/eth0 etc/netplan/50-cloud-init.yaml etc/sysconfig/network-scripts/ifcfg-eth0 etc/sysconfig/network-scripts/route-eth0 etc/sysconfig/network/ifcfg-eth0
etc/NetworkManager/system-connections/eth0.nmconnection etc/systemd/network/10-eth0.network etc/dhcp/dhclient.conf etc/resolv.conf etc/hosts etc/nsswitch.conf
etc/fstab etc/crypttab etc/os-release etc/hostname etc/timezone etc/adjtime etc/environment etc/selinux/config etc/fapolicyd/fapolicyd.conf etc/sysconfig/iptables etc/nftables.conf
etc/systemd/system/walinuxagent.service.d/proxy.conf etc/systemd/system/directsnapshot.service usr/lib/systemd/system/walinuxagent.service usr/sbin/waagent
var/log/syslog var/log/messages var/log/kern.log var/log/dmesg var/log/audit/audit.log var/log/cloud-init.log run/cloud-init/result.json run/cloud-init/status.json var/lib/cloud/data/status.json
var/log/dpkg.log var/log/apt/history.log var/log/dnf.log var/log/yum.log var/log/zypp/history
""".split()
LINUX_COMMANDS = ["ps -eo", "df -kPT", "df -iP", "cat /proc/mounts", "cat /proc/self/mountinfo", "ls -la --full-time /var/lib/waagent", "ip addr", "ip route", "ip route get 168.63.129.16", "ip rule",
                  "systemctl show walinuxagent.service", "systemctl show waagent.service", "systemctl is-enabled walinuxagent.service", "service walinuxagent status", "journalctl -u walinuxagent -u waagent",
                  "journalctl -k", "journalctl --list-boots", "waagent --version", "waagent --show-configuration", "python3 --version", "openssl version -a", "uname -a", "dpkg -S", "rpm -qf", "iptables-save", "iptables -t security",
                  "nft list ruleset", "firewall-cmd --state", "firewall-cmd --direct", "ufw status", "resolvectl status", "dmesg", "last -x", "timedatectl", "chronyc", "ntpq", "lsblk -P", "losetup", "getenforce", "ausearch", "aa-status",
                  "update-crypto-policies --show", "cloud-init status", "openssl x509", "ls -ld --full-time / /tmp", "cat /proc/locks", "free", "ss -tanp"]
WINDOWS_COMMANDS = ["sc queryex", "sc qc RdAgent", "sc qc WindowsAzureGuestAgent", "sc qc IaasVmProvider", "sc qc VSS", "vssadmin list writers", "vssadmin list providers", "vssadmin list shadows", "vssadmin list shadowstorage",
                    "ipconfig /all", "route print", "netsh winhttp show proxy", "bitsadmin /util /getieproxy localsystem", "chcp", "tasklist", "systeminfo", "fltmc", "w32tm", "wevtutil gl System"]
POWERSHELL = ["Win32_Service", "Win32_LogicalDisk", "Win32_Volume", "Win32_ShadowStorage", "Win32_OperatingSystem", "Win32_QuickFixEngineering", "Cert:", "MachineKeys", "Get-NetFirewallRule", "Get-MpPreference", "Get-PnpDevice",
              "ServiceModelSink", "Get-AuthenticodeSignature", "Get-WinEvent -ListLog"]
CHANNELS = ["System", "Application", "Microsoft-WindowsAzure-Status/GuestAgent", "Microsoft-WindowsAzure-Status/Plugins", "Windows Azure", "Setup"] + [
    "Microsoft-Windows-" + name for name in ("VolumeSnapshot-Driver/Operational", "Dhcp-Client/Admin", "DHCPv6-Client/Admin", "AppLocker/EXE and DLL", "AppLocker/MSI and Script", "CodeIntegrity/Operational",
                                             "Windows Defender/Operational", "Windows Firewall With Advanced Security/Firewall", "NetworkProfile/Operational", "NlaSvc/Operational", "NCSI/Operational", "Kernel-PnP/Configuration",
                                             "UserPnp/DeviceInstall", "Resource-Exhaustion-Detector/Operational", "CAPI2/Operational", "WMI-Activity/Operational", "TaskScheduler/Operational",
                                             "WindowsUpdateClient/Operational", "BitLocker/BitLocker Management", "Hyper-V-Guest-Drivers/Admin", "TerminalServices-LocalSessionManager/Operational")]
KEYS = ["SOFTWARE\\Microsoft\\GuestAgent", "SOFTWARE\\Microsoft\\Virtual Machine\\Guest", "SOFTWARE\\Microsoft\\Windows Azure", "SOFTWARE\\Microsoft\\WindowsAzure", "SOFTWARE\\Microsoft\\BcdrAgent",
        "SOFTWARE\\Microsoft\\BcdrAgentPersistentKeys", "NDP\\v4\\Full", "Wow6432Node\\Microsoft\\.NETFramework", "SCHANNEL\\Protocols", "Configuration\\SSL", "Tcpip\\Parameters", "Session Manager\\SubSystems", "SrpV2",
        "Control\\DeviceGuard", "CI\\Policy", "CurrentVersion\\Uninstall", "TimeZoneInformation", "RebootPending", "RebootRequired", "FirewallPolicy\\FirewallRules"] + [
    "Services\\" + name for name in ("RdAgent", "WindowsAzureGuestAgent", "IaasVmProvider", "VSS", "swprv", "COMSysApp", "MSDTC", "EventSystem", "KeyIso", "msiserver", "SQLWriter", "Dhcp")]
ITEMS = plan.load()[0]


def test_every_kind_of_file_that_tells_something_is_taken(pyz, tmp_path):
    root = tmp_path / "vm"
    for path in LINUX_FILES:
        evidence.put(root, path, evidence.zipped({"GoalState.xml": "<x/>"}) if path.endswith(".zip") else "[1]\n")
    done = collect(pyz, "--root", root, "--profile", "full")
    status = {item["path"]: item["status"] for item in done.manifest["items"] if item.get("path")}
    assert not {path: status.get("/" + path) for path in LINUX_FILES if status.get("/" + path) != "ok"}


@pytest.mark.parametrize(("system", "wanted"), [("linux", LINUX_COMMANDS), ("windows", WINDOWS_COMMANDS)])
def test_every_program_that_tells_something_is_asked(system, wanted):
    lines = [" ".join(item.argv) for item in ITEMS if item.argv and item.platform in (system, "any")]
    assert not [words for words in wanted if not any(line.startswith(words) or words in line for line in lines)]


def test_what_windows_tells_in_its_logs_registry_and_classes_is_asked():
    assert not set(CHANNELS) - {item.channel for item in ITEMS}
    assert not [key for key in KEYS if not any((item.key or "").endswith(key) for item in ITEMS)]
    scripts = [item.argv[-1] for item in ITEMS if item.argv and item.argv[0] == "powershell"]
    assert not [word for word in POWERSHELL if not any(word in script for script in scripts)]


def test_every_item_says_what_and_why_in_the_list(pyz, vm, windows_vm):
    for disk, words in itertools.product((vm, windows_vm), ([], ["--profile", "full"])):
        listed = json.loads(subprocess.check_output([sys.executable, pyz, "--list", "--json", "--root", disk, *words]))
        text = subprocess.check_output([sys.executable, pyz, "--list", "--root", disk, *words], text=True)
        assert len(listed) > 60 and len({item["id"] for item in listed}) == len(listed)
        for item in listed:
            assert len(item["why"]) >= 6 and (item["paths"] or item["argv"] or item["target"])
            assert f"{item['id']}  [{item['kind']}" in text and item["why"] in text
        assert "Never taken, wherever it stands:" in text and "transportprivate" in text


def test_what_is_vital_comes_first_and_is_in_the_smallest_profile():
    for system in ("linux", "windows"):
        items = [item for item in ITEMS if item.platform in (system, "any") and item.live]
        vital = [number for number, item in enumerate(items) if item.vital]
        assert all(items[number].profile == "min" for number in vital) and vital[-1] < len(items) / 2 and vital[:4] == [0, 1, 2, 3]


def test_every_probe_of_the_plan_can_be_made():
    known = set(probes._PROBES) | {"http", "clock", "storage"}
    assert {item.probe for item in ITEMS if item.kind == "probe"} <= known


def test_nothing_in_the_plan_changes_the_machine():
    """No program is asked to start, stop, write or delete; no item reads the account database or fetches a token."""
    lines = [" ".join(item.argv) for item in ITEMS if item.argv]
    bad = re.compile(r"\b(?:restart|start|stop|enable|disable|rm|mv|kill|fsfreeze|mount|umount|delete|Set-|Remove-|Stop-|Start-|Restart-|Clear-|resize|set-service|/setieproxy)\b(?! type)")
    assert not [line for line in lines if bad.search(line.replace("is-enabled", "").replace("mountinfo", ""))]
    wanted = " ".join(itertools.chain(*(item.paths for item in ITEMS))).lower() + " ".join(item.key or "" for item in ITEMS).lower()
    assert not re.search(r"config/sam|config/security|security\.evtx|winlogon|shadow|oauth2|\\sam\b|\.prv|\.pfx|recsvc", wanted)
    assert not [item for item in ITEMS if item.target and ("oauth2" in item.target or "recsvc" in item.target)]
