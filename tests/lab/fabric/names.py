"""Names and addresses of the fake fabric. Real where the agent knows them by heart, made up elsewhere."""

WIRESERVER = "168.63.129.16"
METADATA = "169.254.169.254"
GATEWAY = "10.0.0.1"
MACHINE = "10.0.0.4"
STORAGE = "10.20.0.10"
HOSTPLUGIN_PORT = 32526

EXTENSION = "Microsoft.Azure.RecoveryServices.VMSnapshotLinux"
VERSION = "1.0.9184.0"

PACKAGE_HOSTS = ("umsaq4m1x7zt0brk2vwd.blob.core.windows.net", "umsah9cw3ty5lnv8sjpe.blob.core.windows.net")
DISK_HOST = "md-hdd-4kq0t2bxw1nm.z11.blob.storage.azure.net"
PACKAGE_PATH = "/5237dd14-0aad-f051-0fad-1e33e1b63091"
MANIFEST_PATH = f"{PACKAGE_PATH}/5237dd14-0aad-f051-0fad-1e33e1b63091_manifest.xml"
ZIP_PATH = f"{PACKAGE_PATH}/{EXTENSION}__{VERSION}.zip"
DISK_PATH = "/x3gm0kq1vt2b/abcd"

MACHINE_NAME = "vm-app-01"
DEPLOYMENT = "5d1f0c3a-7c36-4b0e-9d59"
INSTANCE = f"{DEPLOYMENT}._{MACHINE_NAME}"
CONTAINER = "0f0c8a4e-6f0b-5a83-93a5-2f6a1a8e7c11"
VM_ID = "3b9e6a52-1c64-4d7f-8a0e-5f2d9c7b4e10"
ROLE_CONFIG = f"{DEPLOYMENT}.0.{DEPLOYMENT}.0._{MACHINE_NAME}.1.xml"
SAS = "sv=2018-03-28&sr=b&sk=system-1&sig=TGFiT25seU5vdEFTZWNyZXQ%3d&se=9999-01-01T00%3a00%3a00Z&sp=rw"
