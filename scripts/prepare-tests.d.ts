export function preparations(): Promise<string>[];
