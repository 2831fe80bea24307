"""The goal state in both of its shapes: the wireserver's XML and the host plugin's vmSettings JSON.

The two must agree in every attribute that the agent compares (extensions_goal_state.py, compare), else it takes neither.
"""

import json
from xml.sax.saxutils import escape, quoteattr

from . import names, update
from .state import Request, State, ticks

_BASE = f"http://{names.WIRESERVER}:80/machine/{names.DEPLOYMENT}/{names.INSTANCE.replace('_', '%5F').replace('-', '%2D')}"
_LOCATIONS = [f"https://{host}{names.MANIFEST_PATH}" for host in names.PACKAGE_HOSTS]
_AGENT_MANIFEST = f"https://{names.PACKAGE_HOSTS[0]}{update.MANIFEST}"
_STATUS_BLOB = f"https://{names.DISK_HOST}/$system/{names.MACHINE_NAME}.{names.VM_ID}.status?{names.SAS}"


def versions() -> str:
    """`/?comp=versions`."""
    return ('<?xml version="1.0" encoding="utf-8"?><Versions><Preferred><Version>2015-04-05</Version></Preferred>'
            "<Supported><Version>2015-04-05</Version><Version>2012-11-30</Version></Supported></Versions>")


def goal_state(state: State) -> str:
    """`/machine/?comp=goalstate`."""
    def link(tag: str, kind: str) -> str:
        return f"<{tag}>{_BASE}?comp=config&amp;type={kind}&amp;incarnation={state.incarnation}</{tag}>"

    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<GoalState xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:noNamespaceSchemaLocation="goalstate10.xsd">\n'
        f"  <Version>2015-04-05</Version>\n  <Incarnation>{state.incarnation}</Incarnation>\n"
        "  <Machine><ExpectedState>Started</ExpectedState><StopRolesDeadlineHint>300000</StopRolesDeadlineHint>"
        "<ExpectHealthReport>FALSE</ExpectHealthReport></Machine>\n"
        f"  <Container><ContainerId>{names.CONTAINER}</ContainerId><RoleInstanceList><RoleInstance>"
        f"<InstanceId>{names.INSTANCE}</InstanceId><State>Started</State><Configuration>\n"
        f"    {link('HostingEnvironmentConfig', 'hostingEnvironmentConfig')}\n    {link('SharedConfig', 'sharedConfig')}\n"
        f"    {link('ExtensionsConfig', 'extensionsConfig')}\n"
        f"    <Certificates>{_BASE}?comp=certificates&amp;incarnation={state.incarnation}</Certificates>\n"
        f"    <ConfigName>{names.ROLE_CONFIG}</ConfigName>\n"
        "  </Configuration></RoleInstance></RoleInstanceList></Container>\n</GoalState>\n"
    )


def configuration(kind: str, state: State) -> str:
    """A document that the goal state links to, by its `type`."""
    number, role = state.incarnation, f'guid="{{{names.VM_ID}}}" name="_{names.MACHINE_NAME}"'
    deployment = f'<Deployment name="{names.DEPLOYMENT}" guid="{{{names.VM_ID}}}" incarnation="0" />'
    if kind == "sharedConfig":
        return (f'<SharedConfig version="1.0.0.0" goalStateIncarnation="{number}">{deployment}<Role {role} />'
                f'<Instances><Instance id="_{names.MACHINE_NAME}" address="{names.MACHINE}" /></Instances></SharedConfig>')
    if kind == "hostingEnvironmentConfig":
        return (f'<HostingEnvironmentConfig version="1.0.0.0" goalStateIncarnation="{number}">{deployment}'
                f'<Incarnation number="1" instance="_{names.MACHINE_NAME}" guid="{{{names.CONTAINER}}}" /><Role {role} />'
                "</HostingEnvironmentConfig>")
    return extensions_config(state)


