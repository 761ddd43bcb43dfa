/** Memory that goes back to the system at once. */

/**
 * Frees a buffer's memory now; nobody may use the buffer, or another view of its memory, afterwards. Dropping it would
 * leave that to a garbage collection that may be minutes away. Node 20 has no ArrayBuffer.transfer: there it goes to a
 * port that is closed already. That is one port for all: a new one's messages live until its turn to close has come.
 */
export function giveToSystem({ buffer }: { readonly buffer: ArrayBufferLike }): void {
  const transferable = buffer as ArrayBuffer & { transferToFixedLength?: (length: number) => ArrayBuffer };
  // What could be resized would keep its address space otherwise.
  if (transferable.transferToFixedLength !== undefined) transferable.transferToFixedLength(0);
  else nowhere().postMessage(null, [buffer as ArrayBuffer]);
}

type Port = InstanceType<typeof MessageChannel>['port1'];

let closedPort: Port | undefined;

function nowhere(): Port {
  if (closedPort === undefined) {
    closedPort = new MessageChannel().port1;
    closedPort.close();
  }
  return closedPort;
}
