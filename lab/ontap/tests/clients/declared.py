"""declared.py FILE: holds what the simulator declares of its endpoints against the schemas of NetApp's Python client.

FILE is JSON: for each endpoint its path, its fields by dotted path (type, values, readOnly, createOnly, required), the
paths at which lists stand, and whether objects can be made and changed. Prints each difference, and fails when there is
one.
"""

import json
import re
import sys

from endpoints import RESOURCES
from marshmallow import fields
from netapp_ontap.resource import Size

TYPES = {
    "string": fields.String,
    "integer": (Size, fields.Integer),
    "boolean": fields.Boolean,
    "time": fields.DateTime,
    "duration": fields.String,
    "size": (Size, fields.Integer),
}


def find(schema, path):
    """The field at a dotted path, whether a list stands at each of its prefixes, and its path in the client's names."""
    names, lists, field = [], [], None
    for index, key in enumerate(path.split(".")):
        if schema is None:
            return None, [], ""
        known = {one.data_key or name: (name, one) for name, one in schema.fields.items()}
        if key not in known:
            return None, [], ""
        name, field = known[key]
        names.append(name)
        if isinstance(field, fields.List):
            lists.append(".".join(path.split(".")[: index + 1]))
            field = field.inner
        schema = field.schema if isinstance(field, fields.Nested) else None
    return field, lists, ".".join(names)


def choices(field):
    for validator in field.validators:
        for cell in validator.__closure__ or ():
            if isinstance(cell.cell_contents, (list, tuple)):
                return [str(one) for one in cell.cell_contents]
    return None


def compare(path, declared, lists, schema):
    field, real_lists, name = find(schema, path)
    if field is None:
        yield "no such field"
        return
    for one in real_lists:
        if one not in lists:
            yield f"a list stands at {one}"
    type_ = declared["type"]
    if type_ != "any" and not isinstance(field, TYPES[type_]):
        yield f"declared as {type_}, is {type(field).__name__}"
    real = choices(field)
    mine = declared.get("values")
    if mine is not None and real is not None and not set(mine) <= {one.lower() for one in real} | set(real):
        yield f"values {sorted(set(mine) - set(real))} do not exist"
    if mine is None and real is not None:
        yield f"takes {'|'.join(real)} only"

    if declared.get("readOnly"):
        return

    # What nested objects list is not to be relied on: they share one schema, in which a uuid can never be set.
    def among(listed):
        return any(one == name or one.startswith(f"{name}.") or name.startswith(f"{one}.") for one in listed)

    if not among(schema.postable_fields) and not among(schema.patchable_fields):
        yield "cannot be set"
    elif not declared.get("createOnly") and not among(schema.patchable_fields):
        yield "cannot be changed"


def main():
    with open(sys.argv[1], encoding="utf-8") as text:
        endpoints = json.load(text)
    count = 0
    for endpoint in endpoints:
        path = re.sub(r":\w+", "{}", f"/api{endpoint['path']}")
        (resource,) = [one for one in RESOURCES if re.sub(r"\{[^}]*\}", "{}", one._path) == path]
        schema = resource._schema()
        for name, declared in endpoint["fields"].items():
            for problem in compare(name, declared, endpoint["lists"], schema):
                count += 1
                print(f"{endpoint['path']} {name}: {problem}")
    sys.exit(1 if count else 0)


main()
