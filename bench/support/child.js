/** The other end of startLoad(): what a load generator's process says to the benchmark that started it. */

export const options = JSON.parse(process.argv[2]);

let hasReported = false;

export function ready() {
  process.send({ ready: true });
}

/** Hands in the result; the process then ends by itself, unless something keeps it. */
export function report(value) {
  hasReported = true;
  process.send({ report: value }, () => process.disconnect());
}

/** Says something before the result: another round is over. */
export function tell(value) {
  process.send({ told: value });
}

export function onStop(callback) {
  process.once('message', callback);
}

// Without the benchmark there is nobody to stop this.
process.once('disconnect', () => {
  if (!hasReported) process.exit(1);
});
