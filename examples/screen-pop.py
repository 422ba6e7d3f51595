#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Screen pop over MQTT: the telephone rings, the customer's card is there.

    python3 screen-pop.py 2001        needs paho-mqtt (Debian: python3-paho-mqtt)
"""
import argparse, json, pathlib, sqlite3
import paho.mqtt.client as mqtt

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=1883)
parser.add_argument("--user")
parser.add_argument("--password")
parser.add_argument("--customers", type=pathlib.Path, default=pathlib.Path(__file__).with_name("customers.sql"))
parser.add_argument("device")
args = parser.parse_args()

customers = sqlite3.connect(":memory:")
customers.executescript(args.customers.read_text(encoding="utf-8"))
shown = None  # call whose card is on the screen


def card(number):
    yield from customers.execute("SELECT name, company, address FROM customer WHERE number = ?", [number])
    yield from customers.execute("SELECT '#' || id, opened, subject FROM ticket WHERE number = ? AND open"
                                 " ORDER BY opened DESC LIMIT 3", [number])
    yield from customers.execute("SELECT day, channel, about FROM contact WHERE number = ?"
                                 " ORDER BY day DESC LIMIT 3", [number])


def on_message(client, userdata, message):
    global shown
    event = json.loads(message.payload)
    data = event["data"]
    call = data.get("connection", {})
    here = call.get("deviceID") == args.device
    kind = event["type"]
    if kind == "cti.call.delivered" and here and shown is None:
        shown = call.get("callID")
        number = data.get("callingDevice", {}).get("number", "withheld")
        print(f"\n=== {args.device} rings: {number} ===")
        for row in card(number):
            print("   ", *(word for word in row if word), sep="  ")
    elif shown is not None and call.get("callID") == shown:
        if kind == "cti.call.established" and here:
            print("--- answered")
        elif kind == "cti.call.cleared" or here and kind in ("cti.call.diverted", "cti.call.connection-cleared"):
            print(f"--- card down: {data['phase']}")
            shown = None


client = mqtt.Client()
if args.user:
    client.username_pw_set(args.user, args.password)
client.on_connect = lambda client, *rest: client.subscribe(f"cti/v1/+/+/device/{args.device}/event/#", qos=1)
client.on_message = on_message
client.connect(args.host, args.port)
client.loop_forever()
