/**
 * The threads that read and write files for Node. They are made, all at once, when the first file needs one, and where
 * the system refuses a thread its stack the process ends. So they are made at the start, while there is memory.
 */
import { access } from 'node:fs';

export function startThreadPool(): void {
  access('.', () => {});
}
