export function packagesDirectory(folder: string): string;
export function areInstalled(directory: string): boolean;
export function installPackages(folder: string, directory: string): Promise<void>;

/** What the tests run with. */
export const TEST_FOLDERS: readonly string[];
