/** One file of declarations for the library, from those that tsc wrote for its modules; the same for `import` and `require`. */
import dts from 'rollup-plugin-dts';

/** Buffers in replies. Imported, since Deno knows no global types of Node's. */
const banner = "import type { Buffer } from 'node:buffer';";

export default {
  input: '.tmp/types/index.d.ts',
  output: [
    { file: 'dist/index.d.ts', format: 'es', banner },
    { file: 'dist/index.d.cts', format: 'es', banner },
  ],
  external: [/^node:/],
  plugins: [dts()],
};
