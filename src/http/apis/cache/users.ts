/**
 * Who has registered, and the file that remembers it. A registration is answered when it is on the disk; the file is
 * whole at any time, and only its owner may read it.
 */
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { disk } from '../../../features/persistence/storage.js';
import { hashPassword, isPassword, isStoredPassword } from './passwords.js';

interface UsersFile {
  readonly version: 1;
  readonly users: readonly { readonly login: string; readonly password: string }[];
}

export class Users {
  /** Stored passwords by login; '' while one is being registered. */
  private readonly passwords = new Map<string, string>();
  private writing: Promise<void> = Promise.resolve();
  /** A write that has not begun, and will hold all that is known then. */
  private planned: Promise<void> | undefined;

  /** `path` tells where the file is, and undefined where there is to be none. @throws Error for a file that is none */
  constructor(private readonly path: () => string | undefined) {
    const file = path();
    if (file !== undefined) this.read(file);
  }

  /** @returns whether the login was free */
  async register(login: string, password: string): Promise<boolean> {
    if (this.passwords.has(login)) return false;
    this.passwords.set(login, '');
    try {
      this.passwords.set(login, await hashPassword(password));
      await this.save();
    } catch (error) {
      this.passwords.delete(login);
      throw error;
    }
    return true;
  }

  has(login: string): boolean {
    return (this.passwords.get(login) ?? '') !== '';
  }

  accepts(login: string, password: string): Promise<boolean> {
    return isPassword(password, this.passwords.get(login) ?? '');
  }

  private read(path: string): void {
    let text: string;
    try {
      text = fs.readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    for (const { login, password } of parsedUsers(text, path)) this.passwords.set(login, password);
  }

  private save(): Promise<void> {
    if (this.planned === undefined) {
      this.planned = this.writing.then(() => {
        this.planned = undefined;
        return this.write();
      });
      this.writing = this.planned.catch(() => {});
    }
    return this.planned;
  }

  private async write(): Promise<void> {
    const path = this.path();
    if (path === undefined) return;
    const users = [...this.passwords].flatMap(([login, password]) => (password === '' ? [] : [{ login, password }]));
    const text = `${JSON.stringify({ version: 1, users } satisfies UsersFile, null, 1)}\n`;
    const temporaryPath = join(dirname(path), `.${randomUUID()}.tmp`);
    const file = await fs.promises.open(temporaryPath, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
      await file.close();
      await disk.rename(temporaryPath, path);
    } catch (error) {
      await file.close().catch(() => {});
      disk.remove(temporaryPath);
      throw error;
    }
    await disk.syncDirectoryOf(path);
  }
}

function parsedUsers(text: string, path: string): UsersFile['users'] {
  let file: UsersFile | undefined;
  try {
    file = JSON.parse(text);
  } catch {
    // Said below.
  }
  const isWhole =
    file?.version === 1 &&
    Array.isArray(file.users) &&
    file.users.every((user) => typeof user?.login === 'string' && isStoredPassword(user.password));
  if (!isWhole) throw new Error(`${path} is no file of users: move it away, or repair it`);
  return (file as UsersFile).users;
}
