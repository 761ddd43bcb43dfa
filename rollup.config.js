/** One file of declarations for the library. */
import dts from 'rollup-plugin-dts';

/** `import` gets what `require` gets (see rolldown.config.js), and so do its types: twice they would not fit in 1 MB. */
function moduleFace() {
  return {
    name: 'module-face',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'index.d.ts', source: "export * from './index.cjs';\n" });
    },
  };
}

export default {
  input: 'src/index.ts',
  output: {
    file: 'dist/index.d.cts',
    format: 'es',
    // Buffers in replies. Imported, since Deno knows no global types of Node's.
    banner: "import type { Buffer } from 'node:buffer';",
  },
  external: [/^node:/],
  plugins: [dts({ tsconfig: 'tsconfig.build.json' }), moduleFace()],
};
