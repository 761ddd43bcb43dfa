export function packagesDirectory(folder: string): string;
export function areInstalled(directory: string): boolean;
export function installPackages(folder: string, directory: string): Promise<void>;
