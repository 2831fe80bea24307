"""Tokens and keys that tell themselves, by the mark their issuer put into them, wherever they stand.

Azure's: docs of "identifiable secrets" in Azure DevOps and of Microsoft Entra client secrets; the others as the issuers document
their prefixes. What is shorter than an issuer makes it, or has other letters beside it, stays.
"""

import re

from collector.rules import Rule

# The marks in lower case, what follows it in lower case, and the token as it is spelt.
_AZURE = (
    (b"q~", br"[a-z0-9_~.\-]{28}", br"[A-Za-z0-9_~.\-]{3}[78]Q~[A-Za-z0-9_~.\-]{30,40}"),
    (b"azdo", br"[a-z0-9]{4}", br"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"),
    (b"jqqj", br"9[9dh]", br"[A-Za-z0-9+/_\-]{52}JQQJ9[9DH][A-Za-z0-9+/_\-]{20,}={0,2}"),
    (b"+as", br"b[a-z0-9+/]{5}=", br"[A-Za-z0-9+/]{33}\+ASb[A-Za-z0-9+/]{5}="),
    (b"+ae", br"h[a-z0-9+/]{5}=", br"[A-Za-z0-9+/]{33}\+AEh[A-Za-z0-9+/]{5}="),
    (b"+ar", br"m[a-z0-9+/]{5}=", br"[A-Za-z0-9+/]{33}\+ARm[A-Za-z0-9+/]{5}="),
    (b"aiot", br"[a-z0-9+/]{5}=", br"[A-Za-z0-9+/]{33}AIoT[A-Za-z0-9+/]{5}="),
    (b"azca", br"[a-p][a-z0-9]{5}=", br"[A-Za-z0-9]{33}AzCa[A-P][A-Za-z0-9]{5}="),
    (b"azfu", br"[a-z0-9_\-]{5}[aqgw]==", br"[A-Za-z0-9_\-]{44}AzFu[A-Za-z0-9_\-]{5}[AQgw]=="),
    (b"azse", br"[a-d][a-z0-9]{5}", br"[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}"),
    (b"+acr", br"[a-d][a-z0-9+/]{5}", br"[A-Za-z0-9+/]{42}\+ACR[A-D][A-Za-z0-9+/]{5}"),
)
_OTHERS = (
    (b"github_pat_", br"\w{22}", br"github_pat_\w{22,255}"),
    (b"ghp_ gho_ ghu_ ghs_ ghr_", br"[a-z0-9]{36}", br"gh[pousr]_[A-Za-z0-9]{36,255}"),
    (b"glpat- gldt- glrt- glcbt- glptt- glft- glimt- gloas- glsoat- glagent-", br"[\w\-]{20}",
     br"gl(?:pat|dt|rt|cbt|ptt|ft|imt|oas|soat|agent)-[\w\-]{20,200}"),
    (b"xox", br"[a-z]-[a-z0-9\-]{10}", br"xox[a-z]-(?:\d-)?[A-Za-z0-9\-]{10,250}"),
    (b"xapp-", br"\d-[a-z0-9\-]{10}", br"xapp-\d-[A-Za-z0-9\-]{10,250}"),
    (b"hooks.slack.com/", br"[a-z]", br"(?<=hooks\.slack\.com/)(?:services|workflows|triggers)/[\w/]{20,200}"),
    (b"/webhookb2/", br"", br"(?<=/webhookb2/)[\w\-@/]{20,300}"),
    (b"/api/webhooks/", br"\d", br"(?<=/api/webhooks/)\d{10,25}/[\w\-]{20,100}"),
    (b"akia", br"[a-z0-9]{16}", br"AKIA[A-Z0-9]{16}"),
    (b"asia", br"[a-z0-9]{16}", br"ASIA[A-Z0-9]{16}"),
    (b"aiza", br"[\w\-]{35}", br"AIza[\w\-]{35,60}"),
    (b"ya29.", br"[\w\-]{20}", br"ya29\.[\w\-]{20,500}"),
    (b"k_live_", br"[a-z0-9]{10}", br"[srp]k_live_[A-Za-z0-9]{10,200}"),
    (b"k_test_", br"[a-z0-9]{10}", br"[sr]k_test_[A-Za-z0-9]{10,200}"),
    (b"npm_", br"[a-z0-9]{36}", br"npm_[A-Za-z0-9]{36,60}"),
    (b"pypi-", br"ageichlw", br"pypi-AgEIcHlw[\w\-]{50,1000}"),
    (b"sg.", br"[\w\-]{16,32}\.", br"SG\.[\w\-]{16,32}\.[\w\-]{16,64}"),
    (b"sk-", br"[a-z0-9_\-]{32}", br"sk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]{1,9}-)?(?=[\w\-]{0,60}\d)[\w\-]{32,300}"),
    (b"hf_", br"[a-z0-9]{30}", br"hf_[A-Za-z0-9]{30,50}"),
    (b"hvs. hvb.", br"[\w\-]{20}", br"hv[sb]\.[\w\-]{20,300}"),
    (b"dapi", br"[0-9a-f]{32}", br"dapi[0-9a-f]{32}(?:-\d)?"),
    (b"doo_v1_ dop_v1_ dor_v1_", br"[0-9a-f]{64}", br"do[opr]_v1_[0-9a-f]{64}"),
    (b"glsa_", br"[a-z0-9]{32}", br"glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"),
    (b"nrak-", br"[a-z0-9]{27}", br"NRAK-[A-Z0-9]{27}"),
    (b"shp", br"(?:at|ca|pa|ss)_[0-9a-f]{32}", br"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    (b"dckr_", br"[po]at_[\w\-]{20}", br"dckr_[po]at_[\w\-]{20,60}"),
    (b"age-secret-key-", br"1[a-z0-9]{58}", br"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    (b":aa", br"[\w\-]{33}", br"\d{8,10}:AA[\w\-]{33}"),
    (b"api.telegram.org/bot", br"\d", br"bot\d{6,12}:[\w\-]{30,60}"),
    (b"gocspx-", br"[\w\-]{20}", br"GOCSPX-[\w\-]{20,60}"),
    (b"atatt3x", br"[\w\-=]{20}", br"ATATT3x[\w\-=]{20,400}"),
    (b"atctt3x", br"[\w\-=]{20}", br"ATCTT3x[\w\-=]{20,400}"),
    (b"tskey-", br"[a-z]{2,10}-[a-z0-9\-]{10}", br"tskey-[a-z]{2,10}-[A-Za-z0-9\-]{10,100}"),
    (b"dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", br"[\w.\-]{20}", br"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w\-]{2,35}\.)?[A-Za-z0-9]{40,48}"),
    (b".atlasv1.", br"[\w\-=]{20}", br"[A-Za-z0-9]{14}\.atlasv1\.[\w\-=]{30,80}"),
    (b"lin_api_", br"[a-z0-9]{32}", br"lin_(?:api|oauth)_[A-Za-z0-9]{32,64}"),
    (b"rubygems_", br"[0-9a-f]{40}", br"rubygems_[0-9a-f]{48}"),
    (b"sq0", br"(?:csp|atp|idp)-[\w\-]{20}", br"sq0(?:csp|atp|idp)-[\w\-]{20,60}"),
    (b"key-", br"[0-9a-f]{32}", br"(?<![\w\-])key-[0-9a-f]{32}"),
    (b"s.", br"[a-z0-9]{24}\b", br"(?<![\w.\-/])s\.(?=[A-Za-z]{0,23}\d)(?=[a-z0-9]{0,23}[A-Z])[A-Za-z0-9]{24}(?![\w.])"),
    (b"sntrys_ sntryu_", br"[\w=+/\-]{40}", br"sntry[su]_[\w=+/\-]{40,300}"),
    (b"pul-", br"[0-9a-f]{40}", br"pul-[0-9a-f]{40}"),
    (b"phc_ phx_", br"[a-z0-9]{40}", br"ph[cx]_[A-Za-z0-9]{40,60}"),
    (b"xkeysib-", br"[0-9a-f]{64}", br"xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}"),
    (b"figd_", br"[\w\-]{36}", br"figd_[\w\-]{36,60}"),
    (b"secret_", br"[a-z0-9]{43}", br"secret_[A-Za-z0-9]{43}"),
    (b"ops_ey", br"[\w\-]{100}", br"ops_ey[\w\-=+/]{100,2000}"),
    (b"ghcr_ cfut_ cio_", br"[a-z0-9_\-]{30}", br"(?:ghcr|cfut|cio)_[\w\-]{30,100}"),
    (b"outlook.office.com/webhook/", br"", br"(?<=outlook\.office\.com/webhook/)[\w\-@/]{36,300}"),
    (b"logic.azure.com", br"(?::\d+)?/workflows/[0-9a-f]{32}", br"(?<=/workflows/)[0-9a-f]{32}(?=/triggers)"),
    (b"/reset-password/ ", br"", br"(?<=/reset-password/)[\w.\-]{20,300}"),
)


def rules():
    """One rule for the keys of Azure, whose letters may have + and / beside them, and one for all others."""
    for kind, table, beside in ((b"key", _AZURE, br"A-Za-z0-9+/"), (b"token", _OTHERS, br"A-Za-z0-9")):
        yield Rule(kind, [(mark, after) for marks, after, _ in table for mark in marks.split()],
                   br"(?<![" + beside + br"])(?P<v>" + b"|".join(token for _, _, token in table) + br")(?![" + beside + br"])", re.VERBOSE)
