"""Calls AWS as the SDK for Python does, and prints what came back as JSON.

Reads a list of [service, operation, parameters] from standard input. The endpoint, the region and
the credentials are those of the environment. Bytes are passed as {"base64": TEXT}.
"""

import base64
import json
import sys

import boto3
import botocore
from botocore.config import Config


def sent(value):
    if isinstance(value, dict):
        if set(value) == {"base64"}:
            return base64.b64decode(value["base64"])
        return {name: sent(member) for name, member in value.items()}
    if isinstance(value, list):
        return [sent(member) for member in value]
    return value


def shown(value):
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return str(value)


def call(service, operation, parameters):
    anonymous = operation == "assume_role_with_web_identity"
    settings = {"signature_version": botocore.UNSIGNED} if anonymous else {}
    # Some operations add a word before the host, and there is no such name for this machine.
    config = Config(inject_host_prefix=False, retries={"total_max_attempts": 1}, **settings)
    client = boto3.client(service, config=config)
    try:
        answer = getattr(client, operation)(**sent(parameters))
    except botocore.exceptions.ClientError as error:
        return {"error": error.response["Error"]}
    answer.pop("ResponseMetadata", None)
    return answer


print(json.dumps([call(*request) for request in json.load(sys.stdin)], default=shown))
