"""What stands behind a telling key and is no secret: switches, messages, paths, source code, names that only hold the word.

To mask these would destroy evidence: "passwd: user unknown" is a cause. They are told from secrets by their form alone, so each
form asks for more than one sign: a message has at least two plain words and one of those that tell of an outcome.
"""

import re

from collector.rules import VERBOSE

# Behind the word, still within the name: a setting about secrets, and a name of a file, unit or source.
_ABOUT = br"""s?[_\-.]?(?:files?|path|dir(?:ectory)?|age|length|polic(?:y|ies)|expir\w*|complexity|quality|prompt|hint|retries|attempts|never_?expires
    |last_?set|format|encoding|scheme|algorithm)(?:[ \t"'\\]*[=:]|&quot;|[ \t]{2})"""
_OF_A_FILE = br"[\w\-]{0,40}\.(?:service|path|socket|timer|target|mount|slice|go|py|js|ts|java|cs|cpp|rb|php|sh|rs|log)(?![\w])"
_OF_PAM = br":(?:chauthtok|auth|account|session|setcred)\b"
# Behind the keyword of a rule: none of these follows.
NO_NAME = br"(?!" + _ABOUT + br"|" + _OF_A_FILE + br"|" + _OF_PAM + br")"

_PLAIN = br"(?:\d{1,4}:?(?=[ ])|\(?[A-Za-z][a-z/_'\-]{0,40}(?:\(\))?\)?[.,:;!]?)"
_SAID = (br"not|must|cannot|could|unknown|failed|failure|failing|fails|errors?"
         br"|bad|invalid|incorrect|wrong|unable|expired|expiry|changed|unchanged|updated|missing|required|needed|denied|rejected|accepted|found|set|successfully|succeeded|success"
         br"|completed|finished|started|stopped|deactivated|activated|running|ran|reading|waiting|retrying|skipped|disabled|enabled|ignored|ignoring|authentication|mismatch")
# A message behind a colon and a blank: plain words to its end, among them one that passwords of several words do not have.
_MESSAGE = (br"(?<=:[ ])(?=" + _PLAIN + br"(?:[ ]" + _PLAIN + br"){1,30}[ ]?(?:[\r\n\"'<\[(;]|\Z))"
            br"[^\r\n]{0,200}?(?<![\w\-])(?:" + _SAID + br")(?![\w\-])")
_ONE_WORD = br"""(?<=:[ ])(?:succeeded|failed|failure|deactivated|activated|success|expired|unknown|started|stopped|finished|required|incorrect|invalid
    |denied|mismatch|unchanged|accepted|rejected)\b[.!]?(?=[ ]?(?:[\r\n\"'<(]|\Z))"""
# What source code assigns: a call that fetches it, an attribute, an element of some settings.
_CODE = br"""(?:await[ ])?(?:(?:self|this|cls|args|opts|options|kwargs|config|conf|cfg|settings|params|request|req|os|env|environ|process|secrets?|data)(?:\.\w{1,40}|\[)
    |(?:new[ ])?(?:\w{1,40}\.)?_?(?:get|read|load|fetch|ask|prompt|input|decrypt|decode|require|lookup|resolve|generate|create|make|build|find|random)\w{0,40}(?:\.\w{1,40}){0,3}\()"""
_COMMAND = br"\$\(|`[a-z]|\$(?:\{\w{1,40}\}|[A-Za-z_]{1,40})(?=[\s\"';,)]|\Z)|%\w{1,40}%(?=[\s\"';,)]|\Z)"
# The folder of a process, which sudo and every environment write like a password of ODBC.
_FOLDER = br"(?<=pwd=)/(?:[\w.\-]{1,60}/?){0,20}(?=[\s\"';,)]|\Z)"
_PATH = br"(?<=credentials=)(?:/[\w.\-]{1,60}){2,20}(?=[\s\"';,)]|\Z)"
# Counts ("Secrets: 0 Keys: 3"), sizes ("Private-Key: (2048 bit)"), results of tests ("PASS: test_x (0.1s)").
_COUNT = br"(?<=s:[ ])\d{1,6}[ ]\w{1,20}:|\(\d{1,5}[ ]bit|(?<=pass:[ ])(?:test|check|\w{1,60}[ ]\(\d+(?:\.\d+)?[ ]?m?s\))"
NO_VALUE = br"(?!" + b"|".join((_MESSAGE, _ONE_WORD, _CODE, _COMMAND, _FOLDER, _PATH, _COUNT)) + br")"
# The quote behind the key is the one that ends a question ('Password: '), and no value follows.
NO_QUOTE = br"""(?!["'](?:[;)\]]|,[ ]|[ ]-|[ ]\w{1,30}[ \t]*(?:[;\r\n]|\Z)|[ \t]*(?:[\r\n]|\Z)))"""

# Values behind a telling key that are no secrets: switches, and what somebody else masked already.
HARMLESS = re.compile(br"""^(?:y|n|yes|no|on|off|true|false|none|null|nil|\d{1,2}|\{\}|\[\]|\*+|<null>|\(null\)|\(none\)|x+|X+|<SAS_SIGNATURE>
    |dword:[0-9a-f]{1,8}|\{\s*expire:\s*(?:true|false)\s*\}
    |\W{0,4}\[?masked:[^\r\n]*|\W{0,9}redacted\W{0,9}|(?:(?:files|compat|systemd|sss|ldap|winbind|nis|db|extrausers)\s*)+|\.{3}|(?:amd64|i386|arm64|noarch|any|all)[.,)]?|\*SENSITIVE\*DATA\*DELETED\*)$""", VERBOSE)
