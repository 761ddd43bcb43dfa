/**
 * Who has registered, and the file that remembers it. A registration is answered when it is on the disk; the file is
 * whole at any time, and only its owner may read it.
 */
import { hashPassword, isPassword, isStoredPassword } from '../../access/passwords.js';
import { PrivateFile } from '../../private-file.js';

interface UsersFile {
  readonly version: 1;
  readonly users: readonly { readonly login: string; readonly password: string }[];
}

export class Users {
  /** Stored passwords by login; '' while one is being registered. */
  private readonly passwords = new Map<string, string>();
  private readonly file: PrivateFile;

  /** `path` tells where the file is, and undefined where there is to be none. @throws Error for a file that is none */
  constructor(path: () => string | undefined) {
    this.file = new PrivateFile(path, () => this.content);
    const file = this.file.read();
    if (file === undefined) return;
    for (const { login, password } of parsedUsers(file.text, file.path)) this.passwords.set(login, password);
  }

  /** @returns whether the login was free */
  async register(login: string, password: string): Promise<boolean> {
    if (this.passwords.has(login)) return false;
    this.passwords.set(login, '');
    try {
      this.passwords.set(login, await hashPassword(password));
      await this.file.save();
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

  private get content(): string {
    const users = [...this.passwords].flatMap(([login, password]) => (password === '' ? [] : [{ login, password }]));
    return `${JSON.stringify({ version: 1, users } satisfies UsersFile, null, 1)}\n`;
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
