export const root: string;
export function packed(): Promise<string>;
export function builtOnce(name: string, build: (directory: string) => Promise<void> | void): Promise<string>;
export function once(lock: string, isDone: () => boolean, work: () => Promise<void> | void): Promise<void>;
export function tellFingerprint(): void;
