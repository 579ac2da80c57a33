"""unpack.py WHEEL FOLDER PREFIX…: unpacks those files of a wheel whose names begin with one of the prefixes."""

import sys
import zipfile

wheel, folder, *prefixes = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(folder, [name for name in archive.namelist() if name.startswith(tuple(prefixes))])
