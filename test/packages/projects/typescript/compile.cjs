/**
 * Compiles as `tsc` does, once for each `--as module/resolution`, into a folder of the first's name. It checks
 * redstart's declarations too, but not TypeScript's and Node's, which are not what is tested and take more than half
 * of the time. Arguments: the compiler, then its options and files.
 */
const [, , compiler, ...words] = process.argv;
const ts = require(compiler);

/** Of other packages, which are the same for all: to read them takes as long as all else. */
const shared = new Map();

function compile(fileNames, options) {
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  host.getSourceFile = (name, ...rest) => {
    if (fileNames.includes(name) || name.includes('/redstart/')) return read(name, ...rest);
    if (!shared.has(name)) shared.set(name, read(name, ...rest));
    return shared.get(name);
  };
  const program = ts.createProgram(fileNames, options, host);
  const checked = program
    .getSourceFiles()
    .filter(({ fileName }) => fileNames.includes(fileName) || fileName.includes('/redstart/'));
  const declarations = checked.filter(({ isDeclarationFile }) => isDeclarationFile);
  if (declarations.length !== 1) throw new Error(`${declarations.length} files of declarations are redstart's`);
  return [
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...checked.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
    // To emit all at once, it would check all.
    ...fileNames.flatMap((name) => program.emit(program.getSourceFile(name)).diagnostics),
  ];
}

const kinds = words.flatMap((word, index) => (words[index - 1] === '--as' ? [word.split('/')] : []));
const common = words.filter((word, index) => word !== '--as' && words[index - 1] !== '--as');
const found = kinds.flatMap(([module, resolution]) => {
  // node10 is on its way out.
  const old = resolution === 'node10' && parseInt(ts.version, 10) >= 6 ? ['--ignoreDeprecations', '6.0'] : [];
  const how = ['--module', module, '--moduleResolution', resolution, '--outDir', module, ...old];
  const { options, fileNames, errors } = ts.parseCommandLine([...common, ...how]);
  return [...errors, ...compile(fileNames, options)];
});
if (found.length > 0) {
  const host = {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => process.cwd(),
    getNewLine: () => '\n',
  };
  process.stderr.write(ts.formatDiagnostics(found, host));
  process.exitCode = 1;
}
