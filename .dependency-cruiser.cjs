/**
 * The layers of src/, lowest first. A file may import from its own layer's folder and from any lower layer,
 * never from a higher one. A layer's folders may import one another as long as no cycle
 * appears.
 *
 * Files directly in src/ other than index.ts (version.ts, for one) are leaves: everyone may import them, they
 * import no layer.
 */
const layers = [
  ['text', 'memory', 'lua'],
  ['protocol'],
  ['config'],
  ['format'],
  ['keyspace'],
  ['engine'],
  ['types'],
  ['features'],
  ['commands'],
  ['net'],
  ['http'],
  ['server'],
  ['cli'],
];

const layerOf = (folder) => layers.findIndex((folders) => folders.includes(folder));

const inFolders = (folders) => `^src/(${folders.join('|')})/`;

const layerRules = layers.slice(0, -1).map((folders, index) => ({
  name: `${folders.length === 1 ? folders[0] : `${folders[0]}-and-peers`}-imports-no-higher-layer`,
  comment: `Lower layers do not know higher ones: ${folders.join(', ')} may not import ${layers
    .slice(index + 1)
    .flat()
    .join(', ')}.`,
  severity: 'error',
  from: { path: inFolders(folders) },
  to: { path: inFolders(layers.slice(index + 1).flat()) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'known-folders-only',
      comment: 'Every folder of src/ has a place in the list of layers; add a new one there.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: inFolders(layers.flat()) },
      to: {},
    },
    {
      name: 'nothing-imports-the-public-index',
      comment: 'index.ts is the face of the package; inside, import the file that owns the name.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/index\\.ts$' },
    },
    {
      name: 'index-imports-no-cli',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'root-files-are-leaves',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$', pathNot: '^src/index\\.ts$' },
      to: { path: '^src/[^/]+/' },
    },
    {
      name: 'deterministic-core',
      comment:
        'All below the network (but for the files of persistence) takes clock, random and I/O from outside, so that a test can replay it.',
      severity: 'error',
      from: { path: inFolders(layers.slice(0, layerOf('net')).flat()), pathNot: '^src/features/persistence/' },
      to: { path: '^(node:)?(fs|fs/promises|net|timers|timers/promises)$|(^|/)node_modules/pino/|^pino$' },
    },
    {
      name: 'values-know-bytes',
      comment: 'The value of a type writes to a ByteSink; only its commands know RESP.',
      severity: 'error',
      from: { path: '^src/types/[^/]+/', pathNot: '/commands/' },
      to: { path: '^src/protocol/reply-' },
    },
    {
      name: 'no-circular',
      comment: 'Types count, too: files that name each other can only be understood together.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'src-imports-nothing-outside',
      comment: 'Tests, benchmarks and development packages stay out of what is shipped.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts|dist)/' },
    },
    {
      name: 'runtime-packages-only',
      comment: 'What is shipped installs what it imports; pino, prom-client, ws and oauth2-server are in the bundle.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: '^node_modules/(pino|prom-client|ws|@types/ws|@node-oauth/oauth2-server)/',
      },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
