#!/bin/sh
# install, update, disable, uninstall do nothing; enable and daemon look for a Python and run handle.py with it.
# Exit code 3: no Python found (the real extension's convention).
here=$(cd "$(dirname "$0")/.." && pwd)
log=/var/log/azure/Microsoft.Azure.RecoveryServices.VMSnapshotLinux/shell.log

say() {
    echo "$(LC_ALL=C date -u)- $*" >> "$log"
}

case $1 in
    enable | daemon) ;;
    install)
        mkdir -p /etc/azure
        say "The command is install, exiting with conf file copy"
        exit 0
        ;;
    *)
        say "The command is $1, exiting"
        exit 0
        ;;
esac

if [ -n "$ConfigSequenceNumber" ]; then
    say "ConfigSequenceNumber from environment variable seqNo:$ConfigSequenceNumber"
else
    say "ConfigSequenceNumber not found in environment variable seqNo:-1"
fi

cd "$here" || exit 1
code=3
for python in python3 python2.7 python2 python; do
    for folder in /usr/bin /usr/local/bin; do
        if [ -x "$folder/$python" ]; then
            say "$python path exists"
            "$folder/$python" main/handle.py "-$1"
            code=$?
            [ "$code" = 0 ] && break 2
        fi
    done
done
if [ "$code" = 3 ]; then
    say "python version unknown"
else
    say "$code returned from handle.py"
fi
exit "$code"
