/**
 * Compiles as `tsc` does, and checks redstart's declarations too, but not TypeScript's and Node's, which are not what
 * is tested and take more than half of the time. Arguments: the compiler, then its options and files.
 */
const [, , compiler, ...words] = process.argv;
const ts = require(compiler);

const { options, fileNames, errors } = ts.parseCommandLine(words);
const program = ts.createProgram(fileNames, options);
const checked = program
  .getSourceFiles()
  .filter(({ fileName }) => fileNames.includes(fileName) || fileName.includes('/redstart/'));
const declarations = checked.filter(({ isDeclarationFile }) => isDeclarationFile);
if (declarations.length !== 1) throw new Error(`${declarations.length} files of declarations are redstart's`);

const found = [
  ...errors,
  ...program.getConfigFileParsingDiagnostics(),
  ...program.getOptionsDiagnostics(),
  ...program.getGlobalDiagnostics(),
  ...checked.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  // To emit all at once, it would check all.
  ...fileNames.flatMap((name) => program.emit(program.getSourceFile(name)).diagnostics),
];
if (found.length > 0) {
  const host = {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => process.cwd(),
    getNewLine: () => '\n',
  };
  process.stderr.write(ts.formatDiagnostics(found, host));
  process.exitCode = 1;
}
