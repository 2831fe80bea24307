"""Pre- and post-scripts for application consistency, from /etc/azure/VMSnapshotScriptPluginConfig.json."""

import json
import os
import subprocess

PATH = "/etc/azure/VMSnapshotScriptPluginConfig.json"


class Scripts:
    """The configured scripts, if any."""

    def __init__(self, journal):
        self.journal, self.config = journal, None
        journal.log("Loading script modules now...")
        journal.log("Plugin host Config file does not exist in the location /etc/azure/VMSnapshotPluginHost.conf")
        journal.log("Name of the Plugin is ScriptRunner")
        journal.log("Plugin config path is %s" % PATH)
        if not os.path.isfile(PATH):
            journal.log("Plugin host file does not exist in the location %s" % PATH)
            self._fall_back("FailedPrepostPluginConfigNotFound")
            return
        mode = "%o" % (os.stat(PATH).st_mode & 0o777)
        journal.log("Permissions of the file %s are %s" % (PATH, mode))
        if mode[1:] != "00":
            journal.log("Plugin Config file does not have desired permissions")
            self._fall_back("FailedPrepostPluginConfigPermissionError")
            return
        with open(PATH) as config:
            self.config = json.load(config)

    def _fall_back(self, name):
        self.journal.log("Triggering File System Consistent Backup because of error code StatusCode.%s," % name)

    def run(self, which, key, missing, failed, timed_out):
        """Runs the `pre` or `post` script; returns 0 or the error code, and a text."""
        if not self.config:
            return 0, ""
        log, script, title = self.journal.log, self.config.get(key, ""), which.capitalize() + "script"
        if not os.path.isfile(script):
            log("%s file does not exist in the location %s" % (title, script))
            log("App Consistent Consistent Backup Enabled")
            return missing[0], "Plugin Host Precheck Failed StatusCode.%s," % missing[1]
        log("Permissions of the file %s are %o" % (script, os.stat(script).st_mode & 0o777))
        log("Running %sscript for ScriptRunner module..." % which)
        try:
            code = subprocess.call([script], timeout=self.config.get("timeoutInSeconds", 30))
        except subprocess.TimeoutExpired:
            log("%s for ScriptRunner timed out." % title)
            return timed_out[0], "%sScript failed for the plugin ScriptRunner StatusCode.%s," % (which.capitalize(), timed_out[1])
        if code == 0:
            log("%s for ScriptRunner successfully executed." % title)
            return 0, ""
        log("%s for ScriptRunner failed with error code: %s ." % (title, code))
        log("Finished %sscript execution from PluginHost side. Continue Backup: False" % which)
        message = "%sScript failed for the plugin ScriptRunner StatusCode.%s," % (which.capitalize(), failed[1])
        log(message)
        return failed[0], message

    def pre(self):
        """Before the freeze."""
        return self.run("pre", "preScriptLocation", (302, "FailedPrepostPreScriptNotFound"),
                        (300, "FailedPrepostPreScriptFailed"), (308, "FailedPrepostPreScriptTimeout"))

    def post(self):
        """After the thaw."""
        return self.run("post", "postScriptLocation", (303, "FailedPrepostPostScriptNotFound"),
                        (301, "FailedPrepostPostScriptFailed"), (309, "FailedPrepostPostScriptTimeout"))
