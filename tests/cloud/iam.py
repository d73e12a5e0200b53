"""Says of policies what moto's evaluator of IAM makes of them.

Reads a list of [policy, [[action, resource], ...]] from standard input, and prints for each policy
a list of truth values: whether it permits.
"""

import json
import sys

from moto.iam.access_control import IAMPolicy, PermissionResult


def verdicts(policy, requests):
    evaluator = IAMPolicy({"policy_document": json.dumps(policy)})
    results = [evaluator.is_action_permitted(*request) for request in requests]
    return [result is PermissionResult.PERMITTED for result in results]


print(json.dumps([verdicts(*question) for question in json.load(sys.stdin)]))
