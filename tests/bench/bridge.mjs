// SPDX-License-Identifier: Apache-2.0
// The bridge that one would write today: asterisk-manager, JSON, zeromq or mqtt.
import AMI from "asterisk-manager";

const { OUT, AMIPORT, WHERE } = process.env;
let send;
if (OUT === "zmq") {
  const zmq = await import("zeromq");
  const pub = new zmq.XPublisher({ sendHighWaterMark: 0, noDrop: true });
  await pub.bind(WHERE);
  let queue = [], busy = false;
  send = (topic, text) => {
    queue.push(topic + "\0" + text);
    if (busy) return;
    busy = true;
    (async () => {
      while (queue.length) {
        const batch = queue;
        queue = [];
        for (const message of batch) await pub.send(message);
      }
      busy = false;
    })();
  };
} else {
  const mqtt = (await import("mqtt")).default;
  const client = mqtt.connect("mqtt://" + WHERE, { clientId: "bridge" });
  await new Promise((resolve) => client.on("connect", resolve));
  send = (topic, text) => client.publish(topic, text, { qos: 1 });
}
const ami = new AMI(+AMIPORT, "127.0.0.1", "cti", "x", true);
ami.keepConnected();
ami.on("managerevent", (event) => {
  if (event.event === "Newstate") send("cti/dev/" + event.connectedlinenum, JSON.stringify(event));
});