def extensions_config(state: State) -> str:
    """`type=extensionsConfig`: which extension is wanted, from where, with which settings."""
    request, wanted = state.request, state.knobs["version"]
    plugins = settings = metadata = ""
    if request:
        head = f"name={quoteattr(names.EXTENSION)} version={quoteattr(wanted)}"
        plugins = (f'<Plugin {head} location="{_LOCATIONS[0]}" failoverlocation="{_LOCATIONS[1]}" config="" state="enabled" '
                   'autoUpgrade="true" runAsStartupTask="false" isJson="true" useExactVersion="true" />')
        settings = (f'<Plugin {head}><RuntimeSettings seqNo="{request.sequence}">{escape(_runtime(state, request))}'
                    "</RuntimeSettings></Plugin>")
        metadata = (f'<InVMGoalStateMetaData inSvdSeqNo="{state.incarnation}" createdOnTicks="{ticks(request.made)}" '
                    f'activityId="{request.activity}" correlationId="{request.correlation}" />')
    return (
        f'<Extensions version="1.0.0.0" goalStateIncarnation="{state.incarnation}">'
        '<GuestAgentExtension xmlns:i="http://www.w3.org/2001/XMLSchema-instance">\n<GAFamilies><GAFamily><Name>Prod</Name>'
        f"<Uris><Uri>{_AGENT_MANIFEST}</Uri></Uris></GAFamily></GAFamilies><Location>eastus2</Location>\n</GuestAgentExtension>\n"
        f"<Plugins>{plugins}</Plugins>\n<PluginSettings>{settings}</PluginSettings>\n"
        f'<StatusUploadBlob statusBlobType="BlockBlob">{escape(_STATUS_BLOB)}</StatusUploadBlob>\n{metadata}\n</Extensions>'
    )


def vm_settings(state: State) -> str:
    """`/vmSettings` of the host plugin."""
    request = state.request
    document: dict[str, object] = {
        "hostGAPluginVersion": "1.0.8.167", "vmSettingsSchemaVersion": "0.0", "extensionGoalStatesSource": "Fabric",
        "onHold": False, "statusUploadBlob": {"statusBlobType": "BlockBlob", "value": _STATUS_BLOB},
        "gaFamilies": [{"name": "Prod", "uris": [_AGENT_MANIFEST]}], "extensionGoalStates": [],
    }
    if request:
        document |= {"activityId": request.activity, "correlationId": request.correlation,
                     "extensionsLastModifiedTickCount": ticks(request.made)}
        document["extensionGoalStates"] = [{
            "name": names.EXTENSION, "version": state.knobs["version"], "location": _LOCATIONS[0], "state": "enabled",
            "failoverLocation": _LOCATIONS[1], "autoUpgrade": True, "runAsStartupTask": False, "isJson": True,
            "useExactVersion": True, "settingsSeqNo": request.sequence,
            "settings": [{"protectedSettingsCertThumbprint": state.pki.thumbprint, "protectedSettings": request.protected,
                          "publicSettings": json.dumps(request.public)}],
        }]
    return json.dumps(document)


def extension_manifest() -> str:
    """The list of versions that the publisher offers, on a package host."""
    def plugin(version: str) -> str:
        uris = "".join(f"<Uri>https://{host}{names.PACKAGE_PATH}/{names.EXTENSION}__{version}.zip</Uri>"
                       for host in names.PACKAGE_HOSTS)
        return f"<Plugin><Version>{version}</Version><Uris>{uris}</Uris></Plugin>"

    return ('<?xml version="1.0" encoding="utf-8"?><PluginVersionManifest xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
            f"<Plugins>{plugin('1.0.9168.0')}{plugin(names.VERSION)}</Plugins></PluginVersionManifest>")


def _runtime(state: State, request: Request) -> str:
    return json.dumps({"runtimeSettings": [{"handlerSettings": {
        "protectedSettingsCertThumbprint": state.pki.thumbprint, "protectedSettings": request.protected,
        "publicSettings": request.public}}]})
