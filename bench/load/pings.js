/** Sends a number of PINGs one after the other and reports their latencies. */
import { options, report } from '../support/child.js';
import { connect } from '../support/client.js';
import { Histogram } from '../support/histogram.js';

const { port, count } = options;
const client = await connect(port);
const histogram = new Histogram();
for (let i = 0; i < count; i++) {
  const began = performance.now();
  await client.call('PING');
  histogram.add(performance.now() - began);
}
client.close();
report(histogram.summary());
