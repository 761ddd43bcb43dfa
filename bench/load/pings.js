/** Sends a number of PINGs one after the other and reports their latencies. */
import { connect } from '../support/client.js';
import { Histogram } from '../support/histogram.js';

const { port, count } = JSON.parse(process.argv[2]);
const client = await connect(port);
const histogram = new Histogram();
for (let i = 0; i < count; i++) {
  const began = performance.now();
  await client.call('PING');
  histogram.add(performance.now() - began);
}
client.close();
process.send({ report: histogram.summary() });
process.disconnect();
