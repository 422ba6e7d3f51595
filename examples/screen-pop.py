#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Screen pop over MQTT: the caller's card while a telephone rings (Debian: python3-paho-mqtt)."""
import argparse, json, os, pathlib, signal, sqlite3, sys
import paho.mqtt.client as mqtt

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=1883)
parser.add_argument("device")
args = parser.parse_args()
signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends
sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)
customers = sqlite3.connect(":memory:")  # sqlite3.connect("customers.db") for your own
customers.executescript(pathlib.Path(__file__).with_name("customers.sql").read_text(encoding="utf-8"))
cards = {}  # call id: whose card it is

def show(call, data):
    if call in cards:  # QoS 1: an event may come twice
        return
    number = (data.get("originalCallingDevice") or data.get("callingDevice", {})).get("number", "withheld")
    customer = customers.execute("SELECT id, name, address FROM customers WHERE number = ?", [number]).fetchone()
    id, cards[call], address = customer or (None, number, "unknown caller")
    print(f"--- {number} rings {args.device} ---\n{cards[call]}, {address}")
    for row in customers.execute("SELECT 'ticket #' || id, subject FROM tickets WHERE customer = ? AND state = 'open'"
                                 " UNION ALL SELECT day, channel || ': ' || note FROM contacts WHERE customer = ?"
                                 " ORDER BY 1 DESC", [id, id]):
        print("   ", *row)

def on_event(kind, data, interaction):
    call, device = (data.get("connection", {}).get(key) for key in ("callID", "deviceID"))
    if kind == "cti.call.delivered" and device == args.device:
        show(call, data)
    elif kind == "cti.call.established" and device == args.device and call in cards:
        print(f"taken: answered here: {cards.pop(call)}\nconnected: interaction {interaction}")
    elif kind == "cti.call.diverted" and device == args.device and call in cards:
        why = "answered elsewhere, at" if data.get("cause") == "callPickup" else "went to"
        print(f"taken: {why} {data['newDestination'].get('number')}: {cards.pop(call)}")
    elif kind == "cti.call.transferred":  # to another call with its own id, and the customer in it
        for old, new in ((row.get("oldConnection", {}), row["newConnection"]) for row in data["transferredConnections"]):
            if new.get("deviceID") == args.device and cards.pop(old.get("callID"), None):
                show(new["callID"], data)
    elif kind == "cti.call.cleared" and call in cards:
        print(f"taken: caller gave up: {cards.pop(call)}")

def on_message(client, userdata, message):
    content = json.loads(message.payload or "{}")
    if "/event/" in message.topic:
        on_event(content["type"], content["data"], content.get("interactionid"))
    for call in content.get("calls", []) if message.retain else []:  # state: what rings when we come
        if call["state"] == "alerting":
            show(call["callID"], call)

client = mqtt.Client()
client.username_pw_set(os.environ.get("CTI_USER"), os.environ.get("CTI_PASSWORD"))
client.on_connect = lambda *_: client.subscribe(f"cti/v1/+/+/device/{args.device}/#", qos=1)
client.on_message = on_message
client.connect(args.host, args.port)
client.loop_forever()
