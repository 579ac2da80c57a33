"""schemas.py FILE…: holds recorded answers of the simulator against the schemas of NetApp's Python client.

Each FILE has one JSON line for each answer: method, path, status, body. The client itself drops what it does not know
and converts types as it can; here every field must be one that the schema says can be read, with the very type of JSON
that the schema names and a value that its own validators accept. Prints each problem once, and fails when there is one.
"""

import datetime
import json
import re
import sys
from collections import Counter

from endpoints import RESOURCES
from marshmallow import ValidationError, fields
from netapp_ontap.models.collection_links import CollectionLinksSchema
from netapp_ontap.models.error import ErrorSchema
from netapp_ontap.models.job_link import JobLinkSchema
from netapp_ontap.resource import Size

PLAIN = [
    (fields.Boolean, bool),
    (fields.Integer, int),
    (Size, int),
    (fields.Float, (int, float)),
    (fields.Number, (int, float)),
    (fields.DateTime, str),
    (fields.String, str),
]


def pattern(resource):
    path = re.sub(r"\{[^}]*\}", "[^/]+", resource._path)
    own = [key for key in resource._keys if key not in resource._path_keys] if hasattr(resource, "_path_keys") else resource._keys
    keys = len(own) - resource._path.count("{")
    return re.compile(f"^{path}$"), re.compile(f"^{path}" + "/[^/]+" * max(keys, 0) + "$"), keys


PATTERNS = [(pattern(resource), resource) for resource in RESOURCES]


def find(path):
    for (collection, instance, keys), resource in PATTERNS:
        if keys > 0 and collection.match(path):
            return resource, False
        if instance.match(path):
            return resource, True
    return None, False


def check_record(schema, record, where, problems):
    if not isinstance(record, dict):
        problems[f"{where}: expected an object, found {kind(record)}"] += 1
        return
    known = {field.data_key or name: (name, field) for name, field in schema.fields.items()}
    for key, value in record.items():
        if key not in known:
            problems[f"{where}.{key}: no such field"] += 1
            continue
        name, field = known[key]
        readable = schema.gettable_fields
        if readable and not any(one == name or one.startswith(f"{name}.") for one in readable):
            problems[f"{where}.{key}: cannot be read"] += 1
            continue
        check_value(field, value, f"{where}.{key}", problems)


def check_value(field, value, where, problems):
    if value is None:
        problems[f"{where}: null, where ONTAP leaves a field out"] += 1
    elif isinstance(field, fields.Nested):
        check_record(field.schema, value, where, problems)
    elif isinstance(field, fields.List):
        if not isinstance(value, list):
            problems[f"{where}: expected a list, found {kind(value)}"] += 1
            return
        for element in value:
            check_value(field.inner, element, f"{where}[]", problems)
    else:
        check_plain(field, value, where, problems)


def check_plain(field, value, where, problems):
    for type_, expected in PLAIN:
        if isinstance(field, type_):
            if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
                problems[f"{where}: expected {type_.__name__}, found {kind(value)}"] += 1
                return
            break
    if isinstance(field, fields.DateTime):
        try:
            if datetime.datetime.fromisoformat(value).tzinfo is None:
                raise ValueError
        except ValueError:
            problems[f"{where}: no time with an offset: {value}"] += 1
    try:
        field.deserialize(value)
    except ValidationError as error:
        problems[f"{where}: {'; '.join(map(str, error.messages))}"] += 1


def kind(value):
    return f"{type(value).__name__} {json.dumps(value)[:60]}"


def check_answer(answer, problems):
    """Whether the answer was one of an endpoint that the schemas know."""
    path, status, body = answer["path"], answer["status"], answer["body"]
    resource, is_instance = find(path)
    if resource is None:
        return False
    where = f"{answer['method']} {resource._path}"
    if not isinstance(body, dict):
        problems[f"{where}: expected an object, found {kind(body)}"] += 1
    elif status >= 400:
        check_error(body, f"{where} ({status})", problems)
    elif answer["method"] == "GET" and is_instance:
        check_record(resource._schema(), body, where, problems)
    else:
        check_envelope(resource, body, where, problems)
    return True


def check_error(body, where, problems):
    if set(body) != {"error"}:
        problems[f"{where}: expected one error, found {sorted(body)}"] += 1
        return
    # The published model of an error lacks its target, which ONTAP's own documentation shows.
    error = {key: value for key, value in body["error"].items() if key != "target"}
    for key in ("code", "message"):
        if key not in error:
            problems[f"{where}.error.{key}: missing"] += 1
    check_record(ErrorSchema(), error, f"{where}.error", problems)


def check_envelope(resource, body, where, problems):
    for key, value in body.items():
        if key == "records":
            for record in value:
                check_record(resource._schema(), record, f"{where} records[]", problems)
        elif key == "job":
            check_record(JobLinkSchema(), value, f"{where} job", problems)
        elif key == "jobs":
            for job in value:
                check_record(JobLinkSchema(), job, f"{where} jobs[]", problems)
        elif key == "num_records":
            if type(value) is not int:
                problems[f"{where} num_records: expected int, found {kind(value)}"] += 1
        elif key == "_links":
            check_record(CollectionLinksSchema(), value, f"{where} _links", problems)
        else:
            problems[f"{where}: {key} does not belong into the answer"] += 1


def main():
    problems, seen, unknown = Counter(), Counter(), Counter()
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8") as lines:
            for line in lines:
                answer = json.loads(line)
                path = answer["path"]
                (seen if check_answer(answer, problems) else unknown)[re.sub("[0-9a-f-]{36}", "{uuid}", path)] += 1
    for problem, count in sorted(problems.items()):
        print(f"{problem} ({count} times)")
    for path, count in sorted(unknown.items()):
        print(f"not checked: {path} ({count} times)")
    for path, count in sorted(seen.items()):
        print(f"checked: {path} ({count} times)")
    sys.exit(1 if problems or not seen else 0)


main()
