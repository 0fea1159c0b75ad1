"""Prints AWS's own list of the endpoints of Keyspaces, from botocore, as JSON: the endpoints of each region, and the regions without one."""

import json

from botocore.loaders import Loader

cases, without = [], []
for partition in Loader().load_data("endpoints")["partitions"]:
    endpoints = partition["services"].get("cassandra", {}).get("endpoints")
    if endpoints is None:
        without += partition["regions"]
        continue
    for region, endpoint in endpoints.items():
        if endpoint.get("deprecated"):
            continue
        case = {
            "region": region,
            "host": endpoint.get("hostname") or "cassandra.{}.{}".format(region, partition["dnsSuffix"]),
        }
        for variant in endpoint.get("variants", []):
            if variant["tags"] == ["fips"]:
                case["fipsHost"] = variant["hostname"]
        cases.append(case)
print(json.dumps({"cases": cases, "without": without}))
