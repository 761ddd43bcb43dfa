import { describe, expect, it } from 'vitest';
import { Effects } from '../../../src/engine/effects.js';
import { Args } from '../../../src/protocol/args.js';

describe('Effects', () => {
  it('of commands that ran while nobody listened do not reach into the first one that somebody hears', () => {
    for (const leaveTrace of [
      (effects: Effects) => effects.suppress(),
      (effects: Effects) => effects.replace(0, ['DEL', 'k']),
    ]) {
      const effects = new Effects();
      leaveTrace(effects);
      const heard: string[] = [];
      effects.listen((_index, command) => heard.push(command.join(' ')));
      effects.finish(0, Args.from(['SET', 'k', 'v']), true);
      expect(heard).toEqual(['SET k v']);
    }
  });
});
