export function installed(folder: string): Promise<string>;
