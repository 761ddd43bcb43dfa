/**
 * One file for all that a server needs: loading 130 modules one by one would take as long as all the rest of a start
 * (npm run bench -- start-up). Packages stay outside; names stay as they are, for stack traces.
 */
export default {
  input: { index: 'src/index.ts', cli: 'src/cli/main.ts' },
  platform: 'node',
  external: ['commander', 'pino'],
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    sourcemap: true,
    cleanDir: false,
  },
};
