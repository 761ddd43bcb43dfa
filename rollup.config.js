/** One file of declarations for the library, from those that tsc wrote for its modules; the same for `import` and `require`. */
import dts from 'rollup-plugin-dts';

const banner = '/// <reference types="node" />';

export default {
  input: '.tmp/types/index.d.ts',
  output: [
    { file: 'dist/index.d.ts', format: 'es', banner },
    { file: 'dist/index.d.cts', format: 'es', banner },
  ],
  external: [/^node:/],
  plugins: [dts()],
};
